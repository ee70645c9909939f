import { admit, backToQueue, noteBeginning, workingKey } from './model-queue.ts';
import { accountOf, type Command, type Draw, pick, type Step } from './model-step.ts';
import { isPaused, type Session, type Task, type World } from './model-world.ts';

/** What workers write of sessions: opened, lost, followed, ended, opened anew; and what Jules says against a key. */

type Held = { readonly task: Task; readonly session: Session };
type Suits = (session: Session, task: Task) => boolean;

/** A task with such a session, the newest most often. */
function found({ tasks }: World, { which }: Draw, suits: Suits): Held | undefined {
  const all = tasks.flatMap((task) =>
    task.session && suits(task.session, task) ? [{ task, session: task.session }] : [],
  );
  return all.length === 0 ? undefined : pick(all.toReversed(), which);
}

/** Somebody else has written since this one read, once in eight times. */
const isStale = ({ how }: Draw) => how % 8 === 7;
const revisionOf = ({ revision }: Session, draw: Draw) => revision - (isStale(draw) ? 1 : 0);

const tries: Command = (world, draw) => {
  const held = found(world, draw, ({ phase, endedAt }) => phase === 'opening' || endedAt !== null);
  if (!held) return null;
  const { task, session } = held;
  const isFree = session.name === null && session.attemptedAt === null && session.attempts < 3;
  const isMeant = session.admittedAt !== null && session.endedAt === null && task.status === 'in_progress';
  const kind = isPaused(world, task.server) ? 'paused' : !isStale(draw) && isFree && isMeant ? 'recorded' : 'taken';
  if (kind === 'recorded') {
    Object.assign(session, { phase: 'opening', attempts: session.attempts + 1, attemptedAt: world.now });
    noteBeginning(session);
  }
  return {
    name: 'record_attempt',
    args: { task_id: task.id, revision: revisionOf(session, draw) },
    expected: { kind },
  };
};

const opens: Command = (world, draw) => {
  const held = found(world, draw, ({ attemptedAt, name }) => attemptedAt !== null || name !== null);
  if (!held) return null;
  const { task, session } = held;
  const name = `sessions/${task.id}-${draw.much % 2}`;
  const opened = { name, url: 'https://jules.google.com/session/1', state: 'QUEUED', strays: [] };
  const kind = session.name === null ? 'opened' : 'had_one';
  if (kind === 'opened')
    Object.assign(session, { name, attemptedAt: null, ...(session.endedAt === null && { phase: 'planning' }) });
  return { name: 'record_opened', args: { task_id: task.id, opened }, expected: { kind } };
};

const gives: Command = (world, draw) => {
  const held = found(world, draw, ({ attemptedAt, name }) => attemptedAt !== null && name === null);
  if (!held) return null;
  const { task, session } = held;
  const counted = draw.much % 2 === 0;
  const args = { task_id: task.id, revision: revisionOf(session, draw), counted, why: 'no answer' };
  if (isStale(draw)) return { name: 'clear_attempt', args, expected: { kind: 'stale' } };
  session.attemptedAt = null;
  if (!counted) session.attempts -= 1;
  if (session.endedAt !== null) session.phase = 'stopped';
  else if (counted && session.attempts >= 3) session.phase = 'unsure';
  if (session.phase === 'stopped' || session.phase === 'unsure') admit(world, session.account);
  return { name: 'clear_attempt', args, expected: { kind: 'cleared', phase: session.phase } };
};

function written({ task, session }: Held, draw: Draw, change: Record<string, unknown>, effect: () => void): Step {
  const args = { task_id: task.id, revision: revisionOf(session, draw), change };
  if (isStale(draw)) return { name: 'record_session', args, expected: { kind: 'stale' } };
  effect();
  return { name: 'record_session', args, expected: { kind: 'recorded' } };
}

const moves: Command = (world, draw) => {
  const held = found(world, draw, ({ name, endedAt }) => name !== null && endedAt === null);
  if (!held) return null;
  const [phase, approved] = pick(
    [
      ['planning', false],
      ['working', true],
      ['needs_input', true],
    ] as const,
    draw.much,
  );
  return written(held, draw, { phase, moved: true, approved }, () => {
    held.session.phase = phase;
    held.session.isApproved ||= approved;
  });
};

const AFTER: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  in_progress: { complete: 'completed', fail: 'failed' },
  completed: { resume: 'in_progress' },
  failed: { complete: 'completed' },
};

