import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { connect, postgresRpc } from '#db/postgres.ts';
import { messageOf } from '#kernel/errors.ts';
import type { TestDatabase } from './database.ts';
import { PEOPLE_COMMANDS } from './model-commands.ts';
import { addsKey, KEY_COMMANDS } from './model-keys.ts';
import { queueFactsOf } from './model-queue.ts';
import { SESSION_COMMANDS } from './model-sessions.ts';
import { type Answer, accountOf, type Command, type Draw, pick, type Step } from './model-step.ts';
import { offeredOf } from './model-tasks.ts';
import { type At, actorOf, aWorld, REPOS, type Server, type Task, type World } from './model-world.ts';
import { CONFIRM_ROLE, CREATE_ROLE } from './tasks.ts';

/** Runs sequences of commands through the database and the reference model, and compares what is seen after each. */

const COMMANDS: readonly Command[] = [...PEOPLE_COMMANDS, ...KEY_COMMANDS, ...SESSION_COMMANDS].flatMap(
  ([times, command]) => Array.from({ length: times }, () => command),
);

const many = fc.nat(65_535);
const draw: fc.Arbitrary<Draw> = fc.record({
  what: fc.nat(COMMANDS.length - 1),
  who: many,
  where: many,
  which: many,
  how: many,
  much: many,
  tick: many,
});
const NOTHING: Draw = { what: 0, who: 0, where: 0, which: 0, how: 0, much: 0, tick: 0 };
export const sequences = (most: number) =>
  fc.oneof(
    fc.array(draw, { minLength: 1, maxLength: most, size: 'max' }),
    fc.array(draw, { minLength: Math.ceil(most / 2), maxLength: most, size: 'max' }),
  );

const isRecord = (value: unknown): value is Answer =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Where what was given is not what is expected; what nobody expects may be anything. */
function differences(given: unknown, expected: unknown, path = ''): string[] {
  if (isRecord(expected) && isRecord(given))
    return Object.entries(expected).flatMap(([name, value]) => differences(given[name], value, `${path}.${name}`));
  if (Array.isArray(expected) && Array.isArray(given) && expected.length === given.length)
    return expected.flatMap((value, at) => differences(given[at], value, `${path}[${at}]`));
  return isDeepStrictEqual(given, expected)
    ? []
    : [`${path} is ${JSON.stringify(given)}, not ${JSON.stringify(expected)}`];
}

/** A task as it stands in the tables. */
type Row = { readonly id: string; readonly revision: number | null; readonly seen: Answer };
type Limits = { readonly id: string; readonly perDay: number; readonly atOnce: number };
type Snapshot = {
  readonly tasks: readonly Row[] | null;
  readonly servers: Answer;
  readonly accounts: Readonly<Record<string, Limits>> | null;
};

const seenOf = (task: Task, { approvals, session }: Task): Answer => ({
  status: task.status,
  requester: task.requester,
  decided_by: task.decidedBy,
  ended_by: task.endedBy,
  pr_url: task.prUrl,
  approvals: approvals.toSorted(),
  edits: task.edits,
  words: [task.prompt, task.repo],
  account: task.account,
  session: session && {
    account: session.account,
    phase: session.phase,
    queued: session.queuedAt,
    admitted: session.admittedAt,
    ended: session.endedAt,
    attempts: session.attempts,
    attempted: session.attemptedAt,
    name: session.name,
    approved: session.isApproved,
    recreated: session.recreated,
  },
});

/** What only the database knows: the ids of accounts, and the revisions that a worker must name. */
function learn(world: World, found: Snapshot, accounts: Map<string, string>): void {
  for (const [name, { id }] of Object.entries(found.accounts ?? {})) accounts.set(name, id);
  for (const { id, revision } of found.tasks ?? []) {
    const session = world.tasks.find((task) => task.id === id)?.session;
    if (session && revision !== null) session.revision = revision;
  }
}

