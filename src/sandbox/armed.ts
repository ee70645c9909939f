import { forbiddenIn } from '#sandbox/discord/channel-faults.ts';
import type { RestFault } from '#sandbox/discord/faults.ts';
import { leftGuilds } from '#sandbox/discord/membership.ts';
import { identifiesLeft } from '#sandbox/discord/rate-limits.ts';
import type { World } from '#sandbox/discord/world.ts';
import type { FaultDeps } from './driver-faults.ts';

/** A fault that waits or lasts: `fault` is the word of the body that orders it, `left` how often it will still happen. */
type Armed = { readonly fault: string; readonly says: string; readonly left?: number };

const seconds = (ms: number) => `${ms / 1000} s`;

function whatHappens({ kind, status, delayMs, retryAfterS, scope = 'user' }: RestFault): string {
  switch (kind) {
    case 'error_before':
      return `${status} instead of the work`;
    case 'error_after':
      return `${status} after the work`;
    case 'reset_before':
      return 'cut before the work';
    case 'reset_after':
      return 'cut after the work';
    case 'reset_mid_body':
      return 'cut in the middle of the answer';
    case 'slow':
      return `done, answered ${seconds(delayMs)} later`;
    case 'late':
      return `done ${seconds(delayMs)} later`;
    case '429':
      return `429 (${scope}), ${retryAfterS} s of patience`;
  }
}

const restArmed = ({ faults }: FaultDeps['discord']): Armed[] =>
  faults.armed().map(({ fault, left }) => {
    const { method = 'Any request', path = '' } = fault.match;
    return { fault: 'rest', says: `${`${method} ${path}`.trim()}: ${whatHappens(fault)}`, left };
  });

function channelsArmed(world: World): Armed[] {
  return [...world.channels.values()].flatMap((channel) => {
    const { name, thread_metadata: thread } = channel;
    const forbidden = forbiddenIn(world, channel);
    // The name of a thread may begin with the number of its task: "#12 Fix the login".
    const place = name.startsWith('#') ? name : `#${name}`;
    // Who locks a thread archives it too: that is one fault.
    const state = thread?.locked ? 'locked' : thread?.archived ? 'archived' : undefined;
    return [
      ...(forbidden.length > 0 ? [{ fault: 'channel', says: `${place}: the bot lost ${forbidden.join(', ')}` }] : []),
      ...(state ? [{ fault: 'channel', says: `${place} is ${state}` }] : []),
    ];
  });
}

function dmsArmed({ closedDms, users }: World): Armed[] {
  const nameOf = (id: string) => users.get(id)?.username ?? id;
  return [...closedDms].map((id) => ({ fault: 'dms', says: `${nameOf(id)} takes no direct messages` }));
}

function limitsArmed({ world, limits, buckets, bans, gateway }: FaultDeps['discord']): Armed[] {
  const { bannedUntil } = bans.shown();
  const isSpent = identifiesLeft({ world, limits, buckets }).remaining === 0;
  return [
    ...(limits.isOn ? [] : [{ fault: 'limits', says: 'Limits are off' }]),
    ...(bannedUntil === undefined
      ? []
      : [{ fault: 'invalid_requests', says: `The address is banned until ${bannedUntil}` }]),
    ...(isSpent ? [{ fault: 'identifies', says: 'The bot may not identify any more today' }] : []),
    ...(gateway.silent() > 0 ? [{ fault: 'gateway', says: 'The gateway is silent' }] : []),
  ];
}

/** Everything that was ordered and is not over. */
export function armedFaults({ discord, jules, outage }: FaultDeps): readonly Armed[] {
  const { world } = discord;
  const state = outage?.state() ?? 'running';
  return [
    ...restArmed(discord),
    ...(jules?.armed?.() ?? []).map(({ on, kind, left }) => ({
      fault: 'jules',
      says: `${on}: ${kind}`,
      ...(left !== undefined && { left }),
    })),
    ...(world.doubled > 0 ? [{ fault: 'double', says: 'Delivered twice', left: world.doubled }] : []),
    ...(world.contentIsTaken ? [{ fault: 'message_content', says: 'The Message Content Intent is off' }] : []),
    ...channelsArmed(world),
    ...leftGuilds(world).map((name) => ({ fault: 'server', says: `The bot was removed from ${name}` })),
    ...dmsArmed(world),
    ...limitsArmed(discord),
    ...(state === 'running' ? [] : [{ fault: 'database', says: `The database is ${state}` }]),
  ];
}

/** How near the bot is to Discord's limits. */
export function limitsShown({ world, limits, buckets, bans, latency }: FaultDeps['discord']) {
  const { total, remaining } = identifiesLeft({ world, limits, buckets });
  const commands = buckets.look('commands everywhere', limits.commandCreates);
  return {
    on: limits.isOn,
    latencyMs: latency.ms,
    invalid: bans.shown(),
    identifies: { left: remaining, of: total },
    commands: { created: commands.limit - commands.remaining, of: commands.limit },
  };
}
