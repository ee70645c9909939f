import type { MessageCreate } from '#sandbox/discord/message-body.ts';
import { isBlank, issue, type MessagePart, type Path, type Rule, required, sizeOf, when } from './rule.ts';

type Embed = NonNullable<MessageCreate['embeds']>[number];

const MAX_EMBED_TEXT = 6000;

/** A colour, a time or an address alone makes no embed. */
export const embedSaysSomething = (embed: Embed): boolean =>
  [embed.title, embed.description, embed.footer?.text, embed.author?.name].some((text) => !isBlank(text)) ||
  (embed.fields ?? []).length > 0 ||
  [embed.image, embed.thumbnail].some((picture) => picture !== undefined);

const embedsUpTo6000InSum: Rule<MessagePart> = ({ body }) => {
  const texts = (body.embeds ?? []).flatMap(({ title, description, footer, author, fields = [] }) => [
    title,
    description,
    footer?.text,
    author?.name,
    ...fields.flatMap(({ name, value }) => [name, value]),
  ]);
  const size = texts.reduce((sum, text) => sum + sizeOf(text), 0);
  const sentence = `Embed size exceeds maximum size of ${MAX_EMBED_TEXT}`;
  return when(size > MAX_EMBED_TEXT, issue(['embeds'], 'MAX_EMBED_SIZE_EXCEEDED', sentence));
};

const embedFieldsSaySomething: Rule<MessagePart> = ({ body }) =>
  (body.embeds ?? []).flatMap(({ fields = [] }, embed) =>
    fields.flatMap((field, at) =>
      (['name', 'value'] as const).flatMap((key) =>
        when(isBlank(field[key]), required(['embeds', embed, 'fields', at, key])),
      ),
    ),
  );

const embedEdgesSaySomething: Rule<MessagePart> = ({ body }) =>
  (body.embeds ?? []).flatMap(({ footer, author }, at) => [
    ...when(footer !== undefined && isBlank(footer.text), required(['embeds', at, 'footer', 'text'])),
    ...when(author !== undefined && isBlank(author.name), required(['embeds', at, 'author', 'name'])),
  ]);

type Address = { readonly path: Path; readonly url: string | undefined };

/** What a person may press; pictures may also be uploads, and are looked at with those. */
const linksOf = ({ url, author }: Embed): Address[] => [
  { path: ['url'], url },
  { path: ['author', 'url'], url: author?.url },
];

const embedLinksAreWeb: Rule<MessagePart> = ({ body }) =>
  (body.embeds ?? []).flatMap((embed, at) =>
    linksOf(embed).flatMap(({ path, url }) =>
      when(
        url !== undefined && !/^https?:/i.test(url),
        issue(['embeds', at, ...path], 'URL_TYPE_INVALID_SCHEME', "Scheme must be one of ('http', 'https')."),
      ),
    ),
  );

export const EMBED_RULES = [embedsUpTo6000InSum, embedFieldsSaySomething, embedEdgesSaySomething, embedLinksAreWeb];
