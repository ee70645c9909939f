import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { connect, postgresRpc } from '#db/postgres.ts';
import { freshDatabase } from '../support/database.ts';
import { nameOfPoint, openGate, type Point, type Verdict } from './gate.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A gate that notes what passes, and breaks at one point. */
async function gateTo(target: URL, breakAt?: string) {
  const passed: string[] = [];
  const onPoint = (point: Point): Verdict => {
    passed.push(nameOfPoint(point));
    return passed.at(-1) === breakAt ? 'break' : 'pass';
  };
  const gate = await openGate({ target, onPoint });
  ends.push(() => gate.stop());
  const url = new URL(target);
  url.port = String(gate.port);
  return { url, gate, passed };
}

async function aDatabase(breakAt?: string) {
  const db = await freshDatabase();
  ends.push(() => db.close());
  const { url, ...gated } = await gateTo(new URL(db.workerUrl), breakAt);
  const sql = connect(url.href, { max: 1, applicationName: 'verne test gate' });
  ends.push(() => sql.end({ timeout: 1 }));
  const take = (name: string) => postgresRpc(sql)('take_lease', { name, owner: crypto.randomUUID(), ttl_ms: 60_000 });
  const taken = async () => (await db.sql<{ name: string }[]>`select name from verne.leases`).map(({ name }) => name);
  return { ...gated, take, taken };
}

test('each call to the database is named when it begins and when it is answered, prepared or not', async () => {
  const { take, passed, gate } = await aDatabase();
  await take('one');
  await take('two');
  expect(passed).toEqual(Array.from({ length: 2 }, () => ['before take_lease', 'after take_lease']).flat());
  expect(gate.underWay()).toBe(0);
});

test('a call that is broken before it began had no effect', async () => {
  const { take, taken } = await aDatabase('before take_lease');
  await expect(take('one')).rejects.toThrow(/CONNECTION_CLOSED/);
  expect(await taken()).toEqual([]);
});

test('a call that is broken after its commit had its effect, and nobody was told', async () => {
  const { take, taken, gate } = await aDatabase('after take_lease');
  await expect(take('one')).rejects.toThrow(/may have taken effect/);
  expect(await taken()).toEqual(['one']);
  expect(gate.underWay()).toBe(0);
});

test('requests are named without what is in them, and broken like calls', async () => {
  let served = 0;
  const server = createServer((_, answer) => {
    served += 1;
    answer.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => void server.close());
  const target = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const { url, passed } = await gateTo(target, 'after POST /sessions/:id:approvePlan');
  const ask = (method: string, path: string) => fetch(new URL(path, url), { method }).then(({ ok }) => ok);
  await ask('PATCH', '/api/v10/channels/1190000000000000031/messages/1190000000000000032');
  await ask('POST', '/api/v10/interactions/1190000000000000031/a-token/callback');
  await ask('POST', '/rest/v1/rpc/take_lease');
  await expect(ask('POST', '/v1alpha/sessions/12345678901:approvePlan?key=no')).rejects.toThrow();
  expect(served).toBe(4);
  expect(passed.filter((name) => name.startsWith('before'))).toEqual([
    'before PATCH /channels/:id/messages/:id',
    'before POST /interactions/:id/:token/callback',
    'before take_lease',
    'before POST /sessions/:id:approvePlan',
  ]);
});
