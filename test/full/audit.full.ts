import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect, postgresRpc } from '#db/postgres.ts';
import { readHeads } from '#guilds/audit.ts';
import { forgetPerson } from '#tasks/forget-person.ts';
import { anActor } from '../support/actors.ts';
import { expectUnharmed, killAppenders } from '../support/appenders.ts';
import { HOT, headOf, makeChains, missOf, tamperOf, verdictOn } from '../support/chains.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { recordFigure } from '../support/figures.ts';
import { aHome, aTracedPerson, dumpOf, tracesIn } from '../support/forgettable.ts';
import { editInTurn, idsThroughJson, illegalMoves, unlistedDefiners } from '../support/rivals.ts';
import { seeded } from '../support/seeded.ts';
import { actAtRandom, countDeeds, prepareServer, watchChanges } from '../support/sequences.ts';
import { attacksOnAudit } from '../support/writers.ts';

const SEED = Number(process.env['VERNE_SEED'] ?? 20_261_120);
const KILLS = Number(process.env['VERNE_KILLS'] ?? 500);
const n = (count: number) => count.toLocaleString('en-US');

let db: TestDatabase;
beforeEach(async () => {
  db = await freshDatabase();
});
afterEach(() => db?.close());

test('A01: no role of the application, and no owner with the guard in place, changes an entry', async () => {
  await makeChains(db);
  expect(await attacksOnAudit(db)).toEqual([]);
  await recordFigure('A01', '19 statements × 5 roles, 4 × owner and superuser: all refused');
});

test('A02: a thousand tampers by a superuser are found, each with its first bad entry', async () => {
  await makeChains(db);
  const head = await headOf(db.rpc, HOT);
  const random = seeded(SEED);
  const misses: string[] = [];
  for (let at = 0; at < 1000; at += 1) {
    const miss = await missOf(db.sql, tamperOf(at, random), head);
    if (miss) misses.push(miss);
  }
  expect(misses).toEqual([]);
  await recordFigure('A02', '1,000 tampers of 12 kinds: all found, the first bad entry right in each');
});

test('A03: after 10,000 random sequences every change has its entry', async () => {
  await prepareServer(db);
  await watchChanges(db);
  await actAtRandom(db, seeded(SEED), 10_000);
  const counts = await countDeeds(db);
  expect(counts).toMatchObject({ unseen: 0, doubled: 0, changed_though_refused: 0, entries: counts.changes });
  expect(await verdictOn(db.rpc, '960000000000000001')).toMatchObject({ kind: 'whole' });
  const figure = `10,000 sequences: ${n(counts.changes)} changes, ${n(counts.entries)} entries with them, ${n(counts.refused)} refusals that changed nothing`;
  await recordFigure('A03', figure);
});

const APPENDING_MS = 5000;

test('A04: processes are killed by the hundred while they append to one chain, and it has neither fork nor gap', async () => {
  const guild = '970000000000000001';
  const told = await killAppenders(db, guild, KILLS);
  const entries = await expectUnharmed(db, guild, told);
  const sql = connect(db.workerUrl, { max: 8, applicationName: 'verne test' });
  const rpc = postgresRpc(sql);
  const until = performance.now() + APPENDING_MS;
  let appended = 0;
  const append = async () => {
    while (performance.now() < until) {
      await rpc('record_refusal', {
        actor: anActor({ door: 'operator', guild }),
        operation: 'task.create',
        code: 'no',
      });
      appended += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, append));
  await sql.end({ timeout: 5 });
  const rate = Math.round(appended / (APPENDING_MS / 1000));
  const figure = `${KILLS} kills, ${n(entries)} entries: 0 forks, 0 gaps, 0 of ${n(told.length)} acknowledged ones lost; ${n(rate)} appends a second to one chain`;
  await recordFigure('A04', figure);
});

test('G10: of 100 people who are forgotten no trace is left, and every chain is whole', async () => {
  await aHome(db);
  const people = [];
  for (let at = 0; at < 101; at += 1) people.push(await aTracedPerson(db, at));
  const [stayer, ...leavers] = people;
  const heads = await readHeads(db.rpc);
  const operator = anActor({ id: 'operator', door: 'operator', guild: null, channel: null });
  const took: number[] = [];
  for (const { id } of leavers) {
    const began = performance.now();
    expect(await forgetPerson(db.rpc, operator, id)).toMatchObject({ kind: 'forgotten' });
    took.push(performance.now() - began);
  }
  const dump = await dumpOf(db);
  expect(leavers.flatMap((leaver) => tracesIn(dump, leaver))).toEqual([]);
  expect(stayer && tracesIn(dump, stayer)).toHaveLength((stayer?.traces.length ?? 0) - 1);
  for (const { guild_id: guild } of heads) {
    const kept = heads.filter(({ guild_id }) => guild_id === guild);
    expect([guild, await verdictOn(db.rpc, guild, kept)]).toMatchObject([guild, { kind: 'whole' }]);
  }
  const words = leavers.reduce((sum, { traces }) => sum + traces.length, 0);
  const slowest = Math.round(Math.max(...took));
  const figure = `100 people, ${n(words)} traces looked for in all tables: 0 left; ${heads.length} chains whole; at most ${slowest} ms each`;
  await recordFigure('G10', figure);
});

test('R04: every step of a status by every role is refused unless it is listed', async () => {
  const { tried, wrong } = await illegalMoves(db);
  expect(wrong).toEqual([]);
  await recordFigure('R04', `${tried} (49 steps × 7 roles): all as listed`);
});

test('R10: 2,000 edits of a dashboard beside the bot: nothing is lost unsaid', async () => {
  const { told, conflicts, lost } = await editInTurn(db, seeded(SEED), 2000);
  expect(lost).toEqual([]);
  await recordFigure('R10', `2,000 edits: ${n(told)} kept, ${n(conflicts)} told of the conflict, 0 lost`);
});

test('T11: nobody calls a function that runs as its owner who is not listed', async () => {
  expect(await unlistedDefiners(db)).toEqual([]);
  const [count] =
    await db.sql`select count(*)::int as all from pg_proc where prosecdef and pronamespace::regnamespace::text in ('public', 'verne')`;
  await recordFigure('T11', `${count?.['all']} functions: 0 unlisted callers, search_path empty in all`);
});

test('T13: 100,000 ids beyond 2^53 come back digit for digit', async () => {
  expect(await idsThroughJson(db, seeded(SEED), 100_000)).toEqual([]);
  await recordFigure('T13', '100,000 ids: 0 changed');
});
