import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { factsOf } from '../support/queue-model.ts';
import { anApprover, aServer, aTask } from '../support/tasks.ts';

const TENANTS = ['a', 'b', 'c', 'd'].map((_, at) => `98000000000000001${at}`);
const PEOPLE = 3;
const TASKS = 40;

let db: TestDatabase;
let account: string;
let tasks: { id: string; key_id: string; person: string }[];
beforeAll(async () => {
  db = await freshDatabase();
  const key = await aServer(db);
  for (const guild of TENANTS) await aServer(db, { guild });
  await aTask(db, anApprover());
  await db.sql`delete from verne.sessions`;
  account = (await db.sql`select account_id from verne.keys where id = ${key}`)[0]?.['account_id'];
  await db.sql`
    insert into public.tasks (user_id, discord_user_id, guild_id, number, prompt, status, request_key, channel_id, repo, repo_from,
      branch, key_id, account_id, key_owner, key_last4, decided_by, decided_at)
    select user_id, (100000000000000000 + n % ${PEOPLE})::text, guild_id, 1000 + n, prompt, status, 'facts-' || n, channel_id, repo,
      repo_from, branch, key_id, account_id, key_owner, key_last4, decided_by, decided_at from public.tasks, generate_series(1, ${TASKS}::int) n`;
  tasks =
    await db.sql`select id, key_id, discord_user_id as person from public.tasks where number > 1000 order by number`;
});
afterAll(() => db.close());

const session = fc.record({
  tenant: fc.nat(TENANTS.length - 1),
  kind: fc.constantFrom('queued', 'queued', 'queued', 'running', 'ended', 'cancelled'),
  queuedMs: fc.integer({ min: 1, max: 40 * 60 }).map((minutes) => minutes * 60_000),
  ranShare: fc.double({ min: 0, max: 1, noNaN: true }),
  /** When its plans were dropped and it was begun anew, as shares of its time. */
  again: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 2 }),
});
type Drawn = typeof session extends fc.Arbitrary<infer One> ? One : never;

const DAY_MS = 86_400_000;
const PHASES = { queued: 'queued', running: 'working', ended: 'done_nothing', cancelled: 'working' } as const;

/** Such a session of the past, admitted some time after it was asked for. */
function rowOf({ tenant, kind, queuedMs, ranShare, again }: Drawn, at: number, now: number) {
  const queuedAt = now - queuedMs;
  const admittedAt = kind === 'queued' ? null : Math.round(queuedAt + queuedMs * ranShare * 0.9);
  const begunFor = (admittedAt ?? now) - queuedAt;
  const endedAt = kind === 'queued' || kind === 'running' ? null : Math.round(((admittedAt ?? now) + now) / 2);
  // A cancelled one runs until it is archived, or for a day.
  const holds = kind === 'running' || (kind === 'cancelled' && (endedAt ?? 0) > now - DAY_MS);
  const begunAt = [...again.map((share) => Math.round(queuedAt + begunFor * share)), admittedAt ?? []].flat();
  const { id = '', key_id = '', person = '' } = tasks[at] ?? {};
  const row = { id, key_id, person, tenant: TENANTS[tenant] ?? '', queuedAt, admittedAt, endedAt };
  return { ...row, phase: PHASES[kind], recreated: again.length, begunAt, holds };
}

async function store(drawn: readonly Drawn[], now: number) {
  const rows = drawn.map((one, at) => rowOf(one, at, now));
  await db.sql`delete from verne.sessions`;
  await db.sql`
    insert into verne.sessions (task_id, account_id, key_id, tenant, marker, phase, recreated, queued_at, admitted_at, ended_at)
    select x.id, ${account}, x.key_id, x.tenant, 'facts-' || x.id, x.phase, x.recreated,
      to_timestamp(x."queuedAt" / 1000), to_timestamp(x."admittedAt" / 1000), to_timestamp(x."endedAt" / 1000)
    from jsonb_to_recordset(${db.sql.json(rows)}) x(id uuid, key_id uuid, tenant text, phase text, recreated int, "queuedAt" float8, "admittedAt" float8, "endedAt" float8)`;
  await db.sql`
    insert into verne.creations (task_id, nth, account_id, at)
    select x.id, n - 1, ${account}, to_timestamp((x."begunAt" ->> (n - 1))::float8 / 1000)
    from jsonb_to_recordset(${db.sql.json(rows)}) x(id uuid, "begunAt" jsonb), generate_series(1, jsonb_array_length(x."begunAt")) n
    on conflict do nothing`;
  return rows;
}

test('place, wait and reason of everything that waits are those of a plain model (J54)', async () => {
  const reasons = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(session, { minLength: 1, maxLength: TASKS }),
      fc.nat(6),
      fc.oneof(fc.nat(12), fc.nat(60)),
      fc.subarray(TENANTS, { maxLength: 1 }),
      async (drawn, atOnce, perDay, paused) => {
        await db.sql`update verne.accounts set at_once = ${atOnce}, per_day = ${perDay} where id = ${account}`;
        await db.sql`
          update public.guilds set paused_at = case when guild_id = any (${paused}) then now() end,
            paused_by = case when guild_id = any (${paused}) then '1' end`;
        const sessions = await store(drawn, Date.now());
        const found = await db.sql`
          select s.task_id, verne.queue_facts(s) as facts, extract(epoch from u.usual)::float8 * 1000 as usual,
            extract(epoch from verne.now())::float8 * 1000 as now
          from verne.sessions s, verne.account_use(${account}) u where s.admitted_at is null`;
        const usualMs = found[0]?.['usual'] ?? 0;
        const model = factsOf({
          atOnce,
          perDay,
          usualMs,
          now: found[0]?.['now'] ?? 0,
          paused: new Set(paused),
          sessions,
        });
        for (const { task_id: id, facts } of found) {
          const own = model.get(id);
          reasons.set(facts.because, (reasons.get(facts.because) ?? 0) + 1);
          if (!own) {
            expect(facts).toEqual({ because: 'paused' });
            continue;
          }
          expect({ place: facts.place, because: facts.because }).toEqual({ place: own.place, because: own.because });
          if (own.waitMs === null) expect(facts.wait_s).toBeNull();
          else expect(Math.abs(facts.wait_s - own.waitMs / 1000)).toBeLessThan(3);
        }
      },
    ),
    { numRuns: 60, seed: 20_261_120 },
  );
  expect([...reasons.keys()].toSorted()).toEqual(['at_once', 'paused', 'per_day']);
});
