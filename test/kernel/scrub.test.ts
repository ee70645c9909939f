import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countSecrets, scrub, scrubber } from '#kernel/scrub.ts';
import { SECRETS } from '../support/secrets.ts';

describe('a secret', () => {
  test.each(SECRETS)('is hidden by its shape: %s', (_kind, secret) => {
    for (const around of [
      secret,
      `x ${secret} y`,
      `(${secret})`,
      `"${secret}"`,
      `\`${secret}\`,`,
      `https://a.example/?q=${secret}`,
    ]) {
      expect(scrub(around)).not.toContain(secret);
      expect(scrub(around)).toContain('[redacted]');
    }
    expect(countSecrets(`${secret} and ${secret}`)).toBe(2);
  });

  test.each([
    ['api_key=4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c'],
    ['JULES_API_KEY: 3f2b8c1d-77aa-4c0e-9b51-0a1b2c3d4e5f'],
    ['"accessToken": "Zk9pQ2xU7rW3xT1bN8vL5"'],
    ['Authorization: Bearer a1B2c3D4e5F6g7H8i9J0k1'],
    ['the token is q8Zr2Lx9Vb4Nc7Ty1Kd6'],
    ['password=hunter2hunter2'],
    ['postgres://verne:s3cr3t@db.example:5432/x'],
    ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
  ])('is hidden by the word before it: %s', (text) => {
    expect(scrub(text)).toContain('[redacted]');
  });

  test.each([
    ['postgres://u:p@ss/w0rd@h', 'postgres://u:[redacted]@h'],
    [
      'redis://u:a/b@h:6379/0 and postgresql://u:p@h/x',
      'redis://u:[redacted]@h:6379/0 and postgresql://u:[redacted]@h/x',
    ],
    ['{"url":"amqp://u:a/b@h","by":"x@y"}', '{"url":"amqp://u:[redacted]@h","by":"x@y"}'],
  ])('that is a password in an address is hidden with every sign in it: %s', (text, hidden) => {
    expect(scrub(text)).toBe(hidden);
  });

  test('that is known is hidden in every spelling', () => {
    const known = 'p"a\\ss word/1é';
    const hide = scrubber([known]);
    for (const text of [known, JSON.stringify({ known }), `https://a.example/${encodeURIComponent(known)}`]) {
      expect(hide(text)).toContain('[redacted]');
    }
  });
});

test.each([
  ['a commit', 'Merge 3f2a9c8d7e6b5a4f3e2d1c0b9a8f7e6d5c4b3a29 into main'],
  ['a commit after the word key', 'the key commit 3f2a9c8d7e6b5a4f3e2d1c0b9a8f7e6d5c4b3a29'],
  ['the id of a task', 'task 6f1c2f0e-6d2c-4a57-9f0a-0c9f7a1f2b3c, key task:6f1c2f0e-6d2c-4a57-9f0a-0c9f7a1f2b3c'],
  [
    'a pull request',
    'https://github.com/acme/site/pull/7 and https://github.com/acme/site/commit/3f2a9c8d7e6b5a4f3e2d1c0b9a8f7e6d5c4b3a29',
  ],
  ['an image', `data:image/png;base64,iVBORw0KGgo${'AbC9/+x'.repeat(40)}==`],
  ['an id of Discord', 'https://discord.com/channels/1300000000000000001/1300000000000000002/1300000000000000003'],
  ['a session', 'https://jules.google.com/session/4001289662665748680'],
  ['code', 'const token = parseToken(input.accessToken); key: user_id_2_name; secret: string; password: string'],
  ['a path', 'key: docs/2026-11-20/final-report-v2.md'],
  ['a long path', 'key: acme/site/src/components/Button2Primary.test.tsx, key = packages/core/src/Version2Parser'],
  ['an address with a scope', 'http://localhost:5173/@vite/client and https://a.example:8080/@scope/name'],
  ['a database without a password', 'postgres://localhost:5432/verne, and a mail to x@a.example'],
  ['an integrity hash', '"integrity": "sha512-abcDEF0123456789abcDEF0123456789abcDEF0123456789=="'],
  ['an error of Postgres', 'duplicate key value violates unique constraint "tasks_request_key_key"'],
  ['our own words', 'Jules refuses the key •••• 1a2b. Enter a working one with /config key'],
])('%s is no secret', (_what, text) => {
  expect(scrub(text)).toBe(text);
});

test('scrubbing twice is scrubbing once', () => {
  const part = fc.oneof(
    fc.constantFrom(...SECRETS.map(([, secret]) => secret), 'key=', 'token ', '"', '\\', ':', ' ', '//u:', '@'),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const once = scrub(parts.join(''));
      expect(scrub(once)).toBe(once);
    }),
    { numRuns: 500 },
  );
});
