import { admit, queue } from './model-queue.ts';
import {
  type At,
  type Budget,
  gate,
  may,
  NOBODY,
  type Refusal,
  refusalOf,
  stoodStillFor,
  type Task,
  type World,
} from './model-world.ts';

/** The life of tasks in the reference model: who may ask, who wins, what is over, what a person leaves behind. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const A_PRESS_TWICE_MS = 10_000;

const isOpen = ({ status }: Task) => status === 'pending_confirmation' || status === 'in_progress';
const VERBS: Readonly<Record<string, readonly string[]>> = {
  pending_confirmation: ['cancel', 'confirm', 'reject'],
  in_progress: ['cancel'],
};
const verbsOf = ({ status }: Task) => VERBS[status] ?? [];
const hears = ({ status, session }: Task) =>
  status === 'in_progress' && session !== null && session.name !== null && session.phase === 'working';
/** What may be asked beside a decision. */
const othersOf = (task: Task) => [
  ...(task.status === 'pending_confirmation' ? ['edit'] : []),
  ...(hears(task) ? ['reply'] : []),
  ...afterwards(task),
];
const afterwards = ({ status, prUrl }: Task) => [
  ...(status === 'completed' ? ['follow_up'] : []),
  ...(['failed', 'cancelled', 'expired', 'rejected'].includes(status) || (status === 'completed' && !prUrl)
    ? ['retry']
    : []),
];
export const offeredOf = (task: Task) => [...othersOf(task), ...verbsOf(task)];
const viewOf = (task: Task) => ({
  status: task.status,
  verbs: offeredOf(task),
  approvals: task.approvals.map((by) => ({ by })),
  edits: task.edits,
  repo: task.repo,
});

const keyFor = ({ keys }: World, { person, server }: At) =>
  keys.find((key) => !key.isRevoked && key.owner === person.id) ??
  keys.find((key) => !key.isRevoked && key.server === server.id);

/** The most generous of several limits, where none is the most generous. */
const mostOf = (limits: readonly (number | null)[]) =>
  limits.length === 0 || limits.includes(null) ? null : Math.max(...limits.map(Number));

export function budgetOf({ person, server }: At): Pick<Budget, 'perDay' | 'atOnce'> {
  const of = (kind: string, ids: readonly string[]) =>
    server.budgets.filter((budget) => budget.kind === kind && ids.includes(budget.id));
  const nearest = [of('person', [person.id]), of('role', person.roles), of('person', [''])].find(
    (found) => found.length > 0,
  );
  const found = nearest ?? [];
  return { perDay: mostOf(found.map(({ perDay }) => perDay)), atOnce: mostOf(found.map(({ atOnce }) => atOnce)) };
}

function overBudget(world: World, at: At): Refusal | null {
  const { person, server } = at;
  if (server.budgets.length === 0) return null;
  const counted = world.tasks.filter(
    (task) => task.server === server && !['rejected', 'expired'].includes(task.status),
  );
  const own = counted.filter(({ requester }) => requester === person.id);
  const whole = server.budgets.find(({ kind }) => kind === 'server');
  for (const [whose, tasks, budget, raised] of [
    ['person', own, budgetOf(at), person.id],
    ['server', counted, whole, null],
  ] as const) {
    const extra = server.raises
      .filter((raise) => raise.person === raised && raise.until > world.now)
      .reduce((sum, raise) => sum + raise.extra, 0);
    const today = tasks.filter(({ createdAt }) => createdAt > world.now - DAY_MS).length;
    const open = tasks.filter(isOpen).length;
    for (const [limit, used, allowed] of [
      ['per_day', today, budget?.perDay],
      ['at_once', open, budget?.atOnce],
    ] as const) {
      if (allowed !== null && allowed !== undefined && used >= allowed + extra)
        return { kind: 'over_budget', whose, limit, used, allowed: allowed + extra };
    }
  }
  return null;
}

export function request(world: World, at: At, wished: string | null) {
  const { person, server } = at;
  const refused = gate(world, at, { operation: 'task.create', begins: true });
  if (refused) return refused;
  const key = keyFor(world, at);
  if (!key) return { kind: 'no_key' };
  const repo = wished ?? server.repo;
  if (repo === null) return { kind: 'no_repo' };
  if (!may(world, at, 'task.create', { repo })) return { kind: 'not_permitted', operation: 'task.create' };
  const over = overBudget(world, at);
  if (over) return over;
  const approves = server.selfApproval && may(world, at, 'task.confirm') && may(world, at, 'task.confirm', { repo });
  const starts = approves && server.approvals === 1;
  const task: Task = {
    id: '',
    order: String(world.tasks.length).padStart(4, '0'),
    server,
    requester: person.id,
    status: starts ? 'in_progress' : 'pending_confirmation',
    repo,
    prompt: 'Fix it',
    edits: 0,
    account: key.account,
    key: key.id,
    approvals: approves ? [person.id] : [],
    needed: server.approvals,
    selfApproval: server.selfApproval,
    createdAt: world.now,
    expiresAt: starts ? null : world.now + server.expireHours * HOUR_MS,
    decidedBy: starts ? person.id : null,
    decidedAt: starts ? world.now : null,
    endedBy: null,
    prUrl: null,
    session: null,
  };
  world.tasks.push(task);
  if (starts) queue(world, task);
  return { kind: 'requested', task: viewOf(task) };
}

/** The hours of a pause do not count. */
const isOver = (world: World, { status, expiresAt, server, createdAt }: Task) =>
  status === 'pending_confirmation' &&
  expiresAt !== null &&
  expiresAt + stoodStillFor(world, server, createdAt) <= world.now;

