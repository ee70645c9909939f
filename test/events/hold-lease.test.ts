import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdLease, type LeaseWish } from '#events/hold-lease.ts';
import { makeLog } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

const TTL_MS = 60_000;

/** One process that wants the lease; what it did is kept in `deeds`. */
function aProcess(owner: string, facts: Partial<LeaseWish> = {}) {
  const deeds: string[] = [];
  const lease = holdLease({
    rpc: db.rpc,
    name: 'gateway',
    owner,
    ttlMs: TTL_MS,
    renewMs: 20,
    log: makeLog({ level: 'silent', secrets: [] }),
    onHeld: async () => void deeds.push('began'),
    onLost: async () => void deeds.push('ended'),
    ...facts,
  });
  return { ...lease, deeds };
}

test('of many processes one holds it, and a clean stop hands it to another at once', async () => {
  const processes = ['a', 'b', 'c'].map((name) => aProcess(name));
  await expect.poll(() => processes.filter((one) => one.isHeld()).length).toBe(1);
  const holder = processes.find((one) => one.isHeld());
  const others = processes.filter((one) => one !== holder);
  await holder?.stop();
  expect(holder?.deeds).toEqual(['began', 'ended']);
  await expect.poll(() => others.filter((one) => one.isHeld()).length).toBe(1);
  await Promise.all(others.map((one) => one.stop()));
});

test('a holder that fell silent is followed when its time is over, not before', async () => {
  await db.rpc('take_lease', { name: 'silent', owner: 'dead', ttl_ms: TTL_MS });
  const heir = aProcess('heir', { name: 'silent' });
  await moveClock(db.sql, TTL_MS - 5000);
  await expect(db.rpc('take_lease', { name: 'silent', owner: 'heir', ttl_ms: TTL_MS })).resolves.toMatchObject({
    held: false,
  });
  await moveClock(db.sql, 6000);
  await expect.poll(() => heir.isHeld()).toBe(true);
  await heir.stop();
});

test('a holder that cannot reach the database stops by itself before its lease is over', async () => {
  let isAway = false;
  const rpc: Rpc = (...call) => (isAway ? Promise.reject(new Error('away')) : db.rpc(...call));
  const holder = aProcess('cut-off', { name: 'cut', rpc, ttlMs: 200 });
  await expect.poll(() => holder.isHeld()).toBe(true);
  isAway = true;
  await expect.poll(() => holder.deeds).toEqual(['began', 'ended']);
  isAway = false;
  await expect.poll(() => holder.deeds).toEqual(['began', 'ended', 'began']);
  await holder.stop();
});

test('one whose lease was taken by another ends what it began', async () => {
  const holder = aProcess('old', { name: 'taken' });
  await expect.poll(() => holder.isHeld()).toBe(true);
  await db.sql`update verne.leases set owner = 'new', until = verne.now() + interval '1 hour' where name = 'taken'`;
  await expect.poll(() => holder.deeds).toEqual(['began', 'ended']);
  await holder.stop();
});
