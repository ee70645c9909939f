import { isPaused, type Key, type Session, type Task, type World } from './model-world.ts';
import { orderOf } from './queue-model.ts';

/** What waits for a Jules account, what holds its places, and what is let in: a part of the reference model. */

const DAY_MS = 86_400_000;

/** The key that works now for whoever holds this one: itself, or what its owner entered for the same account. */
export function workingKey(world: World, id: string): Key | undefined {
  const held = world.keys.find((key) => key.id === id);
  return world.keys.find(
    (key) =>
      held && !key.isRevoked && key.account === held.account && key.server === held.server && key.owner === held.owner,
  );
}

const OVER = ['stopped', 'done_pr', 'done_patch', 'done_nothing', 'failed'];

/** Jules may be at it: until it ended, and a cancelled one until it is known to be stopped, or for a day. */
function holdsPlace({ now }: World, { admittedAt, phase, endedAt }: Session): boolean {
  if (admittedAt === null || phase === 'unsure') return false;
  return endedAt === null || (!OVER.includes(phase) && endedAt > now - DAY_MS);
}

/** A place of the day is taken when a session is let in, and given back only where Jules was never asked. */
export function noteBeginning(session: Session): void {
  const nth = session.recreated;
  const known = session.begun.find((one) => one.nth === nth);
  const others = session.begun.filter((one) => one.nth !== nth);
  if (session.admittedAt !== null) {
    const at = Math.max(known?.at ?? 0, session.admittedAt, session.attemptedAt ?? 0);
    session.begun = [...others, { nth, account: session.account, at }];
  } else if (session.attempts === 0) session.begun = others;
}

/** It waits for a place again. */
export function backToQueue(session: Session): void {
  Object.assign(session, { phase: 'queued', admittedAt: null });
  noteBeginning(session);
}

const heldBy = ({ tasks }: World) => tasks.flatMap((task) => (task.session ? [{ task, session: task.session }] : []));
const sessionsOf = (world: World, account: string) =>
  heldBy(world).filter(({ session }) => session.account === account);

const begunToday = (world: World, account: string, { begun }: Session) =>
  begun.filter((one) => one.account === account && one.at > world.now - DAY_MS).map(({ at }) => at);

const waits = ({ phase, admittedAt, endedAt }: Session) =>
  phase === 'queued' && admittedAt === null && endedAt === null;

/** Ids of what waits, in the order in which it begins; a key that Jules refuses keeps its own from having a place. */
function queueOf(world: World, account: string): string[] {
  const sessions = sessionsOf(world, account).map(({ task, session }) => ({
    id: task.order,
    tenant: task.server.id,
    person: task.requester,
    queuedAt: session.queuedAt,
    admittedAt: session.admittedAt,
    endedAt: workingKey(world, session.key)?.isRefused === true ? world.now : session.endedAt,
    begunAt: begunToday(world, account, session),
    holds: holdsPlace(world, session),
  }));
  const paused = new Set(world.servers.filter((server) => isPaused(world, server)).map(({ id }) => id));
  return orderOf({ sessions, paused, now: world.now, atOnce: 0, perDay: 0, usualMs: 0 });
}

/** What a card says of one that waits; undefined where it does not. */
export function queueFactsOf(world: World, { session, order, server }: Task) {
  if (!session || !waits(session)) return undefined;
  const place = queueOf(world, session.account).indexOf(order) + 1;
  if (place > 0) return { place };
  return { because: isPaused(world, server) ? 'paused' : 'key' };
}

/** Who rests gives back a place that nobody uses; then as many begin as the account's limits leave room for. */
export function admit(world: World, account: string): void {
  for (const { task, session } of sessionsOf(world, account)) {
    const isUnused = session.phase === 'opening' && session.admittedAt !== null && session.endedAt === null;
    if (isUnused && session.name === null && session.attemptedAt === null && isPaused(world, task.server))
      backToQueue(session);
  }
  const { perDay = 0, atOnce = 0 } = world.accounts.get(account) ?? {};
  const running = sessionsOf(world, account).filter(({ session }) => holdsPlace(world, session)).length;
  const today = heldBy(world).flatMap(({ session }) => begunToday(world, account, session)).length;
  const room = Math.max(0, Math.min(atOnce - running, perDay - today));
  for (const order of queueOf(world, account).slice(0, room)) {
    const session = world.tasks.find((task) => task.order === order)?.session;
    if (!session) continue;
    Object.assign(session, { admittedAt: world.now, phase: 'opening' });
    noteBeginning(session);
  }
}

/** A confirmed task waits for its account's limits. */
export function queue(world: World, task: Task): void {
  task.session = {
    account: task.account,
    key: task.key,
    phase: 'queued',
    queuedAt: world.now,
    admittedAt: null,
    endedAt: null,
    attempts: 0,
    attemptedAt: null,
    name: null,
    isApproved: false,
    recreated: 0,
    begun: [],
    revision: 0,
  };
  admit(world, task.account);
}
