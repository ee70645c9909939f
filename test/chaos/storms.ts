import type { Seeded } from '../support/seeded.ts';

/** Whatever is late comes in time for those who wait for it: what is promised is promised for no longer than an intent. */
export type Patience = {
  readonly discordTimeoutMs: number;
  readonly discordIntentMs: number;
  readonly julesTimeoutMs: number;
  readonly julesIntentMs: number;
};

const CREATING = ['create', 'create', 'create', 'message', 'message', 'approve'] as const;
const ANY_CALL = [...CREATING, 'list', 'get', 'activities', 'archive'] as const;

/** One trouble that the next fitting call to Jules meets. */
export function julesFault(random: Seeded, { julesTimeoutMs, julesIntentMs }: Patience): object {
  const on = random.pick(ANY_CALL);
  const slowMs = Math.round(random.next() * julesTimeoutMs * 1.3);
  const lateMs = Math.round(random.next() * julesIntentMs * 0.6);
  const lagMs = Math.round(random.next() * julesIntentMs * 0.15);
  const retryAfterS = random.pick([1, 2]);
  return random.pick<object>([
    { on, kind: 'error_before', status: random.pick([500, 502, 503, 504]) },
    { on, kind: 'error_after', status: random.pick([500, 502, 503, 504]) },
    { on, kind: 'drop_before' },
    { on, kind: 'drop_after' },
    { on: random.pick(CREATING), kind: 'drop_after' },
    { on: random.pick(CREATING), kind: 'late_landing', ms: lateMs },
    { on: 'create', kind: 'drop_after', listLagMs: lagMs },
    { on: 'create', kind: 'late_landing', ms: lateMs, listLagMs: lagMs },
    { on: 'create', kind: 'precondition_after' },
    { on, kind: 'html', status: random.pick([200, 502]) },
    { on, kind: 'slow', ms: slowMs },
    { on, kind: 'slow_body', ms: slowMs },
    { on, kind: 'reset_body' },
    { on: random.pick(['list', 'get', 'activities', 'approve', 'message']), kind: 'rate_limited' },
    { on: random.pick(['list', 'get', 'activities', 'approve', 'message']), kind: 'rate_limited', retryAfterS },
  ]);
}

const WRITES = [
  { method: 'POST', path: '/messages' },
  { method: 'POST', path: '/messages' },
  { method: 'POST', path: '/threads' },
  { method: 'PATCH', path: '/messages' },
] as const;
const CALLS = [...WRITES, { method: 'GET', path: '/messages' }, { method: 'POST', path: '/callback' }] as const;

/** One trouble that the next fitting call to Discord meets, as a driver of the sandbox takes it. */
export function discordFault(random: Seeded, { discordTimeoutMs, discordIntentMs }: Patience): object {
  const [match, write] = [random.pick(CALLS), random.pick(WRITES)];
  const slowMs = Math.round(random.next() * discordTimeoutMs * 1.3);
  const lateMs = Math.round(random.next() * discordIntentMs * 0.6);
  const status = random.pick([500, 502, 503, 504]);
  return random.pick<object>([
    { match, kind: 'error_before', status },
    { match, kind: 'error_after', status },
    { match: write, kind: 'error_after', status },
    { match, kind: 'reset_before' },
    { match: write, kind: 'reset_after' },
    { match, kind: 'reset_after' },
    { match, kind: 'reset_mid_body' },
    { match, kind: 'slow', delayMs: slowMs },
    { match: write, kind: 'late', delayMs: lateMs },
    { match: write, kind: '429', retryAfterS: random.pick([0.3, 0.7, 1.5]), scope: random.pick(['user', 'shared']) },
  ]);
}

export type Storm = { calm(): void; readonly met: () => number };

/** Keeps a few troubles waiting for their calls. */
export function startStorm(wish: {
  readonly everyMs: number;
  readonly atOnce: number;
  readonly waiting: () => number;
  readonly arm: () => void;
}): Storm {
  let armed = 0;
  const timer = setInterval(() => {
    if (wish.waiting() >= wish.atOnce) return;
    wish.arm();
    armed += 1;
  }, wish.everyMs);
  return { calm: () => clearInterval(timer), met: () => armed - wish.waiting() };
}
