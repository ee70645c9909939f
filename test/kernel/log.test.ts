import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeLog } from '#kernel/log.ts';
import { scrubber } from '#kernel/scrub.ts';
import { Secret } from '#kernel/secret.ts';
import { logged, logWish } from '../support/log-lines.ts';

// The short form of I09 in docs/reliability.md.

const KEY = `AIza${'x'.repeat(35)}`;
const TOKEN = `${'M'.repeat(24)}.${'a'.repeat(6)}.${'b'.repeat(38)}`;

function linesOf(write: (log: ReturnType<typeof makeLog>) => void, secrets: string[] = []) {
  const lines: string[] = [];
  write(makeLog({ level: 'debug', secrets, destination: { write: (line: string) => void lines.push(line) } }));
  return lines;
}

test('a secret is hidden wherever it stands: field, message, URL, error, cause, array', () => {
  const known = 'correct horse battery staple';
  const error = new Error(`refused ${known}`, { cause: new Error(`key ${KEY}`) });
  const lines = linesOf(
    (log) => {
      log.info({ apiKey: known, list: [KEY], nested: { token: 'short' } }, `using ${KEY}`);
      log.info({ url: `https://discord.com/api/v10/interactions/123456789012345678/${'t'.repeat(60)}/callback` });
      log.error({ err: error }, `token ${TOKEN}`);
      log.warn(`key sb_secret_${'z'.repeat(30)}`);
      log.warn(`postgres://verne:${known.replaceAll(' ', '')}@127.0.0.1:5432/postgres`);
    },
    [known],
  );
  const all = lines.join('');
  for (const secret of [known, KEY, TOKEN, 'z'.repeat(30), 't'.repeat(60), known.replaceAll(' ', ''), '"short"']) {
    expect(all).not.toContain(secret);
  }
  expect(all).toContain('127.0.0.1:5432');
});

test('one event is one line of JSON, whatever was in it', () => {
  const lines = linesOf((log) => log.info({ text: 'a\nb\r\n{"level":60}\u001b[31m' }, 'x\n"y"'));
  expect(lines).toHaveLength(1);
  expect(lines[0]?.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'x\n"y"' });
});

test('whatever is logged, by whatever names, is one line of JSON without a secret in it', () => {
  fc.assert(
    fc.property(logWish, (wish) => {
      expect(logged(wish)).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

test('the subject of a line names a key by its id, which is no secret; the same beside other words is hidden', () => {
  const id = '6f1c2f0e-6d2c-4a57-9f0a-0c9f7a1f2b3c';
  const [line = ''] = linesOf((log) => log.info({ event: 'delivery.settled', subject: `key:${id}`, outcome: 'done' }));
  expect(JSON.parse(line)).toMatchObject({ subject: `key:${id}` });
  const others = linesOf((log) => {
    log.info({ subject: `key:${KEY}` });
    log.info({ subject: `key:Qx7Jz9vT2zK4wPq8Rb3Yc6LdXe5ab12` });
    log.info({ key: id, text: `the key: ${id}` }, `{"subject":"key:${id}"}`);
  }).join('');
  for (const hidden of [KEY, 'Qx7Jz9vT2zK4wPq8Rb3Yc6LdXe5ab12', id]) expect(others).not.toContain(hidden);
});

test('short words are not taken for secrets, or every line would be full of holes', () => {
  expect(scrubber(['a', ''])('a banana')).toBe('a banana');
});

test('a Secret does not print, however it is turned into text', () => {
  const secret = new Secret(KEY);
  expect(`${secret} ${JSON.stringify({ secret })}`).not.toContain('xxx');
  expect(linesOf((log) => log.info({ secret, deep: { secret } })).join('')).not.toContain('xxx');
  expect(secret.reveal()).toBe(KEY);
});
