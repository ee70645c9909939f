import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { customId } from '#discord/custom-id.ts';
import { type Reply, toResponse } from '#discord/reply.ts';
import { readSettings } from '#guilds/settings.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { limitProblems } from '../support/discord-limits.ts';
import { aCommand, aModal, aPress, CHANNEL, newSnowflake, PEOPLE, ROLES } from '../support/interaction.ts';
import { actorFor, aDoor, auditOf, readReply, SERVER_KEY, setUp } from './setting.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(() => setUp(db));
afterAll(() => db.close());

type Who = keyof typeof PEOPLE;
const say = (payload: Parameters<ReturnType<typeof aDoor>['say']>[0]) => aDoor(db.rpc).say(payload);
const config = (who: Who, name: string, values = {}) => say(aCommand(PEOPLE[who], `config ${name}`, values));
const settings = (who: Who = 'admin') => readSettings(db.rpc, actorFor(PEOPLE[who]));

/** The components of a reply, flat. */
function parts(reply: Reply) {
  if (reply.kind !== 'message' && reply.kind !== 'update') return [];
  expect(limitProblems(reply.body)).toEqual([]);
  return (reply.body.components ?? []).flatMap(({ components }) => components);
}

describe('/config roles', () => {
  it('shows two selects with what is set, to one who may change it', async () => {
    const reply = await config('admin', 'roles');
    expect(parts(reply)).toMatchObject([
      { type: 6, custom_id: 'v1:roles:create', min_values: 0, default_values: [{ id: ROLES.create, type: 'role' }] },
      { type: 6, custom_id: 'v1:roles:confirm', min_values: 0, default_values: [{ id: ROLES.confirm, type: 'role' }] },
    ]);
  });

  it('shows what is set, and who may change it, to one who may not', async () => {
    const reply = await config('outsider', 'roles');
    expect(parts(reply)).toEqual([]);
    expect(readReply(reply)).toMatch(/<@&1300000000000000012>[\s\S]*Only people with Manage Server/);
  });

  it('saves a choice at once and shows it in the same message', async () => {
    const reply = await say(aPress(PEOPLE.admin, customId('roles', 'create'), [ROLES.create, ROLES.confirm]));
    expect(toResponse(reply)).toMatchObject({ type: 7 });
    expect(parts(reply)[0]).toMatchObject({ default_values: [{ id: ROLES.create }, { id: ROLES.confirm }] });
    await say(aPress(PEOPLE.admin, customId('roles', 'confirm'), []));
    expect(await settings()).toMatchObject({ create_roles: [ROLES.create, ROLES.confirm], confirm_roles: [] });
  });

  it('saves nothing for one who may not', async () => {
    const reply = await say(aPress(PEOPLE.approver, customId('roles', 'confirm'), []));
    expect(readReply(reply)).toMatch(/may not change the settings.*Manage Server/);
    expect(await settings()).toMatchObject({ confirm_roles: [ROLES.confirm] });
  });
});

describe('/config repo', () => {
  it('sets the repository of the server', async () => {
    expect(readReply(await config('admin', 'repo', { repo: 'acme/tools', branch: 'next' }))).toMatch(
      /^Saved\.[\s\S]*server's:\*\* `acme\/tools` @ `next`/,
    );
    expect(await settings()).toMatchObject({ default_repo: 'acme/tools', default_branch: 'next' });
    await config('admin', 'repo', { repo: 'acme/site' });
    expect(await settings()).toMatchObject({ default_repo: 'acme/site', default_branch: 'main' });
  });

  it('sets and forgets one of their own for anybody, and only that', async () => {
    await config('outsider', 'repo', { repo: 'me/own', scope: 'me' });
    expect(await settings('outsider')).toMatchObject({ repos: [{ from: 'person', repo: 'me/own', branch: null }, {}] });
    await config('outsider', 'repo', { forget: true, scope: 'me' });
    expect(await settings('outsider')).toMatchObject({ repos: [{ from: 'server' }] });
    const refused = await config('outsider', 'repo', { repo: 'me/own' });
    expect(refused).toMatchObject({ refused: 'not_permitted' });
    expect(readReply(refused)).toContain('`scope: me`');
    expect(await settings()).toMatchObject({ default_repo: 'acme/site' });
  });

  it('shows what applies, in order, and changes nothing', async () => {
    expect(readReply(await config('outsider', 'repo'))).toMatch(/a task of yours here works on `acme\/site` @ `main`/);
  });

  it('refuses what contradicts itself, and what is no repository', async () => {
    for (const values of [{ repo: 'a/b', forget: true }, { branch: 'next' }, { repo: 'nonsense' }]) {
      expect(await config('admin', 'repo', values)).toMatchObject({ kind: 'message', refused: expect.any(String) });
    }
    expect(await settings()).toMatchObject({ default_repo: 'acme/site' });
  });
});