/** What a server keeps to from the beginning. */
function rulesOf(server: Server, { how, much, where }: Draw, nth: number): Answer {
  const rules = {
    approvals: pick([1, 2, 2, 3], much >> nth),
    selfApproval: (how >> nth) % 2 === 0,
    expireHours: pick([72, 5, 1], where >> nth),
    keysMove: (how >> (nth + 2)) % 2 === 1,
  };
  Object.assign(server, { createRoles: [CREATE_ROLE], confirmRoles: [CONFIRM_ROLE], repo: REPOS[0], ...rules });
  return {
    create_roles: [CREATE_ROLE],
    confirm_roles: [CONFIRM_ROLE],
    default_repo: REPOS[0],
    approvals_needed: rules.approvals,
    self_approval: rules.selfApproval,
    expire_hours: rules.expireHours,
    key_rule: rules.keysMove ? 'move' : 'wait',
  };
}

/** A clock that stands still, and a look at all that is compared, in one plan. */
const LOOK = `
  create or replace function verne.now() returns timestamptz language plpgsql stable set search_path = '' as
  $$ begin return '2026-11-20T12:00:00Z'::timestamptz + (select c.shift from verne.clock c); end $$;
  create function public.ms(instant timestamptz, started bigint) returns bigint language sql immutable as
  $$ select (extract(epoch from instant - '2026-11-20T12:00:00Z'::timestamptz) * 1000)::bigint - started $$;
  create function public.look(servers text[], started bigint) returns jsonb language plpgsql stable as $$
  begin return jsonb_build_object(
    'tasks', (select jsonb_agg(jsonb_build_object('id', t.id, 'revision', s.revision, 'seen', jsonb_build_object(
        'status', t.status, 'requester', t.discord_user_id, 'decided_by', t.decided_by, 'ended_by', t.ended_by, 'pr_url', t.pr_url,
        'approvals', (select coalesce(jsonb_agg(a.approver order by a.approver), '[]') from verne.approvals a where a.task_id = t.id),
        'edits', t.edits, 'words', jsonb_build_array(t.prompt, t.repo),
        'account', (select a.fingerprint from verne.accounts a where a.id = t.account_id),
        'session', case when s.task_id is not null then jsonb_build_object(
          'account', (select a.fingerprint from verne.accounts a where a.id = s.account_id), 'phase', s.phase,
          'queued', public.ms(s.queued_at, started), 'admitted', public.ms(s.admitted_at, started), 'ended', public.ms(s.ended_at, started),
          'attempts', s.attempts, 'attempted', public.ms(s.attempted_at, started), 'name', s.name,
          'approved', s.approved_at is not null, 'recreated', s.recreated) end)))
      from public.guilds g join public.tasks t on t.guild_id = g.id left join verne.sessions s on s.task_id = t.id
      where g.guild_id = any (servers)),
    'servers', (select jsonb_object_agg(g.guild_id, jsonb_build_object('paused', g.paused_at is not null, 'left', g.left_at is not null))
      from public.guilds g where g.guild_id = any (servers)),
    'accounts', (select jsonb_object_agg(a.fingerprint, jsonb_build_object('id', a.id, 'perDay', a.per_day, 'atOnce', a.at_once))
      from verne.accounts a where a.fingerprint in (servers[1] || '-one', servers[1] || '-two')));
  end $$`;

/**
 * A database in which time stands still but where a command moves it, so that the model knows each instant; the rates at
 * which people may act are their own tests'.
 */
