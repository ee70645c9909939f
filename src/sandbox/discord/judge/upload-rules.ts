import type { MessageCreate } from '#sandbox/discord/message-body.ts';
import type { Component } from '#sandbox/discord/model.ts';
import { placed } from './component-rules.ts';
import { issue, type MessagePart, type Path, type Rule, when } from './rule.ts';

type Embed = NonNullable<MessageCreate['embeds']>[number];
type Picture = { readonly path: Path; readonly url: string | undefined };

const UPLOAD = /^attachment:\/\//i;

const inEmbed = (embed: Embed, path: Path): Picture[] => [
  { path: [...path, 'image', 'url'], url: embed.image?.url },
  { path: [...path, 'thumbnail', 'url'], url: embed.thumbnail?.url },
  { path: [...path, 'footer', 'icon_url'], url: embed.footer?.icon_url },
  { path: [...path, 'author', 'icon_url'], url: embed.author?.icon_url },
];

const inComponent = (one: Component, path: Path): Picture[] => [
  { path: [...path, 'media', 'url'], url: one.media?.url },
  { path: [...path, 'file', 'url'], url: one.file?.url },
  ...(one.items ?? []).map(({ media }, at) => ({ path: [...path, 'items', at, 'media', 'url'], url: media.url })),
];

/** Every address of a picture or file that a body shows. */
const picturesOf = ({ embeds, components }: MessageCreate): Picture[] =>
  [
    ...(embeds ?? []).flatMap((embed, at) => inEmbed(embed, ['embeds', at])),
    ...placed(components ?? []).flatMap(({ one, path }) => inComponent(one, path)),
  ].filter(({ url }) => url !== undefined);

const numberOf = (field: string): string | undefined => /\[(\d+)\]/.exec(field)?.[1];

/** An upload may be given another name than its file has. */
function namesOf({ body, after, files }: MessagePart): Set<string> {
  const uploaded = files.map(
    ({ field, name }) => body.attachments?.find(({ id }) => String(id) === numberOf(field))?.filename ?? name,
  );
  return new Set([...uploaded, ...after.attachments.map(({ filename }) => filename)]);
}

const picturesAreWebOrUploads: Rule<MessagePart> = ({ body }) =>
  picturesOf(body).flatMap(({ path, url = '' }) =>
    when(
      !/^(https?|attachment):/i.test(url),
      issue(path, 'URL_TYPE_INVALID_SCHEME', "Scheme must be one of ('http', 'https', 'attachment')."),
    ),
  );

/** In an embed Discord would show nothing, without a word. */
const shownUploadsAreThere: Rule<MessagePart> = (part) => {
  const names = namesOf(part);
  return picturesOf(part.body).flatMap(({ path, url = '' }) =>
    when(
      UPLOAD.test(url) && !names.has(url.replace(UPLOAD, '')),
      issue(path, 'ATTACHMENT_NOT_FOUND', 'Attachment data not found'),
    ),
  );
};

const listedUploadsAreThere: Rule<MessagePart> = ({ body, after, files }) => {
  const known = new Set([...files.map(({ field }) => numberOf(field)), ...after.attachments.map(({ id }) => id)]);
  return (body.attachments ?? []).flatMap(({ id }, at) =>
    when(!known.has(String(id)), issue(['attachments', at], 'ATTACHMENT_NOT_FOUND', 'Attachment data not found')),
  );
};

export const UPLOAD_RULES = [picturesAreWebOrUploads, shownUploadsAreThere, listedUploadsAreThere];
