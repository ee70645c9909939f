import { createDecipheriv } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addKey, removeKey } from '#guilds/add-key.ts';
import { newMasterKey, openKey, readKeyring, seal, unseal } from '#guilds/keyring.ts';
import { keyId } from '#kernel/ids.ts';
import { Secret } from '#kernel/secret.ts';
import { anActor } from '../support/actors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

const PLAIN = 'AIzaCanary-0123456789abcdef0123456789';
const keyring = readKeyring(newMasterKey());
const binding = { id: 'row-1', guild: '1', owner: null };

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

const deps = () => ({ rpc: db.rpc, keyring, perDay: 100, atOnce: 15 });

test('what was sealed is opened again, and only by its own row and owner', () => {
  const sealed = seal(keyring, new Secret(PLAIN), binding);
  expect(unseal(keyring, sealed, binding).reveal()).toBe(PLAIN);
  for (const other of [
    { ...binding, id: 'row-2' },
    { ...binding, guild: '2' },
    { ...binding, owner: '1' },
    { ...binding, guild: null, owner: '1' },
  ]) {
    expect(() => unseal(keyring, sealed, other)).toThrow();
  }
});

/** Written a second time here: keys that are stored must be opened by every later release. */
function openByHand(key: Buffer, text: string, bound: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(bound));
  cipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]);
}

test('a seal is bound to its purpose, table, row, server, owner and master key, in the form that is stored', () => {
  const sealed = seal(keyring, new Secret(PLAIN), { id: 'row-1', guild: '12', owner: '345' });
  const master = keyring.masters.get('1') ?? Buffer.alloc(0);
  const bound = '4:keys|5:row-1|2:12|3:345|1:1';
  const dataKey = openByHand(master, sealed.wrapped, `6:verne1|8:data-key|${bound}`);
  expect(openByHand(dataKey, sealed.sealed, `6:verne1|3:key|${bound}`).toString()).toBe(PLAIN);
});

test('a flipped bit anywhere opens nothing', () => {
  const sealed = seal(keyring, new Secret(PLAIN), binding);
  for (const field of ['sealed', 'wrapped'] as const) {
    const bytes = Buffer.from(sealed[field], 'base64');
    for (let at = 0; at < bytes.length; at += 7) {
      const broken = Buffer.from(bytes);
      broken[at] = (broken[at] ?? 0) ^ 1;
      expect(() => unseal(keyring, { ...sealed, [field]: broken.toString('base64') }, binding)).toThrow();
    }
  }
});

test('two seals of one key share nothing', () => {
  const [a, b] = [seal(keyring, new Secret(PLAIN), binding), seal(keyring, new Secret(PLAIN), binding)];
  expect(a.sealed).not.toBe(b.sealed);
  expect(a.wrapped).not.toBe(b.wrapped);
});

test('an old master key opens what it sealed, the newest seals', () => {
  const old = newMasterKey();
  const both = readKeyring(`2:${Buffer.alloc(32, 7).toString('base64')},${old}`);
  const sealed = seal(readKeyring(old), new Secret(PLAIN), binding);
  expect(unseal(both, sealed, binding).reveal()).toBe(PLAIN);
  expect(seal(both, new Secret(PLAIN), binding).kek_version).toBe('2');
});

test.each(['', 'x', '1:short', '1:!!!!', `a b:${Buffer.alloc(32).toString('base64')}`])(
  'a master key %j is refused without being shown',
  (text) => {
    expect(() => readKeyring(text)).toThrow(/VERNE_MASTER_KEYS: entry 1/);
  },
);

test('a stored key is opened by the worker, and the database never holds it', async () => {
  const admin = anActor({ admin: true });
  const stored = await addKey(deps(), admin, { owner: 'server', key: ` ${PLAIN}\n` });
  expect(stored).toEqual({ kind: 'stored', last4: PLAIN.slice(-4), limits_kept: false });
  const [row] = await db.sql`select id from verne.keys where guild_id = ${admin.guild}`;
  expect((await openKey(db.rpc, keyring, keyId(row?.id)))?.reveal()).toBe(PLAIN);
  const dump = await db.sql`
    select (select json_agg(k) from verne.keys k)::text || (select json_agg(g) from public.guilds g)::text
      || (select json_agg(a) from verne.audit a)::text || (select json_agg(e) from verne.events e)::text as everything`;
  expect(dump[0]?.everything).not.toContain(PLAIN.slice(0, -4));
  const [guild] = await db.sql`select default_jules_api_key from public.guilds where guild_id = ${admin.guild}`;
  expect(guild?.default_jules_api_key).toBe(`•••• ${PLAIN.slice(-4)}`);
});

test('a new key of the same owner replaces the old one; of the same account it serves what the old one began', async () => {
  const admin = anActor({ admin: true, guild: '900000000000000002' });
  await addKey(deps(), admin, { owner: 'server', key: PLAIN });
  const [first] = await db.sql`select id from verne.keys where guild_id = ${admin.guild}`;
  await addKey(deps(), admin, { owner: 'server', key: PLAIN });
  expect((await openKey(db.rpc, keyring, keyId(first?.id)))?.reveal()).toBe(PLAIN);
  await addKey(deps(), admin, { owner: 'server', key: `${PLAIN}other` });
  expect(await openKey(db.rpc, keyring, keyId(first?.id))).toBeNull();
});

test('a removed key of a person is not replaced by the key that somebody else has of the same account', async () => {
  const [one, other] = [anActor({ id: '100000000000000071' }), anActor({ id: '100000000000000072' })];
  for (const actor of [one, other]) await addKey(deps(), actor, { owner: 'person', key: PLAIN });
  const [mine] = await db.sql`select id from verne.keys where owner_id = ${one.id}`;
  await removeKey(db.rpc, one, 'person');
  expect(await openKey(db.rpc, keyring, keyId(mine?.id))).toBeNull();
});

test('a removed key opens nothing any more', async () => {
  const admin = anActor({ admin: true, guild: '900000000000000003' });
  await addKey(deps(), admin, { owner: 'server', key: PLAIN });
  const [row] = await db.sql`select id from verne.keys where guild_id = ${admin.guild}`;
  expect(await removeKey(db.rpc, admin, 'server')).toEqual({ kind: 'removed' });
  expect(await openKey(db.rpc, keyring, keyId(row?.id))).toBeNull();
  expect(await removeKey(db.rpc, admin, 'server')).toEqual({ kind: 'no_key' });
});

test('somebody without Manage Server sets a key of their own, not the server’s', async () => {
  const person = anActor({ guild: '900000000000000004' });
  expect(await addKey(deps(), person, { owner: 'server', key: PLAIN })).toMatchObject({ kind: 'not_permitted' });
  expect(await addKey(deps(), person, { owner: 'person', key: PLAIN })).toMatchObject({ kind: 'stored' });
});

test.each(['', 'short', 'has a space in the middle', 'line\nbreak-0123456789', 'ключ-0123456789-0123456789'])(
  'a malformed key %j is refused with a sentence',
  async (key) => {
    await expect(addKey(deps(), anActor({ admin: true }), { owner: 'server', key })).rejects.toThrow(
      /not a Jules API key/,
    );
  },
);
