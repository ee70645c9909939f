import { discordError } from './errors.ts';
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

export function demand(world: World, channel: Channel, names: readonly PermissionName[]): void {
  const bits = BigInt(permissionsIn(world, channel, world.bot.id));
  if (!names.every((name) => holds(bits, name))) throw discordError('missingPermissions');
}

/** In threads SEND_MESSAGES does nothing; they have a permission of their own. */
export function demandSending(world: World, channel: Channel): void {
  const recipient = channel.recipients?.[0];
  if (recipient && world.closedDms.has(recipient.id)) throw discordError('cannotMessageUser');
  demand(world, channel, [isThread(channel) ? 'SEND_MESSAGES_IN_THREADS' : 'SEND_MESSAGES']);
}

/** Ephemeral messages do not exist for the bot's token. */
export function knownMessage(world: World, channel: Channel, id: string): Message {
  const message = world.messages.get(id);
  const isHere = message?.channel_id === channel.id && message.visible_to === undefined;
  if (!(message && isHere)) throw discordError('unknownMessage');
  return message;
}
