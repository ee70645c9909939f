import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfigError, readConfig } from '#config.ts';
import { envExample } from '../scripts/env-example.ts';

test('an empty environment gives the defaults of a bot without a token', () => {
  const config = readConfig({});
  expect(config.discord).toMatchObject({ token: undefined, apiBase: 'https://discord.com/api', answerMs: 2000 });
  expect(config.database).toMatchObject({ dataDir: './data', throwaway: false, url: undefined, supabase: undefined });
});

test('every wrong variable is named at once, and no value is repeated', () => {
  const wrong = {
    DISCORD_APP_ID: 'canary-1',
    JULES_API_BASE: 'canary-2',
    VERNE_SLOTS: 'canary-3',
    VERNE_LEASE_MS: '0',
  };
  const error = (() => {
    try {
      readConfig(wrong);
    } catch (thrown) {
      return thrown;
    }
    return undefined;
  })();
  expect(error).toBeInstanceOf(ConfigError);
  const { problems, message } = error as ConfigError;
  expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual(Object.keys(wrong).sort());
  expect(message).not.toContain('canary');
});

test('a variable that is there but empty counts as missing', () => {
  expect(readConfig({ VERNE_SLOTS: '', DISCORD_TOKEN: '' }).worker.slots).toBe(20);
});

test('the bot token is read under its older name too, and the proper name wins', () => {
  expect(readConfig({ DISCORD_BOT_TOKEN: 'old' }).discord.token).toBe('old');
  expect(readConfig({ DISCORD_BOT_TOKEN: 'old', DISCORD_TOKEN: 'new' }).discord.token).toBe('new');
});

test.each([
  ['VERNE_JULES_INTENT_MS', 'VERNE_JULES_CREATE_TIMEOUT_MS'],
  ['VERNE_DISCORD_INTENT_MS', 'VERNE_DISCORD_TIMEOUT_MS'],
])('%s that is not longer than %s is refused', (longer, shorter) => {
  expect(() => readConfig({ [longer]: '5000', [shorter]: '5000' })).toThrow(
    `${longer}: must be longer than ${shorter}`,
  );
  expect(() => readConfig({ [longer]: '5001', [shorter]: '5000' })).not.toThrow();
});

test('a renewal that comes later than half of the lease of the gateway is refused', () => {
  expect(() => readConfig({ VERNE_RENEW_MS: '7000' })).toThrow('VERNE_RENEW_MS: must be less than 3000');
  expect(() => readConfig({ VERNE_LEASE_MS: '800', VERNE_RENEW_MS: '300' })).toThrow('must be less than 300,');
  expect(readConfig({ VERNE_LEASE_MS: '800', VERNE_RENEW_MS: '299' }).worker).toMatchObject({ gatewayLeaseMs: 600 });
});

test('.env.example says what the configuration reads', () => {
  expect(readFileSync(new URL('../.env.example', import.meta.url), 'utf8')).toBe(envExample());
});

test('what .env.example shows as defaults is accepted and changes nothing', () => {
  const lines = envExample()
    .split('\n')
    .filter((line) => /^[A-Z_]+=/.test(line));
  const env = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  expect(readConfig(env)).toEqual(readConfig({}));
});

