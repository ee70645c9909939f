import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { MessageBody } from '#discord/cards/body.ts';
import { customId } from '#discord/custom-id.ts';
import { keyPanel, removalPanel } from '#discord/panels/keys.ts';
import { noticesPanel } from '#discord/panels/notices.ts';
import { rolesPanel } from '#discord/panels/roles.ts';
import { type Reply, toResponse } from '#discord/reply.ts';
import { threadWords } from '#discord/thread.ts';
import { de } from '#discord/words/de.ts';
import { en } from '#discord/words/en.ts';
import { speaking } from '#discord/words/words.ts';
import { APPROVER_NOTICES, type Settings } from '#guilds/settings.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { freshDatabase, type TestDatabase } from '../../support/database.ts';
import { limitProblems } from '../../support/discord-limits.ts';
import { aCommand, aModal, aPress, CHANNEL, newSnowflake, PEOPLE, ROLES } from '../../support/interaction.ts';
import { aShownKey, UNTOUCHED } from '../../support/settings.ts';
import { finderOf, textsOf } from '../../support/spoken.ts';
import { aDoor, readReply, SERVER_KEY, setUp } from '../setting.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await setUp(db);
});
afterAll(() => db.close());

const { admin, requester, outsider } = PEOPLE;
const DE = { locale: 'de' };
type Payload = Parameters<ReturnType<typeof aDoor>['say']>[0];
const say = (payload: Payload) => aDoor(db.rpc).say(payload);

const english = finderOf(en, de);
const foundIn = (reply: Reply) => english(textsOf(toResponse(reply)));

test('English in what should be German is found', () => {
  expect(english(['Gespeichert. That was granted already.'])).toEqual(['That was granted already.']);
  expect(english(['Keep'])).toEqual(['Keep']);
  expect(english(['Der Server-Schlüssel bleibt.', '`/config roles`', 'acme/site'])).toEqual([]);
});

test('each person is answered in the language of their own Discord, or else in English', async () => {
  const answer = async (locale: string) => readReply(await say(aCommand(outsider, 'config roles', {}, { locale })));
  expect(await answer('de')).toMatch(/^\*\*Dürfen Aufgaben starten:[\s\S]*Nur Personen mit „Server verwalten“/);
  for (const locale of ['en-US', 'en-GB', 'fr']) {
    expect(await answer(locale)).toMatch(/^\*\*May start tasks:[\s\S]*Only people with Manage Server/);
  }
});

type Ask = readonly [name: string, ask: () => Payload];
const asked = (name: string, values = {}, person: Parameters<typeof aCommand>[0] = admin): Ask => [
  `/${name} ${JSON.stringify(values)}`,
  () => aCommand(person, name, values, DE),
];
const person = newSnowflake();

const ASKED: readonly Ask[] = [
  ...['roles', 'notices', 'approval', 'language', 'me', 'repo', 'channel', 'grant', 'allow', 'key'].map((one) =>
    asked(`config ${one}`),
  ),
  ...['config roles', 'config notices', 'config key', 'limits show', 'can-i'].map((one) => asked(one, {}, outsider)),
  asked('can-i', { repo: 'acme/site', branch: 'main' }, requester),
  asked('limits show'),
  asked('limits set', { server: true, per_day: 5, at_once: 1 }),
  asked('limits set', { person: admin.id, per_day: 5 }),
  asked('limits set', { per_day: 1, remove: 'per_day' }),
  asked('limits set', { person, role: ROLES.create, per_day: 1 }),
  asked('limits set', {}),
  asked('limits raise', { by: 1 }),
  asked('limits raise', { by: 20, person }),
  asked('limits raise', { by: 20, person: outsider.id }, outsider),
  asked('config grant', { role: ROLES.create, may: 'developer', repo: 'octo-org/*', branch: 'main', channel: CHANNEL }),
  asked('config grant', { role: ROLES.create, may: 'guild.pause', repo: 'octo-org/*' }),
  asked('config grant', { role: ROLES.create }),
  asked('config grant', { role: ROLES.create, may: 'viewer', take_back: true }),
  asked('config grant', { role: ROLES.create, may: 'viewer', repo: 'nothing of the kind' }),
  asked('config allow', { repo: 'octo-org/*', branch: 'main', channel: CHANNEL }),
  asked('config allow', { take_back: true }),
  asked('config allow', { branch: 'main', take_back: true }),
  asked('config approval', { approvals: 3, self_approval: false, read_plans: true, refused_key: 'move' }),
  asked('config language', { language: 'de' }),
  asked('config me', { plans: 'run' }),
  asked('config repo', { repo: 'acme/tools', branch: 'next' }),
  asked('config repo', { repo: 'acme/tools' }, outsider),
  asked('config repo', { repo: 'no repository' }),
  asked('config repo', { branch: 'next' }),
  asked('config repo', { repo: 'acme/tools', forget: true }),
  asked('config channel', { repo: 'acme/tools' }),
  asked('config add-key', { plan: 'pro' }),
  asked('config remove-key', { last_four: 'zzzz' }),
  asked('config remove-key', { last_four: 'no' }),
  asked('config remove-key', { last_four: SERVER_KEY.slice(-4) }),
  asked('config pause'),
  asked('config pause', { resume: true }),
  asked('config pause', {}, outsider),
  asked('config pause', { resume: 'x' }),
  asked('config fly'),
  asked('config repo', { repo: `ghp_${'a1B2'.repeat(9)}` }),
  ['a button of another version', () => aPress(admin, 'v0:nothing', undefined, DE)],
  ['the dialog for a key', () => aPress(admin, customId('key', 'server'), undefined, DE)],
  ['the dialog for one that may not', () => aPress(outsider, customId('key', 'server'), undefined, DE)],
  ['a key', () => aModal(admin, customId('key-enter', 'person'), `${'k'.repeat(30)}9z9z`, { ...DE, message: null })],
  ['no key', () => aModal(admin, customId('key-enter', 'person'), 'x y', { ...DE, message: null })],
  ['a removal', () => aPress(admin, customId('key-remove', 'server'), undefined, DE)],
  ['a removal of nothing', () => aPress(admin, customId('key-remove', 'person'), undefined, DE)],
  ['a key that stays', () => aPress(admin, customId('key-keep', 'server'), undefined, DE)],
  ['a key that goes', () => aPress(admin, customId('key-revoke', 'server'), undefined, DE)],
  ['roles', () => aPress(admin, customId('roles', 'create'), [ROLES.create], DE)],
  ['a choice of no one', () => aPress(admin, customId('notice', 'how'), ['loudly'], DE)],
];

