import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Actor } from '#kernel/actor.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { recordFigure } from '../support/figures.ts';
import { type Call, type Outcome, type Racers, startRacers } from '../support/races.ts';
import { type Seeded, seeded } from '../support/seeded.ts';
import { anAdmin, anApprover, aRequester, aServer } from '../support/tasks.ts';

/**
 * Everybody writes at once what takes the same locks in one transaction: allowances, accounts, tasks, the server's row,
 * events and the audit. Servers share Jules accounts, people are in all of them. Postgres itself counts deadlocks.
 */
const SEED = Number(process.env['VERNE_SEED'] ?? 20_261_120);
const FOR_MS = Number(process.env['VERNE_MIXED_MS'] ?? 60_000);
const GUILDS = ['960000000000000001', '960000000000000002', '960000000000000003', '960000000000000004'];
const BATCH = 240;

/** A second key of a server, of the account that its neighbours have as their first. */
const sealed = (account: number) => ({
  ...{
    id: crypto.randomUUID(),
    sealed: 'x',
    wrapped: 'x',
    kek_version: '1',
    last4: '1a2b',
    per_day: 100_000,
    at_once: 6,
  },
  ...{ fingerprint: `account-${account}`, beside: true },
});

let db: TestDatabase;
let racers: Racers;
beforeAll(async () => {
  db = await freshDatabase();
  await db.sql.unsafe(`alter database ${db.name} set deadlock_timeout = '100ms'`);
  racers = await startRacers(db.workerUrl, { processes: 2, connections: 16 });
  for (const [at, guild] of GUILDS.entries()) {
    await aServer(db, { guild, perDay: 100_000, atOnce: 6, fingerprint: `account-${at % 2}` });
    const budget = { kind: 'person', id: '', per_day: 100_000, at_once: 50 };
    await db.rpc('store_key', { actor: anAdmin({ guild }), owner: 'server', sealed: sealed(1 - (at % 2)) });
    await db.rpc('change_settings', { actor: anAdmin({ guild }), changes: { key_rule: 'move' } });
    await db.rpc('change_budget', { actor: anAdmin({ guild }), budget });
  }
});
afterAll(async () => {
  await racers?.stop();
  await db.close();
});

type Task = { readonly id: string; readonly guild: string; readonly revision: number; readonly is_admitted: boolean };
type Known = {
  readonly tasks: readonly Task[];
  readonly accounts: readonly string[];
  readonly keys: readonly { id: string; account: string }[];
};

async function look(): Promise<Known> {
  const tasks = await db.sql<Task[]>`
    select t.id::text, g.guild_id as guild, coalesce(s.revision, 1) as revision,
      s.admitted_at is not null as is_admitted from public.tasks t
    join public.guilds g on g.id = t.guild_id left join verne.sessions s on s.task_id = t.id
    where t.status in ('pending_confirmation', 'in_progress') order by t.created_at limit 120`;
  const keys = await db.sql<{ id: string; account: string }[]>`
    select id::text, account_id::text as account from verne.keys where revoked_at is null and guild_id = any (${GUILDS})`;
  return { tasks, keys, accounts: [...new Set(keys.map(({ account }) => account))] };
}

const person = (at: number) => String(100_000_000_000_020_000n + BigInt(at));
let asked = 0;

/** What somebody may ask at this moment. */
function personal({ pick, below }: Seeded, { tasks }: Known): Call {
  const guild = pick(GUILDS);
  const task = tasks.length > 0 ? pick(tasks) : undefined;
  const there = (make: (facts: Partial<Actor>) => Actor, where = guild) =>
    make({ guild: where, id: person(below(30)), name: `n${below(3)}` });
  const admin = there(anAdmin);
  const decision = (verb: string): Call => ({
    name: 'decide_task',
    args: { actor: there(anApprover, task?.guild), task_id: task?.id ?? crypto.randomUUID(), verb, reason: 'because' },
  });
  return pick<() => Call>([
    () => ({
      name: 'request_task',
      args: { actor: there(aRequester), request_key: `mixed-${++asked}`, wish: { prompt: 'x' } },
    }),
    () => ({
      name: 'request_task',
      args: { actor: there(anApprover), request_key: `mixed-${++asked}`, wish: { prompt: 'x' } },
    }),
    () => decision('confirm'),
    () => decision('confirm'),
    () => decision('reject'),
    () => decision('cancel'),
    () => ({
      name: 'change_budget',
      args: { actor: admin, budget: { kind: 'server', id: '', per_day: 100_000, at_once: 100 + below(50) } },
    }),
    () => ({ name: 'raise_budget', args: { actor: there(anApprover), person: person(below(30)), extra: 1 } }),
    () => ({ name: 'change_settings', args: { actor: admin, changes: { approvals_needed: 1 + below(2) } } }),
    () => ({ name: 'pause_guild', args: { actor: admin, pause: below(60) === 0 } }),
    () => ({ name: 'store_key', args: { actor: admin, owner: 'server', sealed: sealed(below(2)) } }),
    () => ({ name: 'read_settings', args: { actor: there(aRequester) } }),
    () => ({
      name: 'record_refusal',
      args: { actor: there(aRequester), operation: 'task.create', code: 'malformed_repo' },
    }),
  ])();
}

