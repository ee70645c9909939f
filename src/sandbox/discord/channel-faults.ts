import { Refusal } from '#kernel/errors.ts';
import { CHANNEL, type Channel } from './model.ts';
import { channelNamed } from './people.ts';
import { bitsOf, PERMISSIONS, type PermissionName } from './permissions.ts';
import { channelView } from './views.ts';
import { emit, instant, isThread, type World } from './world.ts';

const permissionNames: readonly string[] = Object.keys(PERMISSIONS);
export const isPermission = (name: string): name is PermissionName => permissionNames.includes(name);

export const CHANNEL_DEEDS = ['delete', 'forbid', 'allow', 'archive', 'unarchive', 'lock', 'unlock'] as const;
type Deed = (typeof CHANNEL_DEEDS)[number];

/** Without these the bot sees the channel and can do nothing in it. */
const FORBIDDEN: readonly PermissionName[] = ['SEND_MESSAGES', 'SEND_MESSAGES_IN_THREADS', 'CREATE_PUBLIC_THREADS'];

/** The bot's own overwrite in a channel, replaced. */
function overwrite(world: World, channel: Channel, denied: readonly PermissionName[]): void {
  const others = (channel.permission_overwrites ?? []).filter(({ id }) => id !== world.bot.id);
  const own = { id: world.bot.id, type: 1, allow: '0', deny: bitsOf(denied).toString() };
  channel.permission_overwrites = denied.length > 0 ? [...others, own] : others;
  emit(world, 'CHANNEL_UPDATE', channelView(world, channel));
}

/** What the bot was forbidden here, by name. */
export function forbiddenIn(world: World, { permission_overwrites = [] }: Channel): readonly string[] {
  const denied = BigInt(permission_overwrites.find(({ id }) => id === world.bot.id)?.deny ?? 0);
  return permissionNames.filter((name) => isPermission(name) && (denied & PERMISSIONS[name]) !== 0n);
}

function removeChannel(world: World, channel: Channel): void {
  for (const one of [...world.channels.values()]) {
    if (one.id !== channel.id && one.parent_id !== channel.id) continue;
    const { id, guild_id, parent_id, type } = one;
    world.channels.delete(id);
    for (const message of [...world.messages.values()])
      if (message.channel_id === id) world.messages.delete(message.id);
    emit(world, isThread(one) ? 'THREAD_DELETE' : 'CHANNEL_DELETE', {
      ...channelView(world, one),
      id,
      guild_id,
      parent_id,
      type,
    });
  }
}

type Facts = { readonly archived?: boolean; readonly locked?: boolean };

const THREAD_DEEDS: Partial<Record<Deed, Facts>> = {
  archive: { archived: true },
  unarchive: { archived: false },
  lock: { archived: true, locked: true },
  unlock: { archived: false, locked: false },
};

function changeThread(world: World, channel: Channel, facts: Facts): void {
  if (!channel.thread_metadata)
    throw new Refusal('bad_fault', `#${channel.name} is no thread; only threads are archived and locked.`);
  Object.assign(channel.thread_metadata, facts, { archive_timestamp: instant(world) });
  emit(world, 'THREAD_UPDATE', channelView(world, channel));
}

function demandRights(channel: Channel): void {
  if (channel.type === CHANNEL.DM || isThread(channel)) {
    throw new Refusal('bad_fault', 'Permissions are set on channels, not on threads or direct messages.');
  }
}

type ChannelFault = { readonly channel: string; readonly do: Deed; readonly permissions?: readonly string[] };

export function changeChannel(world: World, fault: ChannelFault): void {
  const channel = channelNamed(world, fault.channel);
  const facts = THREAD_DEEDS[fault.do];
  if (facts) changeThread(world, channel, facts);
  else if (fault.do === 'delete') removeChannel(world, channel);
  else {
    demandRights(channel);
    const denied = (fault.permissions ?? FORBIDDEN).filter(isPermission);
    overwrite(world, channel, fault.do === 'forbid' ? denied : []);
  }
}

/** Gives the bot its permissions back, and opens every thread. */
export function mendChannels(world: World): void {
  for (const channel of world.channels.values()) {
    const { thread_metadata: thread } = channel;
    if (forbiddenIn(world, channel).length > 0) overwrite(world, channel, []);
    if (thread?.archived || thread?.locked) changeThread(world, channel, { archived: false, locked: false });
  }
}
