import { componentIssues, numbered } from './components.ts';
import { discordError, type FormIssue, invalidForm } from './errors.ts';
import { pingedBy } from './mentions.ts';
import type { MessageCreate, MessageEdit } from './message-body.ts';
import { type Attachment, type Channel, FLAG, type Message, type User } from './model.ts';
import { channelView, messageView } from './views.ts';
import { emit, instant, isThread, type StoredFile, type World } from './world.ts';

export type NewMessage = {
  readonly channel: Channel;
  readonly author: User;
  readonly body: MessageCreate;
  readonly files: readonly UploadedFile[];
  /** Interaction and webhook messages parse users only. */
  readonly isFromInteraction?: boolean;
  readonly visibleTo?: string;
  readonly extra?: Partial<Message>;
};

export type UploadedFile = StoredFile & { readonly field: string };

const MENTION_ALL = ['users', 'roles', 'everyone'] as const;
const MENTION_USERS = ['users'] as const;
const MAX_EMBED_TEXT = 6000;

function embedTextLength(embeds: Message['embeds']): number {
  return embeds.reduce(
    (sum, embed) =>
      sum +
      (embed.title?.length ?? 0) +
      (embed.description?.length ?? 0) +
      (embed.footer?.text.length ?? 0) +
      (embed.author?.name.length ?? 0) +
      (embed.fields ?? []).reduce((all, field) => all + field.name.length + field.value.length, 0),
    0,
  );
}