const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2lnbmF0dXJl`;
const SHARED = { VERNE_MASTER_KEYS: `1:${'canary'.padEnd(43, 'A')}=` };
const PROJECT = { ...SHARED, SUPABASE_URL: 'https://abcd.supabase.co' };
const service = jwt({ role: 'service_role', ref: 'abcd', canary: 1 });

const problemsOf = (env: Record<string, string>) => {
  try {
    readConfig(env);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems;
    throw thrown;
  }
  return [];
};

test('a project with its service key is a database, under either name of the key', () => {
  const supabase = { url: 'https://abcd.supabase.co', key: service };
  expect(readConfig({ ...PROJECT, SUPABASE_SERVICE_ROLE_KEY: service }).database.supabase).toEqual(supabase);
  const secret = { ...PROJECT, SUPABASE_SECRET_KEY: 'sb_secret_x', SUPABASE_ANON_KEY: 'sb_publishable_x' };
  expect(readConfig(secret).database.supabase?.key).toBe('sb_secret_x');
});

test('a direct connection needs no key of the project', () => {
  const direct = { ...PROJECT, DATABASE_URL: 'postgresql://verne_worker:canary@db.abcd.supabase.co:5432/postgres' };
  expect(readConfig(direct).database).toMatchObject({
    url: direct.DATABASE_URL,
    supabase: undefined,
    pooled: undefined,
  });
  expect(readConfig({ ...direct, VERNE_DATABASE_POOLED: 'no' }).database.pooled).toBe(false);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['a project without a key', PROJECT, /^SUPABASE_SERVICE_ROLE_KEY: is missing/],
  ['a key without a project', { ...SHARED, SUPABASE_SERVICE_ROLE_KEY: service }, /^SUPABASE_URL: is missing/],
  [
    'the anon key as service key',
    { ...PROJECT, SUPABASE_SERVICE_ROLE_KEY: jwt({ role: 'anon' }) },
    /public \(anon\) key/,
  ],
  [
    'the publishable key as service key',
    { ...PROJECT, SUPABASE_SECRET_KEY: 'sb_publishable_canary' },
    /public \(publishable\) key/,
  ],
  [
    'a password as service key',
    { ...PROJECT, SUPABASE_SERVICE_ROLE_KEY: 'canary' },
    /neither a service_role nor a secret key/,
  ],
  [
    'a person’s token as service key',
    { ...PROJECT, SUPABASE_SERVICE_ROLE_KEY: jwt({ role: 'authenticated' }) },
    /neither/,
  ],
  [
    'the secret key as anon key',
    { ...PROJECT, SUPABASE_SECRET_KEY: 'sb_secret_x', SUPABASE_ANON_KEY: 'sb_secret_canary' },
    /^SUPABASE_ANON_KEY: holds the secret key/,
  ],
  [
    'the key of another project',
    { ...PROJECT, SUPABASE_SERVICE_ROLE_KEY: jwt({ role: 'service_role', ref: 'other' }) },
    /another project/,
  ],
  [
    'a shared database without master keys',
    { SUPABASE_URL: PROJECT.SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY: service },
    /^VERNE_MASTER_KEYS: is missing/,
  ],
  [
    'another kind of database',
    { ...SHARED, DATABASE_URL: 'mysql://canary@host/db' },
    /^DATABASE_URL: must be a postgresql/,
  ],
  [
    'a password with a bare %',
    { ...SHARED, DATABASE_URL: 'postgres://a:canary%zz@host/db' },
    /^DATABASE_URL: holds a % that encodes nothing; write %25/,
  ],
  [
    'a master key without a version',
    { VERNE_MASTER_KEYS: 'canary' },
    /^VERNE_MASTER_KEYS: each must be version:base64/,
  ],
  [
    'a second master key that is too short',
    { VERNE_MASTER_KEYS: `${SHARED.VERNE_MASTER_KEYS},2:canary` },
    /^VERNE_MASTER_KEYS: each must be version:base64 of 32 bytes; make one with/,
  ],
  [
    'the address of a service of the project',
    { ...PROJECT, SUPABASE_URL: 'https://canary.supabase.co/rest/v1', SUPABASE_SERVICE_ROLE_KEY: service },
    /^SUPABASE_URL: must end behind the host/,
  ],
  [
    'an answer later than Discord waits',
    { VERNE_ANSWER_MS: '3000' },
    /^VERNE_ANSWER_MS: must be less than 3000, when Discord stops waiting/,
  ],
])('%s is refused by name, without its value', (_, env, sentence) => {
  const problems = problemsOf(env);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(sentence);
  expect(problems[0]).not.toContain('canary');
  expect(problems[0]).not.toContain(service);
});

test('what is only just right is taken: an encoded %, a slash behind the host, an answer in time, two master keys', () => {
  const DATABASE_URL = 'postgres://a:b%25zz@host/db';
  const env = { ...PROJECT, DATABASE_URL, SUPABASE_URL: `${PROJECT.SUPABASE_URL}/`, VERNE_ANSWER_MS: '2999' };
  const VERNE_MASTER_KEYS = `${SHARED.VERNE_MASTER_KEYS}, 2:${'B'.repeat(43)}=`;
  expect(readConfig({ ...env, VERNE_MASTER_KEYS })).toMatchObject({ masterKeys: VERNE_MASTER_KEYS });
});

test('a process is a gateway and a worker, and an HTTP door where somebody could come to it', () => {
  expect(readConfig({}).roles).toEqual(['gateway', 'worker']);
  for (const env of [{ PORT: '0' }, { DISCORD_PUBLIC_KEY: 'aB'.repeat(32) }])
    expect(readConfig(env).roles).toEqual(['http', 'gateway', 'worker']);
  expect(readConfig({ VERNE_ROLES: 'worker, http,worker', PORT: '0' }).roles).toEqual(['worker', 'http']);
  for (const wrong of ['http,', 'everything', 'http worker'])
    expect(() => readConfig({ VERNE_ROLES: wrong })).toThrow(/VERNE_ROLES/);
});

test('the HTTP door is for this machine alone until a port is named', () => {
  expect(readConfig({}).http).toMatchObject({ port: 3000, host: '127.0.0.1', trustedProxies: 0 });
  expect(readConfig({ PORT: '8080' }).http).toMatchObject({ port: 8080, host: '0.0.0.0' });
  expect(readConfig({ PORT: '8080', VERNE_HTTP_HOST: '::' }).http).toMatchObject({ host: '::' });
  const wrong = { PORT: '65536', DISCORD_PUBLIC_KEY: 'z'.repeat(64), VERNE_METRICS_TOKEN: 'short' };
  expect(() => readConfig(wrong)).toThrow(/DISCORD_PUBLIC_KEY.*PORT.*VERNE_METRICS_TOKEN/s);
});
