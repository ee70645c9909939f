import { discordError } from './errors.ts';
import type { MessageEdit } from './message-body.ts';
import type { Channel, Message } from './model.ts';
import { holds, type PermissionName } from './permissions.ts';
import { permissionsIn } from './views.ts';
import { isThread, type World } from './world.ts';

/** A channel that the bot can see: 10003 when it is gone, 50001 when it is hidden. */
export function visibleChannel(world: World, id: string): Channel {
  const channel = world.channels.get(id);
  if (!channel) throw discordError('unknownChannel');
  if (!holds(BigInt(permissionsIn(world, channel, world.bot.id)), 'VIEW_CHANNEL')) throw discordError('missingAccess');
  return channel;
}

export const isAllowed = (world: World, channel: Channel, name: PermissionName): boolean =>
  holds(BigInt(permissionsIn(world, channel, world.bot.id)), name);

export function demand(world: World, channel: Channel, names: readonly PermissionName[]): void {
  if (!names.every((name) => isAllowed(world, channel, name))) throw discordError('missingPermissions');
}

/** In threads SEND_MESSAGES does nothing, they have a permission of their own; a locked one is for its managers. */
export function demandSending(world: World, channel: Channel): void {
  const recipient = channel.recipients?.[0];
  if (recipient && world.closedDms.has(recipient.id)) throw discordError('cannotMessageUser');
  demand(world, channel, [isThread(channel) ? 'SEND_MESSAGES_IN_THREADS' : 'SEND_MESSAGES']);
  if (channel.thread_metadata?.locked && !isAllowed(world, channel, 'MANAGE_THREADS'))
    throw discordError('lockedThread');
}

export function demandHistoryToReply(world: World, channel: Channel): void {
  if (!isAllowed(world, channel, 'READ_MESSAGE_HISTORY')) throw discordError('replyWithoutHistory');
}

type Embedding = Pick<MessageEdit, 'content' | 'embeds' | 'components'>;

export const isOnlyEmbeds = ({ content, embeds }: Embedding): boolean =>
  (embeds?.length ?? 0) > 0 && (content ?? '').trim() === '';

/**
 * Without EMBED_LINKS a bot's embeds vanish in silence, from a new message and from an edit; answers to interactions
 * may always have them. (That a message of nothing but embeds is refused instead is seen, not documented.)
 */
export function withoutForbiddenEmbeds<Body extends Embedding>(world: World, channel: Channel, body: Body): Body {
  if (!body.embeds?.length || isAllowed(world, channel, 'EMBED_LINKS')) return body;
  return { ...body, embeds: [] };
}

/** Ephemeral messages do not exist for the bot's token. */
export function knownMessage(world: World, channel: Channel, id: string): Message {
  const message = world.messages.get(id);
  const isHere = message?.channel_id === channel.id && message.visible_to === undefined;
  if (!(message && isHere)) throw discordError('unknownMessage');
  return message;
}
