import { randomUUID } from 'node:crypto';
import { operator } from '../../scripts/operator.ts';
import { type Answer, type Command, type Draw, pick } from './model-step.ts';
import { budgetOf, decide, edit, expire, forget, mayDecide, request, type Verb } from './model-tasks.ts';
import {
  type At,
  actorOf,
  EXTRA_ROLE,
  gate,
  isPaused,
  may,
  notePause,
  type Person,
  REPOS,
  type Server,
  type Task,
  type World,
} from './model-world.ts';
import { CONFIRM_ROLE, CREATE_ROLE } from './tasks.ts';

/** Those who may ask and confirm are at it most. */
const somebody = ({ people }: World, n: number) =>
  pick(
    [1, 2, 3, 4, 1, 2, 3, 0, 5].map((at) => pick(people, at)),
    n,
  );

export const at = (world: World, { who, where }: Draw): At => ({
  person: somebody(world, who),
  // Most of it happens in one server, the rest in the one that shares its accounts.
  server: pick([world.servers[0], world.servers[0], world.servers[1]] as Server[], where),
});
export const adminAt = (world: World, draw: Draw): At => ({
  ...at(world, draw),
  person: pick(
    [world.people[0], world.people[0], world.people[0], pick(world.people, draw.who)] as Person[],
    draw.how >> 4,
  ),
});

/** The newest are asked for most. */
const aTask = ({ tasks }: World, { which }: Draw): Task | undefined =>
  tasks.length === 0 ? undefined : tasks[tasks.length - 1 - ((which >> 3) % Math.min(1 + (which & 7), tasks.length))];

/** Somebody changes what is the server's; `change` is done where they may. */
export function changing(world: World, who: At, operation: string, change: () => string | undefined): Answer {
  const refused = gate(world, who, { operation });
  return refused ? { kind: refused.kind } : { kind: change() ?? 'changed' };
}

const asks: Command = (world, draw) => {
  const who = at(world, draw);
  const repo = pick([null, null, null, REPOS[1]], draw.how);
  const expected = request(world, who, repo);
  const task = expected.kind === 'requested' ? world.tasks.at(-1) : undefined;
  return {
    name: 'request_task',
    args: { actor: actorOf(who), request_key: randomUUID(), wish: { prompt: 'Fix it', repo } },
    expected,
    heard: (answer) => {
      if (task) task.id = String((answer['task'] as Answer)['id']);
    },
  };
};

/** Where it is meant: mostly in the task's own server, by somebody who may. */
const atTask = (world: World, draw: Draw, task: Task | undefined): At => ({
  person: pick(
    [1, 2, 1, 2, 4, 3, 1, 2, 0, 5].map((nth) => pick(world.people, nth)),
    draw.who,
  ),
  server: task && draw.where % 8 > 0 ? task.server : pick(world.servers, draw.where >> 3),
});

/** One that still waits, if there is one, or any. */
function aWaiting(world: World, draw: Draw): Task | undefined {
  const tasks = world.tasks.filter(({ status }) => status === 'pending_confirmation');
  return draw.much % 4 > 0 && tasks.length > 0 ? pick(tasks, draw.which) : aTask(world, draw);
}

const deciding =
  (...verbs: readonly Verb[]): Command =>
  (world, draw) => {
    const task = aWaiting(world, draw);
    const [who, verb] = [atTask(world, draw, task), pick(verbs, draw.how)];
    const edits = draw.tick % 8 > 0 ? (task?.edits ?? 0) : draw.which % 3;
    const args = { actor: actorOf(who, `button ${verb}`), task_id: task?.id ?? randomUUID(), verb, edits };
    return { name: 'decide_task', args, expected: decide(world, who, task, { verb, edits }) };
  };

/** Mostly by who asked for it, over the words that stand there. */
const edits: Command = (world, draw) => {
  const task = aWaiting(world, draw);
  const asker = world.people.find(({ id }) => id === task?.requester);
  const who = atTask(world, draw, task);
  const by = asker && draw.who % 5 > 0 ? { ...who, person: asker } : who;
  const wish = { prompt: pick(['Fix it', 'Mend it', 'Fix all'], draw.much), repo: pick(REPOS, draw.how) };
  const over = draw.tick % 6 > 0 ? (task?.edits ?? 0) : draw.which % 3;
  const args = { actor: actorOf(by, 'button editing'), task_id: task?.id ?? randomUUID(), edits: over };
  const expected = edit(world, by, task, { ...wish, edits: over });
  return { name: 'edit_task', args: { ...args, wish: { ...wish, branch: 'main' } }, expected };
};