/** Jules is done, gives up, comes back to it, or is late with a pull request. */
const ends: Command = (world, draw) => {
  const held = found(world, draw, ({ name }, { status }) => name !== null && AFTER[status] !== undefined);
  if (!held) return null;
  const { task, session } = held;
  const verbs = Object.keys(AFTER[task.status] ?? {}).filter((verb) => verb !== 'complete' || session.isApproved);
  if (verbs.length === 0) return null;
  const verb = pick(verbs, draw.much);
  const phase = verb === 'resume' ? 'working' : verb === 'fail' ? 'failed' : 'done_pr';
  const pr =
    verb === 'complete'
      ? { pr_url: `https://github.com/${task.repo}/pull/${1 + (draw.much % 9)}`, pr_source: 'jules' }
      : {};
  const why = verb === 'fail' ? { error: 'Jules gave up.' } : {};
  return written(held, draw, { phase, end: { verb, ...pr, ...why } }, () => {
    session.phase = phase;
    session.endedAt = verb === 'resume' ? null : world.now;
    task.status = AFTER[task.status]?.[verb] ?? task.status;
    task.prUrl = pr.pr_url ?? task.prUrl;
    admit(world, session.account);
  });
};

/** A cancelled one is found stopped at Jules: only now its place is free. */
const stops: Command = (world, draw) => {
  const held = found(
    world,
    draw,
    ({ name, endedAt }, { status }) => name !== null && endedAt !== null && status === 'cancelled',
  );
  if (!held) return null;
  return written(held, draw, { phase: 'stopped', archived: true }, () => {
    held.session.phase = 'stopped';
    admit(world, held.session.account);
  });
};

const renews: Command = (world, draw) => {
  const held = found(world, draw, ({ name, endedAt }) => name !== null && endedAt === null);
  if (!held) return null;
  const { task, session } = held;
  const kind = isStale(draw) || session.isApproved ? 'stale' : 'renewed';
  if (kind === 'renewed') {
    const fresh = { phase: 'queued', admittedAt: null, name: null, attempts: 0, attemptedAt: null };
    Object.assign(session, { ...fresh, recreated: session.recreated + 1 });
    admit(world, session.account);
  }
  return { name: 'renew_session', args: { task_id: task.id, revision: revisionOf(session, draw) }, expected: { kind } };
};

const sweeps: Command = (world, draw) => {
  const account = accountOf(world, draw.much);
  if (!world.accounts.has(account)) return null;
  if (draw.how % 2 === 0) {
    admit(world, account);
    return { name: 'check_account', args: { account }, expected: {} };
  }
  for (const key of world.keys) if (key.account === account) key.isRefused = false;
  admit(world, account);
  return { name: 'record_sweep', args: { account, seen: [] }, expected: { moved: 0 } };
};

/** What was never tried moves to another key of the server, where the server has it so. */
function movesOn(world: World, account: string, id: string): void {
  const mine = world.keys.find((key) => key.id === id);
  const server = world.servers.find((one) => one.id === mine?.server);
  const spare = world.keys.find(
    (key) =>
      server?.keysMove && key.server === server.id && key.account !== account && !key.isRevoked && !key.isRefused,
  );
  if (!spare) return;
  for (const { session, task } of untried(world, account, id)) {
    Object.assign(session, { account: spare.account, key: spare.id });
    backToQueue(session);
    Object.assign(task, { account: spare.account, key: spare.id });
  }
  admit(world, spare.account);
}

const untried = ({ tasks }: World, account: string, key: string) =>
  tasks.flatMap((task) => {
    const { session } = task;
    const isMine =
      session?.account === account && session.key === key && session.endedAt === null && session.name === null;
    return session && isMine && session.attemptedAt === null && session.attempts === 0 ? [{ task, session }] : [];
  });

/** Of what may have begun with a key that is gone nobody can say whether it did. */
function leaveToPeople({ tasks }: World, account: string, key: string): void {
  for (const { session } of tasks) {
    const isMine = session?.account === account && session.key === key;
    if (isMine && session.endedAt === null && session.name === null && session.attemptedAt !== null)
      session.phase = 'unsure';
  }
}

const refuses: Command = (world, draw) => {
  const held = found(world, draw, ({ endedAt }) => endedAt === null);
  if (!held) return null;
  const { account, key: id } = held.session;
  const key = world.keys.find((one) => one.id === id);
  if (key && !key.isRevoked) key.isRefused = true;
  movesOn(world, account, id);
  const working = workingKey(world, id);
  if (!working) leaveToPeople(world, account, id);
  if (working?.isRefused) {
    for (const { session } of untried(world, account, id)) if (session.admittedAt !== null) backToQueue(session);
    admit(world, account);
  }
  const args = { account, key_id: id, problem: 'Jules refuses the key' };
  return { name: 'record_account_problem', args, expected: { kind: 'recorded' } };
};

/** Most often there is nothing that they could be about, which costs nothing. */
export const SESSION_COMMANDS: readonly (readonly [times: number, command: Command])[] = [
  [10, tries],
  [10, opens],
  [2, gives],
  [7, moves],
  [7, ends],
  [3, stops],
  [2, renews],
  [3, sweeps],
  [2, refuses],
];