function allowedMentionIssues(allowed: MessageEdit['allowed_mentions']): FormIssue[] {
  const both = (['users', 'roles'] as const).filter((kind) => allowed?.parse?.includes(kind) && allowed[kind]?.length);
  return both.map((kind) => ({
    path: ['allowed_mentions'],
    code: 'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
    message: `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
  }));
}

/** The rules that hold between fields, for what a message would be after a create or an edit. */
function judge(after: Pick<Message, 'content' | 'components' | 'embeds' | 'flags'>, body: MessageEdit): void {
  const isV2 = (after.flags & FLAG.COMPONENTS_V2) !== 0;
  const mixed: FormIssue[] =
    isV2 && (after.content !== '' || after.embeds.length > 0)
      ? [
          {
            path: [after.content === '' ? 'embeds' : 'content'],
            code: 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
            message: 'The field cannot be used when using MessageFlags.IS_COMPONENTS_V2',
          },
        ]
      : [];
  const embeds: FormIssue[] =
    embedTextLength(after.embeds) > MAX_EMBED_TEXT
      ? [{ path: ['embeds'], code: 'MAX_EMBED_SIZE_EXCEEDED', message: 'Embed size exceeds maximum size of 6000' }]
      : [];
  const issues = [
    ...mixed,
    ...embeds,
    ...allowedMentionIssues(body.allowed_mentions),
    ...componentIssues(after.components, after.flags),
  ];
  if (issues.length > 0) throw invalidForm(issues);
}

function stored(world: World, channel: Channel, body: MessageEdit, files: readonly UploadedFile[]): Attachment[] {
  return files.map((file) => {
    const id = world.newId();
    world.files.set(id, file);
    const field = /\[(\d+)\]/.exec(file.field)?.[1];
    const named = body.attachments?.find((one) => String(one.id) === field);
    const url = `${world.origin}/attachments/${channel.id}/${id}/${encodeURIComponent(file.name)}`;
    return {
      id,
      filename: named?.filename ?? file.name,
      size: file.bytes.length,
      url,
      proxy_url: url,
      content_type: file.contentType,
      ...(named?.description !== undefined && { description: named.description }),
    };
  });
}

function isEmpty(message: Pick<Message, 'content' | 'components' | 'embeds' | 'attachments'>): boolean {
  return (
    message.content.trim() === '' &&
    message.embeds.length === 0 &&
    message.components.length === 0 &&
    message.attachments.length === 0
  );
}

const KEPT_FLAGS = FLAG.EPHEMERAL | FLAG.COMPONENTS_V2 | (1 << 2) | (1 << 12);

function referenceOf(world: World, { channel, body }: NewMessage) {
  const target = body.message_reference && world.messages.get(body.message_reference.message_id);
  if (!body.message_reference) return undefined;
  if (target?.channel_id === channel.id) return target;
  if (body.message_reference.fail_if_not_exists === false) return undefined;
  throw invalidForm([
    { path: ['message_reference'], code: 'MESSAGE_REFERENCE_UNKNOWN_MESSAGE', message: 'Unknown message' },
  ]);
}

/** Judges and posts a message, and tells everybody who may know of it. */
export function postMessage(world: World, made: NewMessage): Message {
  const { channel, author, body } = made;
  const draft = {
    content: body.content ?? '',
    embeds: body.embeds ?? [],
    components: numbered(body.components ?? []),
    flags: (body.flags ?? 0) & KEPT_FLAGS,
  };
  judge(draft, body);
  const repliedTo = referenceOf(world, made);
  if (isEmpty({ ...draft, attachments: [] }) && made.files.length === 0) throw discordError('emptyMessage');
  const attachments = stored(world, channel, body, made.files);
  const pinged = pingedBy(world, made, {
    content: draft.content,
    components: draft.components,
    allowed: body.allowed_mentions,
    byDefault: made.isFromInteraction ? MENTION_USERS : MENTION_ALL,
    ...(repliedTo && { repliedTo: repliedTo.author }),
  });
  const message: Message = {
    id: world.newId(),
    channel_id: channel.id,
    ...(channel.guild_id !== undefined && { guild_id: channel.guild_id }),
    author,
    timestamp: instant(world),
    type: repliedTo ? 19 : 0,
    ...draft,
    edited_timestamp: null,
    ...pinged,
    attachments,
    reactions: [],
    ...(body.nonce !== undefined && { nonce: body.nonce }),
    ...(repliedTo && { message_reference: { message_id: repliedTo.id, channel_id: channel.id } }),
    ...(made.visibleTo !== undefined && { visible_to: made.visibleTo }),
    ...made.extra,
  };
  return announce(world, channel, message);
}

/** Puts a finished message into its channel. A message revives an archived thread, unless it is locked. */
export function announce(world: World, channel: Channel, message: Message): Message {
  world.messages.set(message.id, message);
  if (message.visible_to === undefined) {
    channel.last_message_id = message.id;
    if (channel.message_count !== undefined) channel.message_count += 1;
    if (channel.thread_metadata?.archived) {
      channel.thread_metadata.archived = false;
      emit(world, 'THREAD_UPDATE', channelView(world, channel));
    }
  }
  emit(world, 'MESSAGE_CREATE', messageView(world, message), message.visible_to === undefined ? 'bot' : 'page');
  return message;
}

export type MessageChange = {
  readonly message: Message;
  readonly channel: Channel;
  readonly body: MessageEdit;
  readonly files: readonly UploadedFile[];
  readonly isFromInteraction?: boolean;
};

/** An edit mentions anew: without `allowed_mentions` of its own the default parses everything again. */
export function editMessage(world: World, change: MessageChange): Message {
  const { message, channel, body } = change;
  if (channel.thread_metadata?.archived) throw discordError('archivedThread');
  const after = {
    content: body.content === undefined ? message.content : (body.content ?? ''),
    embeds: body.embeds === undefined ? message.embeds : (body.embeds ?? []),
    components: body.components === undefined ? message.components : numbered(body.components ?? []),
    flags: (message.flags & ~FLAG.LOADING) | ((body.flags ?? 0) & (FLAG.COMPONENTS_V2 | (1 << 2))),
  };
  judge(after, body);
  // From API version 10 on, attachments that an edit does not list are dropped.
  const kept =
    body.attachments == null
      ? message.attachments
      : message.attachments.filter((old) => body.attachments?.some((one) => String(one.id) === old.id));
  if (isEmpty({ ...after, attachments: kept }) && change.files.length === 0) throw discordError('emptyMessage');
  const pinged = pingedBy(
    world,
    { channel, author: message.author },
    {
      content: after.content,
      components: after.components,
      allowed: body.allowed_mentions,
      byDefault: change.isFromInteraction ? MENTION_USERS : MENTION_ALL,
    },
  );
  const attachments = [...kept, ...stored(world, channel, body, change.files)];
  Object.assign(message, after, pinged, { attachments, edited_timestamp: instant(world) });
  const audience = message.visible_to === undefined ? 'bot' : 'page';
  emit(world, 'MESSAGE_UPDATE', messageView(world, message), audience);
  return message;
}

export function deleteMessage(world: World, message: Message): void {
  world.messages.delete(message.id);
  const { id, channel_id, guild_id } = message;
  const audience = message.visible_to === undefined ? 'bot' : 'page';
  emit(world, 'MESSAGE_DELETE', { id, channel_id, ...(guild_id !== undefined && { guild_id }) }, audience);
}

export const threadOf = (world: World, message: Message): Channel | undefined => {
  const thread = world.channels.get(message.id);
  return thread && isThread(thread) ? thread : undefined;
};
