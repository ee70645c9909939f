import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventCommand, type Options, UsageError } from '../../scripts/event-commands.ts';
import { table } from '../../scripts/table.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { runtimeOf } from './support.ts';

let db: TestDatabase;
let runtime: ReturnType<typeof runtimeOf>;
beforeAll(async () => {
  db = await freshDatabase();
  runtime = runtimeOf(db);
  await runtime.subscribe('cli.all', ['cli.*'], 'each');
});
afterAll(() => db.close());

const run = (line: string, options: Options = {}) => {
  const [command = '', ...ids] = line.split(' ').filter(Boolean);
  return eventCommand({ command, ids, options })(db.rpc);
};

async function dead(topic: string): Promise<string> {
  await runtime.publish(topic, 'cli:1', { task: 't' });
  const claim = (await runtime.claim('cli.all', 10)).find(({ event }) => event.topic === topic);
  await runtime.settle(claim!, 'dead', { error: 'Discord said 404.' });
  return claim!.id;
}

test('list and dead show deliveries, newest first, by state and pattern', async () => {
  const one = await dead('cli.one');
  const two = await dead('cli.two');
  const all = await run('list', { topic: 'cli.*' });
  expect((all.data as { id: string }[]).map(({ id }) => id)).toEqual([two, one]);
  const some = await run('dead', { topic: '*.one' });
  expect(some.text.split('\n')).toHaveLength(2);
  expect(some.text).toMatch(
    new RegExp(`^ID +STATE.*\n${one} +dead +cli\\.all +cli\\.one +cli:1 +1 +- +Discord said 404\\.$`),
  );
  expect((await run('list', { state: 'open', topic: 'cli.**' })).text).toBe('None.');
  expect((await run('list', { limit: '1' })).data).toHaveLength(1);
});

test('show tells a delivery, its event and its failures', async () => {
  const id = await dead('cli.shown');
  const shown = await run(`show ${id}`);
  expect(shown.exitCode).toBe(0);
  expect(shown.text).toContain('event        ');
  expect(shown.text).toContain('payload      {"task":"t"}');
  expect(shown.text).toMatch(/FAILED BECAUSE\n1 {4}\S+Z {2}Discord said 404\./);
  expect(await run('show 999999')).toEqual({ data: null, text: 'There is no delivery 999999.', exitCode: 1 });
});

test('replay brings back those that are named, and says which were not dead', async () => {
  const id = await dead('cli.named');
  expect(await run(`replay ${id}`)).toMatchObject({ text: `${id} is open again.`, exitCode: 0 });
  expect(await run(`replay ${id}`)).toMatchObject({ exitCode: 1, data: [{ kind: 'not_dead', id }] });
});

test('replay --all brings back every dead letter of a topic, and no other', async () => {
  const id = await dead('cli.every');
  const other = await dead('cli.else');
  expect(await run('replay', { all: true, topic: 'cli.every' })).toMatchObject({ data: [{ id }], exitCode: 0 });
  expect((await run('dead', { topic: 'cli.else' })).data).toMatchObject([{ id: other }]);
  expect(await run('replay', { all: true, topic: 'cli.every' })).toMatchObject({ text: 'No dead letters.', data: [] });
});

test('discard wants a reason and a dead letter', async () => {
  const id = await dead('cli.thrown');
  expect(() => run(`discard ${id}`)).toThrow(UsageError);
  expect(() => run(`discard ${id}`, { reason: '  ' })).toThrow(UsageError);
  expect(await run(`discard ${id}`, { reason: 'gone' })).toMatchObject({ text: `${id} is discarded.`, exitCode: 0 });
  expect(await run(`discard ${id}`, { reason: 'gone' })).toMatchObject({ exitCode: 1 });
});

test('stats counts each subscriber’s deliveries, and a lease that is over is due', async () => {
  await runtime.subscribe('stats.all', ['stats.told'], 'each');
  const stats = async () =>
    ((await run('stats')).data as { subscriber: string }[]).find(({ subscriber }) => subscriber === 'stats.all');
  for (let index = 0; index < 3; index += 1) await runtime.publish('stats.told', `stats:${index}`);
  const claims = await runtime.claim('stats.all', 2);
  expect(await stats()).toMatchObject({ mode: 'each', due: 1, working: 2, waiting: 0 });
  await runtime.settle(claims[0]!, 'wait', { until: '2100-01-01T00:00:00Z' });
  await db.sql`update verne.deliveries set due_at = verne.now() - interval '90 s' where worker is not null`;
  expect(await stats()).toMatchObject({ due: 2, working: 0, waiting: 1, oldest_due_s: 90 });
  expect((await run('stats')).text).toMatch(/^SUBSCRIBER +MODE/);
});

test.each([
  ['', {}],
  ['frobnicate', {}],
  ['show', {}],
  ['show 1 2', {}],
  ['show x', {}],
  ['list 1', {}],
  ['list', { state: 'lost' }],
  ['list', { limit: '0' }],
  ['replay', {}],
  ['replay 1', { all: true }],
  ['replay 1', { topic: 'a.*' }],
])('%j with %j is answered with how to say it, before any database is asked', (line, options) => {
  expect(() => run(line, options)).toThrow(UsageError);
});

test('a table has aligned columns, one line a row, and is cut where a terminal ends', () => {
  expect(
    table(
      ['A', 'LONG'],
      [
        ['one', 'x\ny'],
        ['2', 'z'.repeat(10)],
      ],
      12,
    ),
  ).toBe('A    LONG\none  x y\n2    zzzzzz…');
});
