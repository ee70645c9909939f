import { expect, test } from 'vitest';
import { scanFiles, secretsIn, stale, trackedFiles, unknown, walked } from '../support/secret-scan.ts';
import { SECRETS } from '../support/secrets.ts';

test('nothing in the repository is shaped like a secret but the fakes that are known, and each of those is there (C12)', async () => {
  const { findings, bytes } = await scanFiles(await trackedFiles());
  expect(bytes).toBeGreaterThan(1_000_000);
  expect(unknown(findings)).toEqual([]);
  expect(stale(findings)).toEqual([]);
});

test('without git the folder is walked, and what is tracked is found', async () => {
  const all = new Set(await walked());
  const tracked = ['package.json', 'src/kernel/scrub.ts', 'test/support/secrets.ts', 'supabase/bootstrap.sql'];
  expect(tracked.filter((path) => !all.has(path))).toEqual([]);
  expect([...all].filter((path) => /node_modules|^\.git\//.test(path))).toEqual([]);
});

const hex = (length: number) => '0123456789abcdef'.repeat(8).slice(0, length);

const PLANTED: readonly (readonly [kind: string, secret: string])[] = [
  ...SECRETS,
  ['PGP', ['-----BEGIN', 'PGP PRIVATE KEY BLOCK-----'].join(' ')],
  ['PuTTY', `PuTTY-User-Key-File-${3}`],
  ['age', `AGE-SECRET-KEY-1${'QPZRY9X8GF'.repeat(6)}`],
  ['GitLab runner', `glrt-${hex(20)}`],
  ['PyPI', `pypi-AgEI${hex(60)}`],
  ['Shopify', `shpat_${hex(32)}`],
  ['Slack app', `xapp-${1}-${hex(30)}`],
  ['Twilio', `SK${hex(32)}`],
  ['Mailgun', `key-${hex(32)}`],
  ['Azure', `AccountKey=${hex(86)}==`],
  ['Docker', `dckr_pat_${hex(27)}`],
  ['Linear', `lin_api_${hex(40)}`],
  ['Postman', `PMAK-${hex(24)}-${hex(34)}`],
  ['a password of a database', `postgres://verne:${hex(12)}@db.example/x`],
];

test.each(PLANTED)('the scan sees what is planted: %s', (_kind, secret) => {
  const found = secretsIn('a file', `first line\nconst it = '${secret}';\nlast line\n`);
  expect(found).toHaveLength(1);
  expect(found[0]?.where).toBe('a file:2');
  expect(secret).toContain(found[0]?.value.slice(0, 8));
  expect(unknown(found).length === 1 || /AKIA|BEGIN RSA/.test(secret)).toBe(true);
});
