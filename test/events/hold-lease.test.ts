import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '#db/open-database.ts';
import { holdLease, type LeaseWish } from '#events/hold-lease.ts';
import { makeLog } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { startRelay } from '../support/relay.ts';

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

test('a holder whose line falls silent has ended before another begins, and stops in time', async () => {
  const relay = await startRelay(db.workerUrl);
  const log = makeLog({ level: 'silent', secrets: [] });
  const times = { answerMs: 200, slots: 2, pollMs: 1000, httpPollMs: 1000 };
  const far = await openDatabase({ url: relay.url, dataDir: '', throwaway: false, log, ...times });
  const deeds: string[] = [];
  const told = (who: string) => ({
    name: 'silenced',
    ttlMs: 600,
    renewMs: 100,
    onHeld: async () => void deeds.push(`${who} began`),
    onLost: async () => void deeds.push(`${who} ended`),
  });
  const old = aProcess('old', { rpc: far.worker, ...told('old') });
  await expect.poll(() => old.isHeld()).toBe(true);
  const heir = aProcess('heir', told('heir'));
  try {
    relay.fallSilent();
    await expect.poll(() => heir.isHeld(), { timeout: 2500 }).toBe(true);
    expect(deeds).toEqual(['old began', 'old ended', 'heir began']);
    const stopping = performance.now();
    await old.stop();
    expect(performance.now() - stopping).toBeLessThan(2500);
  } finally {
    await heir.stop();
    await relay.stop();
    await far.stop();
  }
});

test('a stop does not wait for an answer that never comes', async () => {
  let isSilent = false;
  const rpc: Rpc = (...call) => (isSilent ? new Promise(() => {}) : db.rpc(...call));
  const holder = aProcess('mute', { name: 'mute', rpc });
  await expect.poll(() => holder.isHeld()).toBe(true);
  isSilent = true;
  const began = performance.now();
  await holder.stop();
  expect(performance.now() - began).toBeLessThan(2500);
  expect(holder.deeds).toEqual(['began', 'ended']);
});

test('a stop that comes while the lease is being taken begins nothing and leaves it to others', async () => {
  const answered = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const rpc: Rpc = async (name, args) => {
    const answer = await db.rpc(name, args);
    if (name === 'take_lease') {
      asked.resolve();
      await answered.promise;
    }
    return answer;
  };
  const early = aProcess('early', { name: 'early', rpc });
  await asked.promise;
  const stopped = early.stop();
  answered.resolve();
  await stopped;
  expect(early.deeds).toEqual([]);
  expect(await db.rpc('take_lease', { name: 'early', owner: 'next', ttl_ms: 1000 })).toMatchObject({ held: true });
});
