import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { abandonMasterKey } from '#guilds/abandon-master-key.ts';
import { readKeyring } from '#guilds/keyring.ts';
import { proveMasterKeys } from '#guilds/prove-keyring.ts';
import { rotateKeys } from '#guilds/rotate-keys.ts';
import { anActor } from '../support/actors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aRing, ringText, storeKeys } from '../support/key-rows.ts';

/** What a process does with its master keys before it takes any work (C06). */
let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.sql`truncate verne.keys, verne.master_keys, verne.messages`);

const ring = aRing('1');
/** Another master key under the name of a known one. */
const impostor = (version: string) => readKeyring(`${version}:${Buffer.alloc(32, 3).toString('base64')}`);
const prove = (with_ = ring) => proveMasterKeys(db.rpc, with_);
const operator = anActor({ id: 'operator', guild: null, door: 'operator', command: 'keys abandon' });
const abandon = (version: string, with_ = aRing('2')) =>
  abandonMasterKey({ rpc: db.rpc, keyring: with_ }, operator, version);

test('the same master key starts again and again, alone or behind a newer one', async () => {
  await prove();
  await storeKeys(db, ring, 2);
  await prove();
  await prove(aRing('2', '1'));
});

test('another master key under a known version does not start: the version is named, no key is', async () => {
  await prove();
  const refused = await prove(impostor('1')).catch((error: Error) => error.message);
  expect(refused).toMatch(/another master key under version 1 .* npm run keys -- abandon 1$/);
  expect(refused).not.toContain(Buffer.alloc(32, 3).toString('base64').slice(0, 8));
});

test('a lost master key does not start while keys need it, and says what to do', async () => {
  await prove();
  await storeKeys(db, ring, 2);
  await expect(prove(aRing('2'))).rejects.toThrow(
    /lacks the master key of version 1, which alone opens 2 stored Jules keys.*npm run keys -- abandon 1/,
  );
  await expect(prove(aRing('1', '2'))).resolves.toBeUndefined();
});

test('keys of a release that knew of no proofs are the proof: the right key starts, a wrong one does not', async () => {
  await storeKeys(db, ring, 3);
  await expect(prove(impostor('1'))).rejects.toThrow(/another master key under version 1/);
  await db.sql`update verne.keys set sealed = 'AAAA' where id = (select id from verne.keys limit 1)`;
  await expect(prove()).resolves.toBeUndefined();
  await expect(prove(impostor('1'))).rejects.toThrow(/another master key under version 1/);
});

test('of two processes that start at once with two keys of one name, one starts', async () => {
  const starts = await Promise.allSettled([ring, impostor('1')].map((with_) => prove(with_)));
  expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('many processes that start at once with the same master keys all start', async () => {
  await Promise.all(Array.from({ length: 8 }, () => prove(aRing('2', '1'))));
  expect(await db.sql`select version from verne.master_keys order by version`).toEqual([
    { version: '1' },
    { version: '2' },
  ]);
});

test('a lost master key is given up: its keys are destroyed, their owners told, and the process starts', async () => {
  await prove();
  const keys = await storeKeys(db, ring, 3);
  await db.sql`update verne.keys set added_by = 'operator' where id = ${keys[2]?.id ?? ''}`;
  expect(await abandon('1')).toEqual({
    kind: 'abandoned',
    keys: 3,
    untold: [{ guild: keys[2]?.guild_id, last4: keys[2]?.id.slice(-4) }],
  });
  await expect(prove(aRing('2'))).resolves.toBeUndefined();
  expect(
    await db.sql`select from verne.keys where sealed is not null or wrapped is not null or revoked_at is null`,
  ).toHaveLength(0);
  const told = await db.sql`select place_id from verne.messages where view = 'key_lost' order by place_id`;
  expect(told).toEqual([{ place_id: '100000000000000001' }, { place_id: keys[1]?.owner_id }]);
  const audited =
    await db.sql`select guild_id, count(*)::int from verne.audit where correlation_id = ${operator.correlation} group by 1 order by 1`;
  expect(audited).toEqual([
    { guild_id: '', count: 2 },
    ...[keys[0], keys[2]].map((key) => ({ guild_id: key?.guild_id, count: 1 })),
  ]);
});

test('the embedded key file that was lost and made anew under the same version is given up too', async () => {
  await prove();
  await storeKeys(db, ring, 1);
  await expect(prove(impostor('1'))).rejects.toThrow(/abandon 1/);
  expect(await abandon('1', impostor('1'))).toMatchObject({ kind: 'abandoned', keys: 1 });
  await expect(prove(impostor('1'))).resolves.toBeUndefined();
});

test('a master key that is there is never given up, nor one that nobody knows; only an operator may', async () => {
  await prove();
  await storeKeys(db, ring, 1);
  await expect(abandon('1', ring)).rejects.toThrow(/is not lost/);
  await expect(abandon('7')).rejects.toThrow(/never used with a master key of version 7/);
  const actor = anActor({ admin: true });
  expect(await db.rpc('abandon_master_key', { actor, version: '1' })).toMatchObject({ kind: 'not_permitted' });
});

test('after a rotation the old master key can be taken away, and its name given to no other', async () => {
  await prove();
  await storeKeys(db, ring, 3);
  await prove(aRing('2', '1'));
  expect(await rotateKeys(db.rpc, aRing('2', '1'))).toEqual({ done: 3, broken: [] });
  await expect(prove(aRing('2'))).resolves.toBeUndefined();
  await expect(prove(readKeyring(`${ringText('2')},1:${Buffer.alloc(32, 3).toString('base64')}`))).rejects.toThrow(
    /version 1/,
  );
});