test('a person whose Discord is German reads no English, whatever they ask for', async () => {
  for (const [name, ask] of ASKED) {
    const reply = await say(ask());
    expect(reply, name).not.toMatchObject({ refused: 'defect' });
    expect(foundIn(reply), name).toEqual([]);
    if (reply.kind === 'message' || reply.kind === 'update') expect(limitProblems(reply.body), name).toEqual([]);
  }
});

test('a refusal of a capability is said in German with its figures, and in English as it was thrown', async () => {
  const prompt = 'x'.repeat(10_001);
  const answer = async (locale: string) => readReply(await say(aCommand(requester, 'jules', { prompt }, { locale })));
  expect(await answer('de')).toMatch(/^Der Prompt hat 10\.001 Zeichen; höchstens 6\.000 sind möglich/);
  expect(await answer('en-US')).toMatch(/^The prompt has 10001 characters; 6000 is the most/);
});

test('a database that is away is told of in German, for each kind of wish', async () => {
  const away = async () => {
    throw new RemoteFailure('away', { service: 'database', code: 'network', retry: 'soon' });
  };
  const wishes = [
    ...['jules', 'config roles', 'config approval', 'limits raise'].map((one) =>
      aCommand(admin, one, one === 'jules' ? { prompt: 'x' } : { by: 1, approvals: 1 }, DE),
    ),
    aPress(admin, customId('roles', 'create'), [ROLES.create], DE),
    aPress(admin, customId('key', 'server'), undefined, DE),
    aModal(admin, customId('key-enter', 'person'), `${'k'.repeat(30)}9z9z`, { ...DE, message: null }),
  ];
  for (const wish of wishes) {
    const reply = await aDoor(away).say(wish);
    expect(reply).toMatchObject({ refused: 'database_away' });
    expect(readReply(reply)).toMatch(
      /^Nicht (?:festgehalten|angezeigt): Die Datenbank hat nicht rechtzeitig geantwortet\./,
    );
    expect(foundIn(reply)).toEqual([]);
  }
});

test("what is kept of a thread's trouble is said on its card in the language of the server", () => {
  const said = (thread_problem: string, thread_id: string | null = null) =>
    Object.values(speaking('de', () => threadWords({ thread_id, thread_problem } as never, [])))[0];
  expect(said('forbidden')).toMatch(/^Verne darf in diesem Kanal keine Threads erstellen/);
  expect(said('gone', '1')).toMatch(/^Er wurde gelöscht/);
  expect(said('A sentence of an earlier version.')).toBe('A sentence of an earlier version.');
});

const many = Array.from({ length: 30 }, () => newSnowflake());
const SHOWN: Settings = {
  kind: 'settings',
  create_roles: many,
  confirm_roles: [],
  default_repo: null,
  default_branch: 'main',
  repos: [],
  may_change: true,
  notice: { how: 'role', people: many, roles: [] },
  key_in_use: null,
  budgets: [],
  channels: [],
  keys: [],
  ...UNTOUCHED,
  grants: [],
} as never;
const pool = (['free', 'pro', 'ultra', 'custom'] as const).map((plan) =>
  aShownKey({ plan, role: person, channel: CHANNEL, problem: 'API key not valid', used_at: new Date() }),
);

const PANELS: readonly (readonly [string, () => MessageBody])[] = [
  ['roles', () => rolesPanel(SHOWN)],
  ['roles, to be read', () => rolesPanel({ ...SHOWN, may_change: false })],
  ...APPROVER_NOTICES.map(
    (how) =>
      [`notices: ${how}`, () => noticesPanel({ ...SHOWN, notice: { how, people: [], roles: [] } as never })] as const,
  ),
  ['notices to many', () => noticesPanel(SHOWN)],
  ['no keys', () => keyPanel(SHOWN)],
  [
    'keys',
    () =>
      keyPanel({
        ...SHOWN,
        keys: [...pool, ...pool, ...pool],
        key_in_use: { owner: 'server', last4: '1a2b' } as never,
      }),
  ],
  ['keys, to be read', () => keyPanel({ ...SHOWN, may_change: false, keys: [aShownKey({ owner: 'person' })] })],
  ['a removal', () => removalPanel('person', '1a2b')],
];

describe('a panel', () => {
  it.each(PANELS)('(%s) is German throughout in German, English in English, and has the same parts', (_, draw) => {
    const [german, anglo] = [speaking('de', draw), speaking('en', draw)];
    expect(english(textsOf(german))).toEqual([]);
    expect(english(textsOf(anglo))).not.toEqual([]);
    expect(limitProblems(german)).toEqual([]);
    expect(german.components?.length).toBe(anglo.components?.length);
  });
});