const asksBefore: Command = (world, draw) => {
  const task = aTask(world, draw);
  const [who, verb] = [atTask(world, draw, task), pick(['confirm', 'reject', 'cancel'] as const, draw.how)];
  const args = { actor: actorOf(who, `button ${verb}`), task_id: task?.id ?? randomUUID(), verb };
  return { name: 'may_decide', args, expected: mayDecide(world, who, task, verb) };
};

const expires: Command = (world, draw) => {
  const task = aWaiting(world, draw);
  return task ? { name: 'expire_task', args: { task_id: task.id }, expected: expire(world, task) } : null;
};

const canI: Command = (world, draw) => {
  const who = at(world, draw);
  const repo = pick([null, ...REPOS], draw.how) ?? undefined;
  gate(world, who, { operation: 'settings.read' });
  const operations = [...(world.named.get('admin') ?? [])]
    .toSorted()
    .map((operation) => ({ operation, may: may(world, who, operation, { repo }) }));
  const paused = isPaused(world, who.server) ? {} : null;
  const args = { actor: actorOf(who), scope: repo === undefined ? {} : { repo } };
  return { name: 'can_i', args, expected: { kind: 'answers', operations, paused } };
};

/** What is written of the server in the model, and how the call names it. */
const SETTINGS: readonly ((much: number) => readonly [change: Partial<Server>, named: Answer])[] = [
  (much) => [{ approvals: 1 + (much % 3) }, { approvals_needed: 1 + (much % 3) }],
  (much) => [{ selfApproval: much % 2 === 0 }, { self_approval: much % 2 === 0 }],
  (much) => {
    const hours = pick([1, 5, 72], much);
    return [{ expireHours: hours }, { expire_hours: hours }];
  },
  (much) => {
    const roles = pick([[CREATE_ROLE], [CREATE_ROLE], [], [EXTRA_ROLE]], much);
    return [{ createRoles: roles }, { create_roles: roles }];
  },
  (much) => {
    const roles = pick([[CONFIRM_ROLE], [CONFIRM_ROLE], [], [EXTRA_ROLE]], much);
    return [{ confirmRoles: roles }, { confirm_roles: roles }];
  },
  (much) => [{ keysMove: much % 2 === 0 }, { key_rule: much % 2 === 0 ? 'move' : 'wait' }],
];

const setting: Command = (world, draw) => {
  const who = adminAt(world, draw);
  const [change, changes] = pick(SETTINGS, draw.which)(draw.much);
  const expected = changing(world, who, 'settings.change', () => {
    Object.assign(who.server, change);
    return undefined;
  });
  return { name: 'change_settings', args: { actor: actorOf(who), changes }, expected };
};

const granting: Command = (world, draw) => {
  const who = adminAt(world, draw);
  const { server } = who;
  const isNamed = draw.which % 3 === 0;
  const what = isNamed
    ? pick(['release_mgr', 'developer', 'viewer', 'admin'], draw.much)
    : pick(['task.confirm', 'task.create', 'task.cancel', 'guild.pause', 'settings.change', 'limits.raise'], draw.much);
  const repo = isNamed || what.startsWith('task.') ? pick([null, null, REPOS[1], 'octo/*'], draw.which >> 2) : null;
  const role = pick([EXTRA_ROLE, EXTRA_ROLE, CREATE_ROLE], draw.how);
  const give = draw.tick % 3 > 0;
  const isSame = (one: Server['grants'][number]) => one.role === role && one.what === what && one.repo === repo;
  const expected = changing(world, who, 'settings.change', () => {
    const had = server.grants.some(isSame);
    server.grants = server.grants.filter((one) => !isSame(one));
    if (give) server.grants.push({ role, what, isNamed, repo });
    return had === give ? 'same' : 'changed';
  });
  const wish = { give, role_id: role, repo, ...(isNamed ? { role: what } : { operation: what }) };
  return { name: 'change_grant', args: { actor: actorOf(who), wish }, expected };
};

