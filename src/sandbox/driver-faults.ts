import { z } from 'zod';
import { Refusal } from '#kernel/errors.ts';
import { CHANNEL, type Channel } from '#sandbox/discord/model.ts';
import { accountNamed, channelNamed } from '#sandbox/discord/people.ts';
import { bitsOf, PERMISSIONS, type PermissionName } from '#sandbox/discord/permissions.ts';
import type { Discord } from '#sandbox/discord/server.ts';
import { channelView } from '#sandbox/discord/views.ts';
import { emit, isThread, type World } from '#sandbox/discord/world.ts';

const permissionNames: readonly string[] = Object.keys(PERMISSIONS);
const isPermission = (name: string): name is PermissionName => permissionNames.includes(name);

/** Without these the bot sees the channel and can do nothing in it. */
const FORBIDDEN: readonly PermissionName[] = ['SEND_MESSAGES', 'SEND_MESSAGES_IN_THREADS', 'CREATE_PUBLIC_THREADS'];

const restFault = z.strictObject({
  match: z.strictObject({ method: z.string().optional(), path: z.string().optional() }).default({}),
  kind: z.enum(['error_before', 'error_after', 'reset_after', 'slow', 'late', '429']),
  status: z.int().min(400).max(599).default(500),
  code: z.int().default(0),
  times: z.int().min(1).default(1),
  delayMs: z.int().min(0).default(1_000),
  retryAfterS: z.number().min(0).default(1),
});

export const faultBody = z
  .strictObject({
    gateway: z.enum(['drop', 'reconnect', 'invalid_session']).optional(),
    rest: restFault.optional(),
    channel: z.string().optional(),
    do: z.enum(['delete', 'forbid', 'allow', 'archive']).optional(),
    permissions: z.array(z.string().refine(isPermission, 'is no permission that the sandbox knows')).optional(),
    tokens: z.literal('expire').optional(),
    dms: z.enum(['closed', 'open']).optional(),
    for: z.string().optional(),
    latencyMs: z.int().min(0).max(60_000).optional(),
    limits: z.enum(['on', 'off']).optional(),
    jules: z.record(z.string(), z.unknown()).optional(),
    clear: z.literal(true).optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'Name a fault, such as {"gateway": "drop"}.')
  .refine((body) => (body.channel === undefined) === (body.do === undefined), '"channel" and "do" belong together.')
  .refine((body) => (body.dms === undefined) === (body.for === undefined), '"dms" and "for" belong together.');

export type FaultBody = z.infer<typeof faultBody>;

type JulesFaults = { fault(body: unknown): unknown; clearFaults?(): void };

export type FaultDeps = {
  readonly discord: Pick<Discord, 'world' | 'gateway' | 'faults' | 'limits' | 'latency'>;
  readonly jules?: JulesFaults | undefined;
};

/** The bot's own overwrite in a channel, replaced. */
function overwrite(world: World, channel: Channel, denied: readonly PermissionName[]): void {
  const others = (channel.permission_overwrites ?? []).filter(({ id }) => id !== world.bot.id);
  const own = { id: world.bot.id, type: 1, allow: '0', deny: bitsOf(denied).toString() };
  channel.permission_overwrites = denied.length > 0 ? [...others, own] : others;
  emit(world, 'CHANNEL_UPDATE', channelView(world, channel));
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

function archive(world: World, channel: Channel): void {
  if (!channel.thread_metadata)
    throw new Refusal('bad_fault', `#${channel.name} is no thread; only threads are archived.`);
  channel.thread_metadata.archived = true;
  channel.thread_metadata.archive_timestamp = new Date(world.now()).toISOString();
  emit(world, 'THREAD_UPDATE', channelView(world, channel));
}

function changeChannel(world: World, fault: FaultBody): void {
  if (fault.channel === undefined || fault.do === undefined) return;
  const channel = channelNamed(world, fault.channel);
  if (fault.do === 'delete') removeChannel(world, channel);
  else if (fault.do === 'archive') archive(world, channel);
  else changeRights(world, channel, fault);
}

function changeRights(world: World, channel: Channel, fault: FaultBody): void {
  if (channel.type === CHANNEL.DM || isThread(channel)) {
    throw new Refusal('bad_fault', `Permissions are set on channels, not on threads or direct messages.`);
  }
  const denied = (fault.permissions ?? FORBIDDEN).filter(isPermission);
  overwrite(world, channel, fault.do === 'forbid' ? denied : []);
}

function clear({ discord, jules }: FaultDeps): void {
  discord.faults.clear();
  discord.limits.isOn = true;
  discord.world.closedDms.clear();
  jules?.clearFaults?.();
  for (const channel of discord.world.channels.values()) {
    if (channel.permission_overwrites?.some(({ id }) => id === discord.world.bot.id))
      overwrite(discord.world, channel, []);
  }
}

function changeDms(world: World, fault: FaultBody): void {
  if (fault.for === undefined) return;
  const { id } = accountNamed(world, fault.for);
  if (fault.dms === 'closed') world.closedDms.add(id);
  else world.closedDms.delete(id);
}

function cutGateway({ gateway }: FaultDeps['discord'], how: FaultBody['gateway']): void {
  if (how === 'drop') gateway.drop();
  if (how === 'reconnect') gateway.reconnect();
  if (how === 'invalid_session') gateway.invalidate();
}

export function orderFault(deps: FaultDeps, fault: FaultBody): void {
  const { discord, jules } = deps;
  const { world } = discord;
  if (fault.clear) clear(deps);
  changeChannel(world, fault);
  changeDms(world, fault);
  if (fault.rest) discord.faults.add(fault.rest, fault.rest.times);
  if (fault.tokens) for (const interaction of world.interactions.values()) interaction.expiresAt = world.now();
  if (fault.latencyMs !== undefined) discord.latency.ms = fault.latencyMs;
  if (fault.limits) discord.limits.isOn = fault.limits === 'on';
  if (fault.jules) {
    if (!jules) throw new Refusal('bad_fault', 'There is no simulated Jules here.');
    jules.fault(fault.jules);
  }
  cutGateway(discord, fault.gateway);
}
