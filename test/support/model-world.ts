import { randomUUID } from 'node:crypto';
import { CONFIRM_ROLE, CREATE_ROLE } from './tasks.ts';

/**
 * What people, servers, keys and tasks are to a reader of the documentation, and who may do what there: the half of the
 * reference model that SQL's permissions are held against. Nothing here knows how SQL does it.
 */

export const NOBODY = '000000000000000000';
export const EXTRA_ROLE = '300000000000000003';
export const REPOS = ['octo/repo', 'octo/other'] as const;

export type Person = { readonly id: string; readonly roles: readonly string[]; readonly admin: boolean };
type Grant = { readonly role: string; readonly what: string; readonly isNamed: boolean; readonly repo: string | null };
export type Budget = {
  readonly kind: 'person' | 'role' | 'server';
  readonly id: string;
  perDay: number | null;
  atOnce: number | null;
};
export type Server = {
  readonly id: string;
  createRoles: readonly string[];
  confirmRoles: readonly string[];
  repo: string | null;
  approvals: number;
  selfApproval: boolean;
  expireHours: number;
  keysMove: boolean;
  isPaused: boolean;
  leftAt: number | null;
  grants: Grant[];
  budgets: Budget[];
  raises: { readonly person: string | null; readonly extra: number; readonly until: number }[];
};
export type Key = {
  readonly id: string;
  readonly account: string;
  readonly server: string | null;
  readonly owner: string | null;
  isRevoked: boolean;
  isRefused: boolean;
};
export type Session = {
  account: string;
  key: string;
  phase: string;
  readonly queuedAt: number;
  admittedAt: number | null;
  endedAt: number | null;
  attempts: number;
  attemptedAt: number | null;
  name: string | null;
  isApproved: boolean;
  recreated: number;
  /** What it took of the day of an account, each time that it began: when it was let in, then when Jules was asked last. */
  begun: { readonly nth: number; readonly account: string; readonly at: number }[];
  /** Of the database: a worker writes with the one that it read. */
  revision: number;
};
export type Task = {
  /** Of the database, once it has answered. */
  id: string;
  readonly order: string;
  readonly server: Server;
  requester: string;
  status: string;
  repo: string;
  prompt: string;
  /** Names its words. */
  edits: number;
  account: string;
  key: string;
  approvals: string[];
  readonly needed: number;
  readonly selfApproval: boolean;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  decidedBy: string | null;
  decidedAt: number | null;
  endedBy: string | null;
  prUrl: string | null;
  session: Session | null;
};
export type World = {
  /** In milliseconds since the beginning of the sequence. */
  now: number;
  isPaused: boolean;
  /** Of a server or, '', of the whole service; the last of each may go on. */
  readonly pauses: { readonly of: string; readonly since: number; until: number | null }[];
  readonly people: readonly Person[];
  readonly servers: readonly Server[];
  readonly accounts: Map<string, { perDay: number; atOnce: number }>;
  keys: Key[];
  readonly tasks: Task[];
  /** Which operations a named role has: a table, not a rule. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
};

/** Somebody, in a server. */
export type At = { readonly person: Person; readonly server: Server };
export type Refusal = { readonly kind: string } & Readonly<Record<string, unknown>>;

const SECOND_MS = 1000;

/** Two servers, six people and two Jules accounts that nobody has seen before. */
export function aWorld(n: number, named: World['named']): World {
  const id = (prefix: string, at: number) => `${prefix}${String(n).padStart(12, '0')}${String(at).padStart(2, '0')}`;
  const person = (at: number, roles: readonly string[], admin = false) => ({ id: id('10', at), roles, admin });
  const server = (at: number): Server => ({
    id: id('90', at),
    createRoles: [],
    confirmRoles: [],
    repo: null,
    approvals: 1,
    selfApproval: true,
    expireHours: 72,
    keysMove: false,
    isPaused: false,
    leftAt: null,
    grants: [],
    budgets: [],
    raises: [],
  });
  return {
    now: 0,
    isPaused: false,
    pauses: [],
    people: [
      person(0, [], true),
      person(1, [CONFIRM_ROLE]),
      person(2, [CONFIRM_ROLE, EXTRA_ROLE]),
      person(3, [CREATE_ROLE]),
      person(4, [CREATE_ROLE, EXTRA_ROLE]),
      person(5, []),
    ],
    servers: [server(0), server(1)],
    accounts: new Map(),
    keys: [],
    tasks: [],
    named,
  };
}

/** By a command, or by a press on a message that may be from before a removal. */
export const actorOf = ({ person, server }: At, command = '/model') => ({
  id: person.id,
  name: 'somebody',
  guild: server.id,
  guild_name: 'a server',
  channel: '200000000000000001',
  parent_channel: null,
  roles: person.roles,
  admin: person.admin,
  door: 'gateway',
  command,
  correlation: randomUUID(),
});

export const isPaused = (world: World, server: Server) => world.isPaused || server.isPaused || server.leftAt !== null;

const isOfPlace = (pattern: string | null, repo: string | undefined) =>
  pattern === null || repo === undefined || pattern === repo || pattern === 'octo/*';

/** `where` is null for the whole server, and without a repository where that is not known yet. */
type Where = { readonly repo?: string | undefined } | null;

function isGranted(world: World, { person, server }: At, operation: string, where: Where): boolean {
  const isLimitable = operation.startsWith('task.') || operation.startsWith('ops.');
  return server.grants.some(
    ({ role, what, isNamed, repo }) =>
      person.roles.includes(role) &&
      (isNamed ? world.named.get(what)?.has(operation) === true : what === operation) &&
      (repo === null || (isLimitable && where !== null && isOfPlace(repo, where.repo))),
  );
}

const OF_EVERYBODY = new Set(['task.read', 'task.withdraw', 'task.edit', 'settings.read', 'own.change']);
const OF_ADMINS = new Set(['settings.change', 'guild.pause', 'limits.raise', 'audit.read']);

export function may(world: World, at: At, operation: string, where: Where = {}): boolean {
  const { person, server } = at;
  if (OF_EVERYBODY.has(operation)) return true;
  if (person.admin && OF_ADMINS.has(operation)) return true;
  const lists: Record<string, readonly string[]> = {
    'task.create': server.createRoles,
    'task.confirm': server.confirmRoles,
    'task.cancel': server.confirmRoles,
    'task.steer': server.confirmRoles,
    'task.steer_own': server.createRoles,
  };
  const list = lists[operation];
  if (list && (list.length === 0 ? person.admin : list.some((role) => person.roles.includes(role)))) return true;
  if (isGranted(world, at, operation, where)) return true;
  if (operation === 'limits.raise') return may(world, at, 'task.confirm', null);
  return /^task\.(?:create|steer_own)$/.test(operation) && may(world, at, 'task.confirm', where);
}

/** A command is offered only where the bot is: a removal that is over is taken back. */
function touch(world: World, server: Server): void {
  if (server.leftAt !== null && server.leftAt < world.now - 5 * SECOND_MS) server.leftAt = null;
}

/** A pause begins or ends, of a server or of all (''). */
export function notePause({ pauses, now }: World, of: string, isBegun: boolean): void {
  const last = pauses.findLast((pause) => pause.of === of && pause.until === null);
  if (isBegun && !last) pauses.push({ of, since: now, until: null });
  if (!isBegun && last) last.until = now;
}

/** For how long, since an instant, nobody could confirm anything in a server. */
export function stoodStillFor({ pauses, now }: World, server: Server, since: number): number {
  let [total, reached] = [0, since];
  for (const pause of pauses.filter(({ of }) => of === '' || of === server.id).toSorted((a, b) => a.since - b.since)) {
    const [from, until] = [Math.max(reached, pause.since), pause.until ?? now];
    total += Math.max(0, until - from);
    reached = Math.max(reached, until);
  }
  return total;
}

/** Why the gate refuses; null where it lets through. A pause stops only what begins. */
export function refusalOf(world: World, at: At, act: Act): Refusal | null {
  const { operation, where = {}, begins = false } = act;
  if (!may(world, at, operation, where)) return { kind: 'not_permitted', operation };
  return begins && isPaused(world, at.server) ? { kind: 'paused' } : null;
}

type Act = {
  readonly operation: string;
  readonly where?: { readonly repo?: string | undefined };
  readonly begins?: boolean;
  readonly isPress?: boolean;
};

export function gate(world: World, at: At, act: Act): Refusal | null {
  if (!act.isPress) touch(world, at.server);
  return refusalOf(world, at, act);
}
