import { expect, test } from 'vitest';
import { refusedFailure } from '#jules/failure.ts';
import { withoutKey } from '#jules/without-key.ts';
import { Secret } from '#kernel/secret.ts';
import { spellingsOf, windowsIn } from '../support/canary.ts';
import { aClient, SESSION, signal } from './support.ts';

const KEY = 'k"7\\Qz+w/9=xB%4&Tt0-mN5_vR2~yH8';
const CALL = { to: 'create a session', effect: 'create' } as const;

test.each(spellingsOf(KEY))('a key is taken out of a text that repeats it %s', (_name, text) => {
  expect(windowsIn(withoutKey(`before ${text} and ${text.slice(3)}, after`, new Secret(KEY)), KEY)).toEqual([]);
  expect(withoutKey(`before ${text} after`, new Secret(KEY))).toMatch(/^before .* after$/);
});

test('a text that holds no key stays as it is', () => {
  const text = 'The repository octo/repo was not found, or the key has no right to it.';
  expect(withoutKey(text, new Secret(KEY))).toBe(text);
});

test('a message that is cut in the midst of the key shows neither half', () => {
  for (let before = 150; before <= 210; before += 1) {
    const message = `${'x'.repeat(before)}${KEY} is not valid`;
    const refused = { status: 401, retryAfter: null, body: JSON.stringify({ error: { status: 'BAD', message } }) };
    expect(windowsIn(refusedFailure(CALL, refused, new Secret(KEY)).message, KEY)).toEqual([]);
  }
});

test('an answer that succeeds and repeats the key, in a title or a text, is read without it', async () => {
  const key = 'AQ.a-key_of-the-usual-letters0123456789';
  const session = { name: SESSION, id: '1', title: `Exchange ${key}`, prompt: key, state: 'QUEUED' };
  const body = async function* () {
    yield Buffer.from(JSON.stringify(session));
  };
  const client = aClient({ fetch: async () => ({ status: 200, headers: { get: () => null }, body: body() }) });
  const read = await client.getSession(new Secret(key), { name: SESSION }, { signal });
  expect(read).toMatchObject({ title: 'Exchange [key]', prompt: '[key]' });
});
