import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditHead } from '#guilds/audit.ts';
import { readAuditWish } from '../../scripts/audit-wish.ts';
import { anActor } from '../support/actors.ts';
import { CHAIN_LENGTH, HOT, headOf, makeChains } from '../support/chains.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { runScript } from '../support/scripts.ts';

const OTHER = '910000000000000002';

let db: TestDatabase;
let folder: string;
let head: AuditHead;
beforeAll(async () => {
  db = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), 'verne-test-'));
  await makeChains(db);
  head = await headOf(db.rpc, HOT);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await db?.close();
});

const audit = (...args: string[]) => runScript(db, 'audit', args);

/** As whoever owns the database may. */
const asOwner = (statement: string) =>
  db.sql.unsafe(
    `alter table verne.audit disable trigger all; ${statement}; alter table verne.audit enable always trigger keep_audit`,
  );

test('verify says of every chain that it is whole, heads shows their ends, export hands out each entry', async () => {
  const [verified, heads, exported] = await Promise.all([
    audit('verify'),
    audit('heads'),
    audit('export', '--guild', HOT),
  ]);
  expect(verified).toEqual({
    code: 0,
    out: `server ${HOT}: whole, ${CHAIN_LENGTH} entries.\nserver ${OTHER}: whole, ${CHAIN_LENGTH} entries.\n`,
    err: '',
  });
  expect(heads).toMatchObject({ code: 0, err: '' });
  expect(
    heads.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toContainEqual(head);
  const lines = exported.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toHaveLength(CHAIN_LENGTH);
  expect(lines.at(-1)).toMatchObject({ seq: head.seq, hash: head.hash, discord_id: expect.stringMatching(/^\d{18}$/) });
});

test.each([
  [[], /Say what to do/],
  [['prove'], /Say what to do/],
  [['verify', 'twice'], /Say what to do/],
  [['verify', '--frobnicate'], /frobnicate/],
  [['verify', '--guild', 'mine'], /--guild wants/],
  [['export'], /export wants --guild/],
  [['heads', '--heads', 'x'], /for verify/],
  [['verify', '--head', `1:${'a'.repeat(64)}`], /--guild with it/],
  [['verify', '--guild', HOT, '--head', '1:abc'], /NUMBER:HASH/],
] as const)('what cannot be understood (%j) is said, with the usage', (args, sentence) => {
  expect(() => readAuditWish(args)).toThrow(sentence);
  expect(() => readAuditWish(args)).toThrow('npm run audit -- verify');
});

test('what cannot be understood ends with code 2, before any database is opened', async () => {
  const answer = await runScript({ workerUrl: 'postgres://nobody@127.0.0.1:1/nothing' }, 'audit', ['prove']);
  expect(answer).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^Say what to do/) });
});

test('a file without heads proves nothing, and is said to', async () => {
  const file = join(folder, 'empty.log');
  await writeFile(file, '{"level":30,"event":"verne.started"}\nnot even JSON\n{"guild_id":"1","seq":"x","hash":"y"}\n');
  expect(await audit('verify', '--heads', file)).toEqual({
    code: 1,
    out: '',
    err: `${file} has no heads of an audit.\n`,
  });
});

test('a head that was kept finds a tail that was cut, alone and in a log with others, and a chain that is gone', async () => {
  await asOwner(`delete from verne.audit where guild_id = '${HOT}' and seq > 20`);
  expect(await audit('verify', '--guild', HOT)).toMatchObject({ code: 0, out: `server ${HOT}: whole, 20 entries.\n` });
  const said = `server ${HOT}: broken at entry 21: it is missing: the hash of entry ${CHAIN_LENGTH} was kept.\n`;
  expect(await audit('verify', '--guild', HOT, '--head', `${head.seq}:${head.hash}`)).toEqual({
    code: 1,
    out: '',
    err: said,
  });
  const log = join(folder, 'bot.log');
  await writeFile(
    log,
    `{"level":30,"event":"verne.started"}\n${JSON.stringify({ level: 30, event: 'audit.head', ...head })}\n`,
  );
  expect(await audit('verify', '--heads', log)).toEqual({
    code: 1,
    out: `server ${OTHER}: whole, ${CHAIN_LENGTH} entries.\n`,
    err: said,
  });
  await asOwner(`delete from verne.audit where guild_id = '${HOT}'`);
  expect(await audit('verify', '--heads', log)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/broken at entry 1: it is missing/),
  });
}, 60_000);

test('a chain that was edited is broken at the entry that was, and the others are still looked at', async () => {
  await db.rpc('record_refusal', { actor: anActor({ guild: HOT }), operation: 'task.create', code: 'no' });
  await asOwner(`update verne.audit set outcome = 'allowed' where guild_id = '${OTHER}' and seq = 7`);
  expect(await audit('verify')).toEqual({
    code: 1,
    out: `server ${HOT}: whole, 1 entry.\n`,
    err: `server ${OTHER}: broken at entry 7: its hash does not fit its text and the entry before it.\n`,
  });
});