export async function aModelDatabase(db: TestDatabase) {
  await db.sql.unsafe(LOOK);
  await db.rpc('set_rates', { per_minute: { person: 1e7, person_in_server: 1e7, server: 1e7 } });
  // One connection: what is sent together is done in this order, in one round trip.
  const line = connect(db.adminUrl, { max: 1, applicationName: 'verne model' });
  const rpc = postgresRpc(line);
  const rows = await line<{ role: string; operation: string }[]>`select role, operation from verne.role_operations`;
  const named = new Map(
    [...Map.groupBy(rows, ({ role }) => role)].map(([role, all]) => [
      role,
      new Set(all.map(({ operation }) => operation)),
    ]),
  );
  let startedAt = 0;
  let sequence = 0;
  const kinds = new Map<string, number>();

  const snapshot = (servers: readonly string[]) =>
    line<[{ found: Snapshot }]>`select public.look(${servers}, ${startedAt}) as found`;

  function compare(world: World, { tasks, servers, accounts }: Snapshot): string[] {
    const rows = new Map((tasks ?? []).map((row) => [row.id, row]));
    const wrong = world.tasks.flatMap((task) => {
      return differences(rows.get(task.id)?.seen, seenOf(task, task), `task ${task.order}`);
    });
    if (rows.size !== world.tasks.length) wrong.push(`${rows.size} tasks, not ${world.tasks.length}`);
    for (const { id, isPaused, leftAt } of world.servers) {
      const expected = { paused: isPaused, left: leftAt !== null };
      wrong.push(...differences(servers[id], expected, `server ${id}`));
    }
    for (const [name, limits] of world.accounts) wrong.push(...differences(accounts?.[name], limits, 'account'));
    return wrong;
  }

  /** One command, at its own instant, and a look at what it left. */
  async function take(world: World, step: Step, accounts: Map<string, string>): Promise<void> {
    const { account, ...rest } = step.args;
    const args = account === undefined ? rest : { ...rest, account_id: accounts.get(String(account)) };
    const [, answer] = await Promise.all([
      line`update verne.clock set shift = ${startedAt + world.now} * interval '1 millisecond'`.execute(),
      rpc(step.name, args as never) as Promise<Answer>,
    ]);
    const [{ found }] = await snapshot(world.servers.map(({ id }) => id));
    const unlike = differences(answer, step.expected);
    if (unlike.length > 0) throw new Error(`the answer of ${step.name}: ${unlike.join('; ')}`);
    step.heard?.(answer);
    const wrong = compare(world, found);
    if (wrong.length > 0) throw new Error(`after ${step.name}: ${wrong.join('; ')}`);
    learn(world, found, accounts);
    const kind = `${step.name}: ${String(step.expected['kind'] ?? 'done')}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }

  /** What the card of each task says at the end. */
  async function compareViews(world: World): Promise<void> {
    const views = await Promise.all(world.tasks.map(({ id }) => rpc('read_task', { task_id: id }) as Promise<Answer>));
    for (const [at, task] of world.tasks.entries()) {
      const { verbs, session } = views[at] ?? {};
      const queue = (session as Answer | null)?.['queue'] ?? undefined;
      const expected = { verbs: offeredOf(task), queue: queueFactsOf(world, task) };
      const unlike = differences({ verbs, queue }, expected, `view of ${task.order}`);
      if (unlike.length > 0) throw new Error(unlike.join('; '));
    }
  }

  /** Both servers ready, each with rules that were drawn, and with a key of one account that they share. */
  async function setUp(world: World, accounts: Map<string, string>, drawn: Draw) {
    const steps = world.servers.flatMap((server, nth) => {
      const who: At = { person: admin(world), server };
      const entry = {
        owner: 'server',
        account: accountOf(world, 0),
        perDay: 20,
        atOnce: 2,
        isPlanNamed: false,
      } as const;
      const changes = rulesOf(server, drawn, nth);
      return [{ name: 'change_settings', args: { actor: actorOf(who), changes } }, addsKey(world, who, entry)];
    });
    const freed =
      line`update verne.service set paused_at = null, paused_by = null where paused_at is not null`.execute();
    await Promise.all([freed, ...steps.map(({ name, args }) => rpc(name, args as never))]);
    const [{ found }] = await snapshot(world.servers.map(({ id }) => id));
    learn(world, found, accounts);
  }

  return {
    /** What was asked and answered, how often. */
    kinds,
    /** One sequence, in servers of its own. It throws at the first disagreement. */
    async run(draws: readonly Draw[]): Promise<void> {
      sequence += 1;
      const world = aWorld(sequence, named);
      const accounts = new Map<string, string>();
      const past: string[] = [];
      try {
        await setUp(world, accounts, draws[0] ?? NOTHING);
        for (const one of draws) {
          world.now += 1000 + (one.tick % 3000);
          const step = COMMANDS[one.what]?.(world, one);
          if (!step) continue;
          past.push(
            `${step.name} ${JSON.stringify({ ...step.args, actor: short(step.args['actor']) })} → ${JSON.stringify(step.expected)}`,
          );
          await take(world, step, accounts);
        }
        await compareViews(world);
      } catch (error) {
        throw new Error(`${messageOf(error)}\n${past.join('\n')}`, { cause: error });
      } finally {
        startedAt += world.now + 1000;
      }
    },
    close: () => line.end({ timeout: 5 }),
  };
}

const admin = ({ people: [first] }: World) => {
  if (!first) throw new Error('nobody is there');
  return first;
};

const short = (actor: unknown) => {
  const { id, guild, door } = (actor ?? {}) as Record<string, unknown>;
  return { id, guild, door };
};
