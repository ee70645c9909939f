import { numbered } from './components.ts';
import { discordError, invalidForm } from './errors.ts';
import { type Draft, draftOf } from './judge/draft.ts';
import { pingedBy } from './mentions.ts';
import type { MessageCreate, MessageEdit } from './message-body.ts';
import type { Attachment, Channel, Message, User } from './model.ts';
import { channelView, messageEvent } from './views.ts';
import { emit, instant, isThread, type StoredFile, type World } from './world.ts';

export type NewMessage = {
  readonly channel: Channel;
  readonly author: User;
  readonly body: MessageCreate;
  readonly files: readonly UploadedFile[];
  /** What is said of the size of a file, by its place, where it is not the truth. */
  readonly sizes?: ReadonlyMap<number, number>;
  /** Interaction and webhook messages parse users only. */
  readonly isFromInteraction?: boolean;
  readonly visibleTo?: string;
  readonly extra?: Partial<Message>;
};

export type UploadedFile = StoredFile & { readonly field: string };

const MENTION_ALL = ['users', 'roles', 'everyone'] as const;
const MENTION_USERS = ['users'] as const;

const numberedDraft = (draft: Draft): Draft => ({ ...draft, components: numbered(draft.components) });

type Uploads = Pick<NewMessage, 'files' | 'sizes'>;

function stored(world: World, channel: Channel, body: MessageEdit, { files, sizes }: Uploads): Attachment[] {
  return files.map((file, at) => {
    const id = world.newId();
    world.files.set(id, file);
    const field = /\[(\d+)\]/.exec(file.field)?.[1];
    const named = body.attachments?.find((one) => String(one.id) === field);
    const url = `${world.origin}/attachments/${channel.id}/${id}/${encodeURIComponent(file.name)}`;
    return {
      id,
      filename: named?.filename ?? file.name,
      size: sizes?.get(at) ?? file.bytes.length,
      url,
      proxy_url: url,
      content_type: file.contentType,
      ...(named?.description !== undefined && { description: named.description }),
    };
  });
}

function referenceOf(world: World, { channel, body }: NewMessage) {
  const target = body.message_reference && world.messages.get(body.message_reference.message_id);
  if (!body.message_reference) return undefined;
  if (target?.channel_id === channel.id) return target;
  if (body.message_reference.fail_if_not_exists === false) return undefined;
  throw invalidForm([
    { path: ['message_reference'], code: 'MESSAGE_REFERENCE_UNKNOWN_MESSAGE', message: 'Unknown message' },
  ]);
}

/** Posts a message that the judge has passed, and tells everybody who may know of it. */
export function postMessage(world: World, made: NewMessage): Message {
  const { channel, author, body } = made;
  const { attachments: _, ...draft } = numberedDraft(draftOf(undefined, body));
  const repliedTo = referenceOf(world, made);
  const attachments = stored(world, channel, body, made);
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
    ...(body.nonce != null && { nonce: body.nonce }),
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
  emit(world, 'MESSAGE_CREATE', messageEvent(world, message), message.visible_to === undefined ? 'bot' : 'page');
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
  const { attachments: kept, ...after } = numberedDraft(draftOf(message, body));
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
  const attachments = [...kept, ...stored(world, channel, body, change)];
  Object.assign(message, after, pinged, { attachments, edited_timestamp: instant(world) });
  const audience = message.visible_to === undefined ? 'bot' : 'page';
  emit(world, 'MESSAGE_UPDATE', messageEvent(world, message), audience);
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
