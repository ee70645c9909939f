import { expect, test } from 'vitest';
import { driverUrl, isTransactionPooler } from '#db/database-url.ts';

test.each([
  ['postgresql://u:p@aws-0-eu.pooler.supabase.com:6543/postgres', true],
  ['postgresql://u:p@host/postgres?pgbouncer=true', true],
  ['postgresql://u:p@aws-0-eu.pooler.supabase.com:5432/postgres', false],
  ['postgresql://u:p@db.abcd.supabase.co/postgres', false],
  ['postgresql://u:p6543@127.0.0.1:54321/postgres?pgbouncer=false', false],
])('%s: a pooler that hands out transactions is %s', (url, pooled) => {
  expect(isTransactionPooler(url)).toBe(pooled);
});

test('words of other clients are left out, and what Postgres knows is kept', () => {
  const url = 'postgresql://u:p%40ss@127.0.0.1:5432/db?pgbouncer=true&connection_limit=1&schema=x&application_name=a';
  expect(driverUrl(url)).toBe('postgresql://u:p%40ss@127.0.0.1:5432/db?application_name=a');
});

test('to another machine the line is encrypted where it can be, unless the url says how', () => {
  const prefer = (url: string) => new URL(driverUrl(url)).searchParams.get('sslmode');
  expect(prefer('postgresql://u:p@db.abcd.supabase.co/postgres')).toBe('prefer');
  expect(prefer('postgresql://u:p@db.abcd.supabase.co/postgres?sslmode=verify-full')).toBe('verify-full');
  expect(prefer('postgresql://u:p@db.internal/postgres?sslmode=disable')).toBe('disable');
  for (const host of ['localhost', '127.0.0.1', '[::1]']) expect(prefer(`postgresql://u:p@${host}:1/x`)).toBe(null);
});
