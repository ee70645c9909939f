import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { runtimeOf } from './support.ts';

const CHILD = fileURLToPath(new URL('../support/consume-child.ts', import.meta.url));

let db: TestDatabase;
let runtime: ReturnType<typeof runtimeOf>;
const children: ChildProcess[] = [];

beforeEach(async () => {
  db = await freshDatabase();
  runtime = runtimeOf(db);
  await db.sql`create table public.runs (id bigint generated always as identity primary key, delivery_id bigint, key text,
    event_id bigint, worker text, began_at timestamptz default clock_timestamp(), ended_at timestamptz)`;
  await db.sql`grant all on public.runs to verne_worker`;
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => kill(child, 'SIGKILL')));
  await db.close();
});

async function kill(child: ChildProcess, signal: NodeJS.Signals) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

async function startWorker({ subscribers, workMs, leaseMs }: { subscribers: string; workMs: number; leaseMs: number }) {
  const args = [CHILD, db.workerUrl, subscribers, String(workMs), String(leaseMs)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

/** Runs of one delivery that overlapped; a run of a killed worker is over when its lease is. */
const overlaps = () => db.sql`
  select a.delivery_id from public.runs a join public.runs b on a.delivery_id = b.delivery_id and a.id < b.id
  where b.began_at < a.ended_at`;

test('a worker that is killed is taken over within its lease and a poll, and nothing is lost', async () => {
  await runtime.subscribe('killed.all', ['killed.told'], 'each');
  await runtime.subscribe('killed.lane', ['killed.told'], 'latest');
  const victim = await startWorker({ subscribers: 'killed.all,killed.lane', workMs: 60_000, leaseMs: 1000 });
  for (let index = 0; index < 4; index += 1) await runtime.publish('killed.told', `killed:${index % 2}`);
  await expect.poll(() => db.sql`select from public.runs`).toHaveLength(5);
  const heir = await startWorker({ subscribers: 'killed.all,killed.lane', workMs: 1, leaseMs: 1000 });
  await expect.poll(() => db.sql`select from public.runs where worker = ${String(heir.pid)}`).toHaveLength(1);
  await kill(victim, 'SIGKILL');
  const [killed] = await db.sql<{ at: Date }[]>`select clock_timestamp() as at`;
  await expect
    .poll(() => db.sql`select from verne.deliveries where state <> 'done'`, { timeout: 10_000 })
    .toHaveLength(0);
  const late = await db.sql<{ ms: number }[]>`
    select max(extract(epoch from began_at - ${killed!.at}::timestamptz) * 1000)::int as ms
    from public.runs where worker = ${String(heir.pid)}`;
  // Lease and poll, and what a busy machine needs beside them.
  expect(late[0]?.ms).toBeLessThan(1000 + 125 + 1500);
  expect(await overlaps()).toEqual([]);
}, 30_000);

test('four workers share the work: every fact is handled once, each key in order', async () => {
  await runtime.subscribe('shared.each', ['shared.told'], 'each');
  await runtime.subscribe('shared.order', ['shared.told'], 'in_order');
  const workers = await Promise.all(
    Array.from({ length: 4 }, () => startWorker({ subscribers: 'shared.each,shared.order', workMs: 4, leaseMs: 8000 })),
  );
  const keys = ['shared:a', 'shared:b', 'shared:c'];
  await Promise.all(
    keys.map(async (key) => {
      for (let count = 0; count < 40; count += 1) await runtime.publish('shared.told', key);
    }),
  );
  await expect
    .poll(() => db.sql`select from verne.deliveries where state <> 'done'`, { timeout: 15_000 })
    .toHaveLength(0);
  const runs = await db.sql<{ subscriber: string; event_id: string; key: string; worker: string }[]>`
    select d.subscriber, r.event_id, r.key, r.worker from public.runs r
    join verne.deliveries d on d.id = r.delivery_id order by r.id`;
  const of = (name: string) => runs.filter(({ subscriber }) => subscriber === name);
  const events = await db.sql<{ id: string }[]>`select id from verne.events order by id`;
  for (const name of ['shared.each', 'shared.order'])
    expect(
      of(name)
        .map(({ event_id }) => event_id)
        .sort((a, b) => Number(a) - Number(b)),
    ).toEqual(events.map(({ id }) => id));
  for (const key of keys) {
    const ids = of('shared.order')
      .filter((run) => run.key === key)
      .map(({ event_id }) => Number(event_id));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  }
  expect(new Set(runs.map(({ worker }) => worker)).size).toBeGreaterThan(1);
  expect(await overlaps()).toEqual([]);
  for (const worker of workers) {
    await kill(worker, 'SIGTERM');
    expect(worker.exitCode).toBe(0);
  }
}, 40_000);