const budgeting: Command = (world, draw) => {
  const who = adminAt(world, draw);
  const { server, person } = who;
  const kind = pick(['person', 'person', 'role', 'server'] as const, draw.which);
  const id =
    kind === 'server'
      ? ''
      : kind === 'role'
        ? pick([CREATE_ROLE, CONFIRM_ROLE], draw.much)
        : pick(['', pick(world.people, draw.much >> 2).id], draw.much);
  const limit = (n: number) => pick([null, 1, 2, 3, 0], n);
  const [perDay, atOnce] = [limit(draw.how), limit(draw.how >> 3)];
  const expected = changing(world, who, 'settings.change', () => {
    const before = budgetOf(who);
    const [kept, named] = [server.budgets, { kind, id, perDay, atOnce }];
    server.budgets = kept.filter((one) => one.kind !== kind || one.id !== id);
    if (perDay !== null || atOnce !== null) server.budgets.push(named);
    const after = budgetOf(who);
    const isWider = (then: number | null, now: number | null) => then !== null && (now === null || now > then);
    const isOwn = kind === 'person' && id === person.id;
    if (isOwn || isWider(before.perDay, after.perDay) || isWider(before.atOnce, after.atOnce)) {
      server.budgets = kept;
      return 'own_budget';
    }
    return undefined;
  });
  const budget = { kind, id, per_day: perDay, at_once: atOnce };
  return { name: 'change_budget', args: { actor: actorOf(who), budget }, expected };
};

const DAY_MS = 86_400_000;

const raising: Command = (world, draw) => {
  const who = at(world, draw);
  const person = pick([null, ...world.people.map(({ id }) => id)], draw.which);
  const expected = changing(world, who, person === null ? 'settings.change' : 'limits.raise', () => {
    if (person === who.person.id) return 'own_budget';
    who.server.raises.push({ person, extra: 1, until: world.now + DAY_MS });
    return 'raised';
  });
  return { name: 'raise_budget', args: { actor: actorOf(who), person, extra: 1 }, expected };
};

const pausing: Command = (world, draw) => {
  const who = adminAt(world, draw);
  const pause = draw.which % 2 === 0;
  const refused = gate(world, who, { operation: 'guild.pause' });
  if (!refused) {
    who.server.isPaused = pause;
    notePause(world, who.server.id, pause);
  }
  const expected = refused
    ? { kind: refused.kind }
    : { kind: pause ? 'paused_now' : 'resumed', everywhere: world.isPaused };
  return { name: 'pause_guild', args: { actor: actorOf(who), pause }, expected };
};

const pausingAll: Command = (world, draw) => {
  const pause = draw.which % 3 === 0;
  world.isPaused = pause;
  notePause(world, '', pause);
  const expected = { kind: pause ? 'paused_now' : 'resumed', everywhere: pause };
  return { name: 'pause_service', args: { actor: operator('model'), pause }, expected };
};

const leaving: Command = (world, draw) => {
  const { server } = at(world, draw);
  server.leftAt ??= world.now;
  return { name: 'leave_guild', args: { guild_id: server.id }, expected: { kind: 'left' } };
};

const joining: Command = (world, draw) => {
  const { server } = at(world, draw);
  server.leftAt = null;
  return { name: 'join_guild', args: { guild_id: server.id }, expected: { kind: 'joined' } };
};

const forgetting: Command = (world, draw) => {
  const { id } = pick(world.people, draw.who);
  return { name: 'forget_person', args: { actor: operator('model'), person: id }, expected: forget(world, id) };
};

/** Time goes by: minutes, hours, more than a day. */
const waiting: Command = (world, draw) => {
  world.now += pick([6, 60, 600, 4000, 20_000, 90_000], draw.which) * 1000;
  return null;
};

/** What people do, the most frequent first: what fails is shrunk towards the beginning. */
export const PEOPLE_COMMANDS: readonly (readonly [times: number, command: Command])[] = [
  [10, asks],
  [10, deciding('confirm')],
  [5, edits],
  [4, deciding('reject', 'cancel', 'cancel')],
  [5, waiting],
  [3, asksBefore],
  [3, expires],
  [1, canI],
  [3, setting],
  [3, granting],
  [3, budgeting],
  [2, raising],
  [2, pausing],
  [1, pausingAll],
  [1, leaving],
  [1, joining],
  [1, forgetting],
];
