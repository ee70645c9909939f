import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text as readAll } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readKeyring } from '#guilds/keyring.ts';
import { keyCommand } from '../../scripts/key-commands.ts';
import { readWish } from '../../scripts/key-wish.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aRing, ringText } from '../support/key-rows.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/keys.ts', import.meta.url));
const GUILD = '900000000000000071';
const PERSON = '100000000000000071';
const KEY = 'a-jules-key-of-the-script-77zz';
const mine = ['set', '--guild', GUILD];

test.each([
  [[], /^Say what to do: set, remove, list, rotate or abandon\.$/],
  [['sett'], /^Say what to do/],
  [['set'], /^--guild is missing/],
  [['set', '--guild', '12'], /^--guild wants the id of a Discord server/],
  [['set', '--guild'], /^An option is not known, has no value/],
  [[...mine, '--person', 'ada'], /^--person wants the id of a Discord user/],
  [[...mine, '--plan', 'toString'], /^--plan is free, pro or ultra/],
  [[...mine, '--plan', 'pro', '--per-day', '5'], /^--plan says the limits already/],
  [[...mine, '--per-day', '5'], /^--per-day and --at-once are given together/],
  [[...mine, '--per-day', '-5', '--at-once', '1'], /^An option is not known/],
  [[...mine, '--per-day', '1e3', '--at-once', '1'], /^--per-day wants a whole number from 0 to 100000/],
  [[...mine, '--per-day', '10', '--at-once', '0'], /^--at-once wants a whole number from 1 to 100000/],
  [[...mine, '--per-day', '999999', '--at-once', '1'], /^--per-day wants a whole number/],
  [[...mine, '--role', 'admins'], /^--role wants the id of a Discord role/],
  [[...mine, '--channel', '#general'], /^--channel wants the id of a Discord channel/],
  [[...mine, '--person', PERSON, '--beside'], /^A person has one key/],
  [[...mine, '--last4', '1a2b'], /^set takes no --last4\.$/],
  [[...mine, KEY], /^There is a word too many behind set\. If it was a Jules key, revoke it/],
  [[...mine, `--${KEY}`], /^An option is not known/],
  [['remove', '--guild', GUILD, '--last4', 'abc'], /^--last4 wants the last four characters/],
  [['rotate', '--guild', GUILD], /^rotate takes no --guild\.$/],
  [['abandon'], /^abandon wants the version/],
  [['abandon', '1:c2VjcmV0'], /^A version is 1 to 20 letters/],
  [['abandon', '1', '2'], /^There is a word too many behind abandon/],
] as const)('%j is answered by a sentence that repeats no key', (args, sentence) => {
  const answer = (() => {
    try {
      return JSON.stringify(readWish(args));
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(answer).toMatch(sentence);
  expect(answer).not.toContain(KEY);
});

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

const ringOf = (masters: string) => readKeyring(masters);

/** The command in this process. */
async function run(args: readonly string[], masters: string, key = '') {
  const deps = {
    rpc: db.rpc,
    keyring: async () => ringOf(masters),
    readKey: async () => key,
    limits: { perDay: 100, atOnce: 15 },
  };
  const { text } = await keyCommand(deps, readWish(args));
  return text;
}

/** The whole script. */
async function runScript(args: readonly string[], masters: string, input = '') {
  const env = { PATH: process.env['PATH'], DATABASE_URL: db.workerUrl, VERNE_MASTER_KEYS: masters, DISCORD_TOKEN: 'x' };
  const child = spawn(process.execPath, [SCRIPT, ...args], { env, stdio: 'pipe' });
  child.stdin.on('error', () => {}).end(input);
  const [out, err, [code]] = await Promise.all([readAll(child.stdout), readAll(child.stderr), once(child, 'close')]);
  return { code, out, err };
}

test('an operator sets keys for pools, lists them, rotates, loses the master key and gives it up', async () => {
  const both = ringText('2', '1');
  const pool = ['--per-day', '40', '--at-once', '4', '--role', '300000000000000071', '--beside'];
  const first = await runScript([...mine, '--plan', 'free'], ringText('1'), KEY);
  const stored = `The key •••• 77zz of server ${GUILD} is stored, sealed; one that was there before is revoked.\n`;
  expect(first).toEqual({ code: 0, out: stored, err: '' });
  expect(await run([...mine, ...pool], ringText('1'), `${KEY}-two`)).toMatch(
    /•••• -two of server .* beside the others/,
  );
  expect(await run([...mine, '--person', PERSON], ringText('1'), `${KEY}-own`)).toContain(
    `•••• -own of person ${PERSON}`,
  );
  // Another master key under the same name must seal nothing: what it sealed nobody could open.
  const impostor = `1:${Buffer.alloc(32, 8).toString('base64')}`;
  const wrong = await runScript(mine, impostor, KEY);
  expect(wrong).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/^Nothing was changed: .*master key under version 1/),
  });
  const listed = (await run(['list'], ringText('1'))).split('\n');
  expect(listed).toHaveLength(4);
  expect(listed[1]).toMatch(new RegExp(`^server ${GUILD} +•••• 77zz +everybody +free +15 +3 +1 `));
  expect(listed[2]).toMatch(/•••• -two +role 300000000000000071 +custom +40 +4 /);
  expect(await run(['rotate'], both)).toMatch(/^3 keys put under the master key of version 2\. None is left/);
  const removing = ['remove', '--guild', GUILD, '--last4', '-two'];
  expect(await run(removing, both)).toBe(`The key •••• -two of server ${GUILD} is removed.`);
  expect(await run(removing, both)).toBe(`There was no key •••• -two of server ${GUILD}.`);
  await expect(run(['abandon', '2'], both)).rejects.toThrow('is not lost');
  const given = await run(['abandon', '2'], ringText('3'));
  expect(given).toMatch(/^The master key of version 2 is given up, and with it 2 Jules keys\./);
  expect(given).toContain(`Entered from the shell, so nobody is told of: •••• 77zz of server ${GUILD}.`);
  expect(await run(['list'], ringText('3'))).toBe('There are no keys.');
});

test('one version cannot be there twice', () => {
  expect(() => readKeyring(`${ringText('1')},${ringText('1')}`)).toThrow('version 1 is there twice');
  expect(aRing('2', '1').active).toBe('2');
});
