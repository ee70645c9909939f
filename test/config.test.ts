import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfigError, readConfig } from '#config.ts';
import { envExample } from '../scripts/env-example.ts';

test('an empty environment gives the defaults of a bot without a token', () => {
  const config = readConfig({});
  expect(config.discord).toMatchObject({ token: undefined, apiBase: 'https://discord.com/api', answerMs: 2000 });
  expect(config.database).toEqual({ dataDir: './data', throwaway: false });
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