/** What Jules lists: every session that was opened, as if each had moved. */
const seen = (tasks: readonly Task[]) =>
  tasks
    .filter(({ is_admitted }) => is_admitted)
    .map(({ id }) => ({ name: `sessions/${id}`, state: 'IN_PROGRESS', updated_at: new Date(), marker: null }));

/** What workers do of their own accord. */
function worker({ pick, below }: Seeded, { tasks, accounts, keys }: Known): Call {
  const task = tasks.length > 0 ? pick(tasks) : undefined;
  const id = { task_id: task?.id ?? crypto.randomUUID() };
  const begun = { task_id: tasks.find(({ is_admitted }) => is_admitted && below(4) === 0)?.id ?? crypto.randomUUID() };
  const [account, key] = [pick(accounts), pick(keys)];
  const revision = (task?.revision ?? 1) + below(2);
  return pick<() => Call>([
    () => ({ name: 'expire_task', args: id }),
    () => ({ name: 'record_attempt', args: { ...id, revision } }),
    () => ({
      name: 'record_opened',
      args: { ...begun, opened: { name: `sessions/${begun.task_id}`, url: null, state: 'QUEUED', strays: [] } },
    }),
    () => ({
      name: 'record_session',
      args: { ...id, revision, change: { phase: 'done_nothing', end: { verb: 'complete' } } },
    }),
    () => ({ name: 'record_session', args: { ...id, revision, change: { phase: 'working', moved: true } } }),
    () => ({ name: 'record_sweep', args: { account_id: account, seen: seen(tasks) } }),
    () => ({ name: 'record_sweep', args: { account_id: account, seen: seen(tasks) } }),
    () => ({ name: 'record_trouble', args: { ...id, trouble: `trouble ${below(5)}` } }),
    () => ({ name: 'renew_session', args: { ...begun, revision } }),
    () => ({
      name: 'record_account_problem',
      args: { account_id: key.account, key_id: key.id, problem: `problem ${below(5)}` },
    }),
    () => ({ name: 'resume_guild', args: { guild_id: pick(GUILDS) } }),
    () =>
      below(400) === 0 ? { name: 'leave_guild', args: { guild_id: pick(GUILDS) } } : { name: 'read_health', args: {} },
    () => ({
      name: 'claim_deliveries',
      args: { subscribers: ['tasks.expire', 'discord.show'], slots: 5, worker: 'mixed', lease_ms: 1 },
    }),
    () => ({ name: 'prune_limits', args: {} }),
  ])();
}

const deadlocks = async () => {
  const [found] = await db.sql`select deadlocks::int from pg_stat_database where datname = ${db.name}`;
  return Number(found?.deadlocks);
};

test(`R11: writers of all kinds never wait for each other for ever (seed ${SEED})`, async () => {
  const random = seeded(SEED);
  const told = new Map<string, number>();
  const kinds = new Set<string>();
  const note = (outcome: Outcome, { name }: Call) => {
    kinds.add(name);
    const what = outcome.kind === 'threw' ? `${name} threw ${outcome.threw}` : (outcome.kind ?? 'answered');
    told.set(what, (told.get(what) ?? 0) + 1);
  };
  const until = Date.now() + FOR_MS;
  let calls = 0;
  while (Date.now() < until) {
    const known = await look();
    const batch = Array.from({ length: BATCH }, (_, at) =>
      at % 3 === 0 ? worker(random, known) : personal(random, known),
    );
    const outcomes = await racers.race(batch);
    for (const [at, call] of batch.entries()) note(outcomes[at] ?? { kind: 'answered' }, call);
    calls += batch.length;
  }
  const lines = [...told].sort(([, one], [, other]) => other - one).map(([what, times]) => `${what} ${times}`);
  expect(lines.filter((line) => line.includes(' threw '))).toEqual([]);
  expect(await deadlocks()).toBe(0);
  console.info(lines.join(', '));
  if (FOR_MS < 60_000) return; // a look, not for the page
  await recordFigure(
    'R11',
    `${calls.toLocaleString('en-US')} calls of ${kinds.size} kinds from 2 processes in ${Math.round(FOR_MS / 1000)} s on four servers with two shared accounts: 0 deadlocks`,
  );
});
