import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openKey, unseal } from '#guilds/keyring.ts';
import { rotateKeys } from '#guilds/rotate-keys.ts';
import { keyId } from '#kernel/ids.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { downgradeAll, flipAll, swapAll } from '../support/key-attacks.ts';
import { rotateUnderKills } from '../support/key-rotation.ts';
import { aRing, aSealedKey, plainOf, storeKeys } from '../support/key-rows.ts';
import { seeded } from '../support/seeded.ts';

const ring = aRing('2', '1');
const rows = (count: number) => Array.from({ length: count }, (_, at) => aSealedKey(ring, at));

test('nothing of one row opens in another: key, data key, server, owner, purpose (C02)', () => {
  expect(swapAll(ring, rows(10))).toEqual({ tried: 650, opened: 0 });
});

test('no flipped bit is accepted, in the bytes or in the text that stands for them (C03)', () => {
  const { tried, accepted } = flipAll(ring, rows(2));
  expect(tried).toBeGreaterThan(3000);
  expect(accepted).toBe(0);
});

test('a row that names another version than the one that sealed it opens nothing (C08)', () => {
  expect(downgradeAll(ring, rows(5))).toEqual({ tried: 45, accepted: 0 });
});

describe('in a database', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await freshDatabase();
  });
  afterAll(() => db.close());
  const audited = (operation: string) =>
    db.sql`select guild_id, outcome, args ->> 'last4' as last4 from verne.audit where operation = ${operation}`;

  test('a seal that was moved is never used: its owner is told and the audit has it, both once (C02)', async () => {
    const [mine, other] = await storeKeys(db, ring, 4);
    if (!mine || !other) throw new Error('no keys');
    await db.sql`update verne.keys set sealed = ${other.sealed}, wrapped = ${other.wrapped} where id = ${mine.id}`;
    for (let times = 0; times < 2; times += 1)
      await expect(openKey(db.rpc, ring, keyId(mine.id))).rejects.toMatchObject({ code: 'no_key', retry: 'never' });
    expect((await openKey(db.rpc, ring, keyId(other.id)))?.reveal()).toBe(plainOf(other.id));
    const last4 = mine.id.slice(-4);
    expect(await audited('keys.open')).toEqual([{ guild_id: mine.guild_id, outcome: 'broken_seal', last4 }]);
    const told =
      await db.sql`select view, place, place_id, facts ->> 'why' as why from verne.messages where subject = ${`key:${mine.id}`}`;
    expect(told).toEqual([{ view: 'key_lost', place: 'dm', place_id: '100000000000000001', why: 'broken' }]);
  });

  test('a broken key is named by the rotation and does not stop it', async () => {
    const { done, broken } = await rotateKeys(db.rpc, aRing('3', '2'));
    expect({ done, broken: broken.length }).toEqual({ done: 3, broken: 1 });
    expect(await rotateKeys(db.rpc, aRing('3', '2'))).toMatchObject({
      done: 0,
      broken: [{ guild_id: broken[0]?.guild_id }],
    });
  });

  test('a key that a newer process sealed is waited for, not given up', async () => {
    const [newer] = await storeKeys(db, aRing('9'), 1);
    await expect(openKey(db.rpc, ring, keyId(newer?.id ?? ''))).rejects.toMatchObject({
      code: 'no_master_key',
      retry: 'soon',
      uncounted: true,
    });
  });
});

test('rotations that are killed leave every key to be opened, and the last one ends it (K09, C05)', async () => {
  const db = await freshDatabase();
  try {
    const ended = await rotateUnderKills(db, { rows: 100, kills: 3, random: seeded(5) });
    expect(ended).toMatchObject({ killed: 3, left: 0, broken: 0, failed: 0 });
    expect(ended.opened).toBeGreaterThan(0);
    const stored = await db.sql<
      { id: string; guild: string | null; owner: string | null; sealed: string; wrapped: string; kek_version: string }[]
    >`
      select id, guild_id as guild, owner_id as owner, sealed, wrapped, kek_version from verne.keys`;
    for (const { id, guild, owner, ...sealed } of stored)
      expect(unseal(ended.ring, sealed, { id, guild, owner }).reveal()).toBe(plainOf(id));
  } finally {
    await db.close();
  }
}, 40_000);