describe('/config channel', () => {
  it('gives this channel, or a named one, a repository of its own, and takes it back', async () => {
    await config('admin', 'channel', { repo: 'acme/here' });
    await config('admin', 'channel', { repo: 'acme/there', branch: 'next', channel: '1300000000000000007' });
    expect(await settings()).toMatchObject({
      channels: [
        { id: CHANNEL, repo: 'acme/here', branch: null },
        { id: '1300000000000000007', repo: 'acme/there', branch: 'next' },
      ],
    });
    const reply = await config('admin', 'channel', { forget: true });
    expect(readReply(reply)).toMatch(/^Saved\.[\s\S]*<#1300000000000000007>: `acme\/there` @ `next`$/);
  });
});

describe('/config key', () => {
  const KEY = 'AQ.Ab8RN6-secret-secret-9z9z';

  it('shows keys by their last four, and offers to others only what is theirs', async () => {
    const mine = await config('admin', 'key');
    expect(readReply(mine)).toMatch(/The server key:\*\* •••• 1a2b[\s\S]*Your key:\*\* none/);
    const disabled = (reply: Reply) => parts(reply).map((one) => 'disabled' in one && one.disabled);
    expect(disabled(mine)).toEqual([false, false, false, true]);
    expect(disabled(await config('outsider', 'key'))).toEqual([true, false, true, true]);
  });

  it('takes a key in a modal, stores it sealed, and says only its last four', async () => {
    const owner = { id: newSnowflake() };
    const opened = await say(aPress(owner, customId('key', 'person')));
    expect(toResponse(opened)).toMatchObject({ type: 9, data: { components: [{ type: 18, component: { type: 4 } }] } });
    const { deps, lines, say: sayTo } = aDoor(db.rpc);
    const reply = await sayTo(aModal(owner, customId('key-enter', 'person'), ` ${KEY}\n`));
    expect(toResponse(reply)).toMatchObject({ type: 7 });
    expect(readReply(reply)).toMatch(/^🔑 Your key is stored: •••• 9z9z\.[\s\S]*Your key:\*\* •••• 9z9z/);
    const kept = JSON.stringify([reply, lines, await auditOf(db), await db.sql`select * from verne.keys`]);
    expect(kept).not.toContain(KEY);
    expect(deps.keyring.active).toBe('1');
    expect(await readSettings(db.rpc, actorFor(owner))).toMatchObject({
      key_in_use: { owner: 'person', last4: '9z9z' },
    });
  });

  it('refuses what is no key without echoing it', async () => {
    const reply = await say(aModal(PEOPLE.admin, customId('key-enter', 'server'), 'this is my pass word, yes'));
    expect(readReply(reply)).toMatch(/not a Jules API key/);
    expect(JSON.stringify([reply, await auditOf(db)])).not.toContain('pass word');
  });

  const pressed = (who: Who, verb: 'key' | 'key-remove' | 'key-revoke' | 'key-keep') =>
    say(aPress(PEOPLE[who], customId(verb, 'server')));

  it('lets only Manage Server replace or remove the key of the server, and opens no dialog for others', async () => {
    expect(await say(aModal(PEOPLE.approver, customId('key-enter', 'server'), SERVER_KEY))).toMatchObject({
      refused: 'not_permitted',
    });
    for (const verb of ['key', 'key-remove', 'key-revoke'] as const) {
      expect(await pressed('approver', verb), verb).toMatchObject({ refused: 'not_permitted' });
    }
    expect((await pressed('admin', 'key')).kind).toBe('modal');
    expect(await settings()).toMatchObject({ keys: [{ owner: 'server' }] });
  });

  it('asks back before it removes a key, in the place of the panel', async () => {
    const question = await pressed('admin', 'key-remove');
    expect(question.kind).toBe('update');
    expect(readReply(question)).toMatch(/^Remove the server key •••• 1a2b\? No task can start with it any more\.$/m);
    expect(parts(question)).toMatchObject([
      { label: 'Remove', custom_id: 'v1:key-revoke:server' },
      { label: 'Keep', custom_id: 'v1:key-keep:server' },
    ]);
    const kept = await pressed('admin', 'key-keep');
    expect(readReply(kept)).toMatch(/^The server key stays\.[\s\S]*server key:\*\* •••• 1a2b/);
    const removed = await pressed('admin', 'key-revoke');
    expect(removed.kind).toBe('update');
    expect(readReply(removed)).toMatch(/^The server key is removed\.[\s\S]*server key:\*\* none[\s\S]*Without a key/);
    for (const verb of ['key-remove', 'key-revoke'] as const) {
      expect(await pressed('admin', verb)).toMatchObject({ refused: 'no_key' });
    }
  });
});

describe('/config notices', () => {
  it('saves how, and whom, at once', async () => {
    expect(parts(await config('admin', 'notices'))).toMatchObject([
      { type: 3, custom_id: 'v1:notice:how', options: [{ value: 'role', default: true }, {}, {}, {}] },
      { type: 5, custom_id: 'v1:notice:people', default_values: [] },
    ]);
    const how = await say(aPress(PEOPLE.admin, customId('notice', 'how'), ['dm']));
    expect(readReply(how)).toMatch(/No people are chosen, so nobody is told/);
    const whom = await say(aPress(PEOPLE.admin, customId('notice', 'people'), [PEOPLE.approver.id]));
    expect(readReply(whom)).toContain(`<@${PEOPLE.approver.id}>`);
    expect(await settings()).toMatchObject({ notice: { how: 'dm', people: [PEOPLE.approver.id] } });
  });

  it('refuses a way that does not exist', async () => {
    expect(await say(aPress(PEOPLE.admin, customId('notice', 'how'), ['pigeon']))).toMatchObject({
      refused: 'unknown_choice',
    });
    expect(await settings()).toMatchObject({ notice: { how: 'role' } });
  });
});
