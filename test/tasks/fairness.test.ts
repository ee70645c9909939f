import { afterAll, beforeAll, expect, test } from 'vitest';
import { taskId } from '#kernel/ids.ts';
import { readTask } from '#tasks/read-task.ts';
import type { TaskView } from '#tasks/task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { type Ask, aFairWorld, mostOf, waitsOf } from '../support/fair-world.ts';
import { type Racers, startRacers } from '../support/races.ts';
import { seeded } from '../support/seeded.ts';
import { anApprover, aServer, aTask } from '../support/tasks.ts';

let db: TestDatabase;
let racers: Racers;
beforeAll(async () => {
  db = await freshDatabase();
  racers = await startRacers(db.workerUrl, { processes: 2, connections: 4 });
});
afterAll(async () => {
  await racers?.stop();
  await db.close();
});

const GUILDS = [1, 2, 3, 4].map((at) => `98000000000000000${at}`);
const SMALL = { name: 'small', perDay: 40, atOnce: 3 };
const LARGE = { name: 'large', perDay: 100, atOnce: 6 };
const OWN = { name: 'own', perDay: 15, atOnce: 1 };

test('of four servers that share accounts none starves, no limit is passed, and every view is true (J10)', async () => {
  const random = seeded(20_261_120);
  const world = await aFairWorld(db, racers, random);
  for (const guild of GUILDS) await world.server(guild, [SMALL, LARGE]);
  const [loner, itsGuild] = ['100000000000009999', GUILDS[0] ?? ''];
  await world.own(itsGuild, loner, OWN);
  const asks: Ask[] = Array.from({ length: 40 }, (_, at) => ({
    atMs: random.below(60_000),
    guild: GUILDS[at % GUILDS.length] ?? '',
    person: String(100_000_000_000_000_000n + BigInt(random.below(20))),
  }));
  for (let nth = 0; nth < 3; nth += 1) asks.push({ atMs: 1000, guild: itsGuild, person: loner });
  const rides = await world.live(asks, { tickMs: 30_000, looks: 2, lookEvery: 4 });
  const names = await world.nameOf();
  expect(rides).toHaveLength(43);
  for (const plan of [SMALL, LARGE, OWN]) {
    const own = rides.filter(({ account }) => names.get(account) === plan.name);
    expect(own.length).toBeGreaterThan(0);
    expect(mostOf(own).atOnce).toBeLessThanOrEqual(plan.atOnce);
    expect(mostOf(own).perDay).toBeLessThanOrEqual(plan.perDay);
  }
  const ofLoner = rides.filter(({ account }) => names.get(account) === 'own');
  expect(ofLoner.map(({ person }) => person)).toEqual([loner, loner, loner]);
  const waits = [...waitsOf(rides.filter(({ person }) => person !== loner)).values()];
  expect(Math.max(...waits) / Math.min(...waits)).toBeLessThanOrEqual(2);
  expect(world.checked()).toBeGreaterThan(5);
});

test('a server that comes late gets the next places of a crowded account, in turn (O16)', async () => {
  const shared = crypto.randomUUID();
  const [crowd, quiet] = ['980000000000000021', '980000000000000022'];
  for (const guild of [crowd, quiet, '980000000000000023'])
    await aServer(db, { guild, fingerprint: shared, atOnce: 2 });
  const ask = (guild: string) => aTask(db, anApprover({ guild }));
  const end = async (task?: TaskView) => {
    const work = (await db.rpc('read_work', { task_id: task?.id ?? '' })) as { revision: number };
    const change = { phase: 'done_nothing', end: { verb: 'complete' } };
    await db.rpc('record_session', { task_id: task?.id ?? '', revision: work.revision, change });
  };
  const placeOf = async ({ id }: TaskView) => (await readTask(db.rpc, taskId(id)))?.session?.queue?.place;
  const crowded: TaskView[] = [];
  for (let nth = 0; nth < 12; nth += 1) crowded.push(await ask(crowd));
  const first = await ask('980000000000000023');
  const late = [await ask(quiet), await ask(quiet)];
  expect(await Promise.all([first, ...late].map(placeOf))).toEqual([1, 2, 3]);
  await end(crowded[0]);
  await end(crowded[1]); // one of the third server and one of the quiet one run, none of the crowd: its turn
  expect(await Promise.all([first, ...late].map(placeOf))).toEqual([undefined, undefined, 3]);
  await end(first);
  await end(late[0]);
  expect(await placeOf(late[1] ?? first)).toBe(undefined);
});