export function expire(world: World, task: Task): { kind: string } {
  if (isOver(world, task)) {
    task.status = 'expired';
    return { kind: 'expired' };
  }
  return { kind: task.status === 'pending_confirmation' && task.expiresAt !== null ? 'waits' : 'over' };
}

export type Verb = 'confirm' | 'reject' | 'cancel';

const operationOf = ({ person }: At, task: Task | undefined, verb: Verb) =>
  verb !== 'cancel' ? 'task.confirm' : task?.requester === person.id ? 'task.withdraw' : 'task.cancel';

/** The same press, come twice. */
function isAgain(world: World, { person }: At, task: Task, verb: Verb): boolean {
  if (verb === 'cancel') return task.status === 'cancelled' && task.endedBy === person.id;
  const isFresh = task.decidedAt !== null && task.decidedAt > world.now - A_PRESS_TWICE_MS;
  return task.decidedBy === person.id && isFresh && (task.status === 'rejected') === (verb === 'reject');
}

function cancel(world: World, task: Task): void {
  const { session } = task;
  if (session && session.endedAt === null) {
    session.endedAt = world.now;
    if (session.name === null && session.attemptedAt === null) session.phase = 'stopped';
  }
  admit(world, task.account);
}

function confirm({ person }: At, task: Task, edits: number): 'edited' | 'own_task' | 'counted' | 'decided' {
  if (edits !== task.edits) return 'edited';
  if (task.requester === person.id && !task.selfApproval) return 'own_task';
  if (task.approvals.includes(person.id)) return 'counted';
  task.approvals.push(person.id);
  return task.approvals.length < task.needed ? 'counted' : 'decided';
}

const STATUS_AFTER = { confirm: 'in_progress', reject: 'rejected', cancel: 'cancelled' } as const;

/** `edits` are the words that a confirmation is of. */
export function decide(world: World, at: At, task: Task | undefined, press: { verb: Verb; edits: number }) {
  const { verb, edits } = press;
  const where = task?.server === at.server ? { repo: task.repo } : {};
  const refused = gate(world, at, {
    operation: operationOf(at, task, verb),
    where,
    begins: verb === 'confirm',
    isPress: true,
  });
  if (refused) return refused;
  if (!task || task.server !== at.server) return { kind: 'unknown_task' };
  expire(world, task);
  if (!verbsOf(task).includes(verb))
    return { kind: isAgain(world, at, task, verb) ? 'decided' : 'too_late', task: viewOf(task) };
  const kind = verb === 'confirm' ? confirm(at, task, edits) : 'decided';
  if (kind === 'decided') {
    task.status = STATUS_AFTER[verb];
    if (verb === 'cancel') task.endedBy = at.person.id;
    else Object.assign(task, { decidedBy: at.person.id, decidedAt: world.now });
    if (verb === 'confirm') queue(world, task);
    if (verb === 'cancel') cancel(world, task);
  }
  return { kind, task: viewOf(task) };
}

/** What a door hears that asks before it opens a dialog: the answer of `decide`, as far as it is a no. */
export function mayDecide(world: World, at: At, task: Task | undefined, verb: Verb) {
  const asked = task?.server === at.server ? task : undefined;
  const where = { repo: asked?.repo };
  const refused = refusalOf(world, at, {
    operation: operationOf(at, asked, verb),
    where,
    begins: verb === 'confirm',
  });
  if (refused) return refused;
  if (!asked) return { kind: 'unknown_task' };
  const status = isOver(world, asked) ? 'expired' : asked.status;
  return { kind: (VERBS[status] ?? []).includes(verb) ? 'allowed' : 'too_late' };
}

type Edit = { readonly edits: number; readonly prompt: string; readonly repo: string };

/** Other words, of its requester alone: what was approved were the old ones. It is checked as a request, and costs none. */
export function edit(world: World, at: At, task: Task | undefined, wish: Edit) {
  const refused = gate(world, at, { operation: 'task.edit', isPress: true });
  if (refused) return refused;
  if (!task || task.server !== at.server) return { kind: 'unknown_task' };
  if (task.requester !== at.person.id) return { kind: 'not_requester', by: task.requester };
  expire(world, task);
  if (task.status !== 'pending_confirmation') return { kind: 'too_late', task: viewOf(task) };
  if (!keyFor(world, at)) return { kind: 'no_key' };
  if (task.edits !== wish.edits) return { kind: 'edited_before', task: viewOf(task) };
  const { prompt, repo } = wish;
  if (!may(world, at, 'task.create', { repo })) return { kind: 'not_permitted', operation: 'task.create' };
  if (task.prompt === prompt && task.repo === repo) return { kind: 'unchanged', task: viewOf(task) };
  Object.assign(task, { prompt, repo, approvals: [], edits: task.edits + 1 });
  return { kind: 'edited', task: viewOf(task) };
}

export function forget(world: World, person: string) {
  if (world.tasks.some((task) => task.requester === person && isOpen(task))) return { kind: 'has_open_tasks' };
  for (const task of world.tasks) {
    if (task.requester === person) Object.assign(task, { requester: NOBODY, prompt: '(forgotten)' });
    if (task.decidedBy === person) task.decidedBy = NOBODY;
    if (task.endedBy === person) task.endedBy = NOBODY;
    const others = task.approvals.filter((one) => one !== person);
    const isCounted = others.length < task.approvals.length && task.status !== 'pending_confirmation';
    task.approvals =
      isCounted && !others.includes(NOBODY) ? task.approvals.map((one) => (one === person ? NOBODY : one)) : others;
  }
  world.keys = world.keys.filter(({ owner }) => owner !== person);
  for (const server of world.servers) {
    server.budgets = server.budgets.filter(({ kind, id }) => !(kind === 'person' && id === person));
    server.raises = server.raises.filter((raise) => raise.person !== person);
  }
  return { kind: 'forgotten' };
}
