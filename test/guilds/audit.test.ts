// A01, A02
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAudit, readHeads } from '#guilds/audit.ts';
import { guildHandlers } from '#guilds/handlers.ts';
import { makeLog } from '#kernel/log.ts';
import { anActor } from '../support/actors.ts';
import { CHAIN_LENGTH, HOT, headOf, makeChains, missOf, tampered, tamperOf, verdictOn } from '../support/chains.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { seeded } from '../support/seeded.ts';
import { aDelivery } from '../support/tasks.ts';
import { attacksOnAudit } from '../support/writers.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await makeChains(db);
});
afterAll(() => db?.close());

test('a chain that nobody touched is whole, page by page, and its head is the last entry', async () => {
  const head = await headOf(db.rpc, HOT);
  expect(await verdictOn(db.rpc, HOT, [head])).toEqual({ kind: 'whole', entries: CHAIN_LENGTH, head });
  const pages = await Array.fromAsync(readAudit(db.rpc, HOT, 5));
  expect(pages).toEqual(await Array.fromAsync(readAudit(db.rpc, HOT)));
});

test('A01: no role of the application changes, removes, adds or alters an entry, and the owner does so only by taking the guard away', async () => {
  expect(await attacksOnAudit(db)).toEqual([]);
  const head = await headOf(db.rpc, HOT);
  expect(await verdictOn(db.rpc, HOT, [head])).toMatchObject({ kind: 'whole', entries: CHAIN_LENGTH });
});

test('A02: whatever a superuser edits, deletes, inserts, reorders or cuts is found, with the first bad entry', async () => {
  const head = await headOf(db.rpc, HOT);
  const random = seeded(20_261_120);
  const misses: string[] = [];
  for (let n = 0; n < 60; n += 1) {
    const miss = await missOf(db.sql, tamperOf(n, random), head);
    if (miss) misses.push(miss);
  }
  expect(misses).toEqual([]);
});

test('whoever removes the people behind the pseudonyms is found by it, at the first entry of one of them', async () => {
  const head = await headOf(db.rpc, HOT);
  const statements = 'alter table verne.audit drop constraint audit_person_fkey; delete from verne.people';
  const { withHead } = await tampered(db.sql, { what: 'nobody known', firstBad: 0, statements }, head);
  expect(withHead).toMatchObject({ kind: 'broken', seq: '1', why: expect.stringMatching(/nobody was forgotten/) });
});

test('nobody is unnamed by an entry that only looks as if they had been forgotten', async () => {
  const head = await headOf(db.rpc, HOT);
  const unnamed = `update verne.people set discord_id = null, salt = null
    where ref = (select a.person from verne.audit a where a.guild_id = '${HOT}' and a.seq = 2)`;
  const says = (fields: string, hash: string) => `${unnamed};
    insert into verne.audit select e.* from (select (jsonb_populate_record(a, jsonb_build_object('guild_id', '', 'seq', 1,
      'operation', 'person.forget', 'door', 'operator', 'outcome', 'allowed', 'args', jsonb_build_object('person', a.person)) || '${fields}')).*
      from verne.audit a where a.guild_id = '${HOT}' and a.seq = 2) e;
    update verne.audit a set hash = ${hash} where a.guild_id = ''`;
  const proper = `sha256(convert_to(verne.audit_entry(a), 'UTF8'))`;
  const verdict = async (statements: string) =>
    (await tampered(db.sql, { what: 'forgotten', firstBad: 2, statements }, head)).withHead;
  expect(await verdict(says('{}', proper))).toMatchObject({ kind: 'whole' });
  expect(await verdict(says('{"outcome": "refused: not_permitted"}', proper))).toMatchObject({
    kind: 'broken',
    seq: '2',
  });
  expect(await verdict(says('{"operation": "keys.abandon"}', proper))).toMatchObject({ kind: 'broken', seq: '2' });
  expect(await verdict(says('{}', String.raw`'\x00'`))).toMatchObject({ kind: 'broken', seq: '2' });
});

describe('an entry', () => {
  test('of a direct message keeps no channel, which would be of one person alone', async () => {
    await db.rpc('record_refusal', {
      actor: anActor({ guild: null }),
      operation: 'task.create',
      code: 'not_in_a_server',
    });
    const [last] = await db.sql`select channel_id from verne.audit where guild_id = '' order by seq desc limit 1`;
    expect(last?.channel_id).toBeNull();
  });

  test('names people by pseudonym, in its arguments too', async () => {
    const [one, other] = ['100000000000000021', '100000000000000022'];
    for (const args of [{ person: one }, { approver_people: [one, other] }, { kind: 'person', id: other }]) {
      await db.rpc('record_refusal', { actor: anActor({ id: one }), operation: 'settings.change', code: 'no', args });
    }
    const rows = await db.sql`select to_jsonb(a)::text as text from verne.audit a where guild_id = ${anActor().guild}`;
    expect(rows).toHaveLength(3);
    for (const { text } of rows) expect(text).not.toMatch(new RegExp(`${one}|${other}`));
  });
});

test('the heads are logged, as they can be held against the chain later, and again in an hour', async () => {
  const lines: string[] = [];
  const log = makeLog({ level: 'info', secrets: [], destination: { write: (line: string) => void lines.push(line) } });
  const now = new Date('2026-11-20T10:00:00Z');
  const answer = await guildHandlers({ rpc: db.rpc, log })['guilds.log_heads']?.(
    aDelivery('service', 'verne', { now }),
  );
  expect(answer).toEqual({ kind: 'wait', until: new Date('2026-11-20T11:00:00Z') });
  const logged = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'audit.head');
  expect(logged.map(({ guild_id, seq, hash }) => ({ guild_id, seq, hash }))).toEqual(await readHeads(db.rpc));
});
