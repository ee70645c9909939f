import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toResponse } from '#discord/reply.ts';
import { removeKey } from '#guilds/add-key.ts';
import { changeSettings } from '#guilds/settings.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aCommand, anInteraction, aTyping, BOT_MAY, here, PEOPLE, ROLES } from '../support/interaction.ts';
import { actorFor, aDoor, auditOf, lastAudit, readReply, setUp, tasksOf } from './setting.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(() => setUp(db));
afterAll(() => db.close());

const ask = (values: Record<string, unknown>, person: keyof typeof PEOPLE = 'requester') =>
  aDoor(db.rpc).say(aCommand(PEOPLE[person], 'jules', values));

/** What this server's key can reach, as Jules listed it a moment ago. */
async function listSources(repos: Record<string, string[]>) {
  await db.sql`insert into verne.source_lists (key_id, listed_at) select id, verne.now() from verne.keys where guild_id = ${here.guild}`;
  for (const [repo, branches] of Object.entries(repos)) {
    await db.sql`insert into verne.sources (key_id, name, repo, default_branch, branches)
      select id, ${`sources/github/${repo}`}, ${repo}, 'main', ${branches} from verne.keys
      where guild_id = ${here.guild}`;
  }
}

describe('/jules', () => {
  it('records a task that waits, and says where it will work and with whose key, for the eyes of one', async () => {
    const reply = await ask({ prompt: 'Fix the login test' });
    const text = readReply(reply);
    expect(text).toContain('Task #1 recorded. It waits for an approver.');
    expect(text).toContain("`acme/site` @ `main` (the server's default), with the server key •••• 1a2b");
    expect(toResponse(reply)).toMatchObject({ type: 4, data: { flags: 64, allowed_mentions: { parse: [] } } });
    expect(await tasksOf(db)).toMatchObject([{ status: 'pending_confirmation', prompt: 'Fix the login test' }]);
  });

  it('starts at once for one who may confirm', async () => {
    expect(readReply(await ask({ prompt: 'Fix it' }, 'approver'))).toContain('Task #1 starts.');
    expect(await tasksOf(db)).toMatchObject([{ status: 'in_progress' }]);
  });

  it('asked twice by one interaction is one task', async () => {
    const payload = aCommand(PEOPLE.requester, 'jules', { prompt: 'Fix it' });
    const { say } = aDoor(db.rpc);
    expect(await say(payload)).toEqual(await say(payload));
    expect(await tasksOf(db)).toHaveLength(1);
  });

  it('takes a link for a repository, and a branch', async () => {
    await ask({ prompt: 'Fix it', repo: 'https://github.com/acme/tools.git', branch: 'next' });
    expect(await tasksOf(db)).toMatchObject([{ repo: 'acme/tools', branch: 'next' }]);
  });

  it('keeps a prompt of pings, fences, bidi, NUL and lone surrogates as it can be kept, and pings nobody', async () => {
    const prompt = '@everyone ```\n\u202Edrop\0 \uD800 <@&1300000000000000012>';
    const reply = await ask({ prompt });
    expect(reply).toMatchObject({ kind: 'message', body: { allowed_mentions: { parse: [] } } });
    expect((await tasksOf(db))[0]?.prompt).toBe('@everyone ```\n\u202Edrop \uFFFD <@&1300000000000000012>');
  });
});

describe('/jules refuses with a sentence, records nothing but the refusal', () => {
  const cases: [claim: string, values: Record<string, unknown>, code: string, says: RegExp][] = [
    ['a blank prompt', { prompt: ' \u200B\n' }, 'empty_prompt', /prompt is empty.*Say what Jules should do/],
    ['a prompt over the limit', { prompt: 'x'.repeat(6001) }, 'long_prompt', /6001 characters; 6000 is the most/],
    ['a malformed repo', { prompt: 'x', repo: 'not a repo' }, 'malformed_repo', /owner\/name/],
    ['a malformed branch', { prompt: 'x', branch: 'a..b' }, 'malformed_branch', /not a branch name/],
  ];
  for (const [claim, values, code, says] of cases) {
    it(`for ${claim}`, async () => {
      const reply = await ask(values);
      expect(reply).toMatchObject({ kind: 'message', ephemeral: true, refused: code });
      expect(readReply(reply)).toMatch(says);
      expect(await tasksOf(db)).toEqual([]);
      expect(await lastAudit(db)).toMatchObject({
        operation: 'task.create',
        outcome: `refused: ${code}`,
        command: '/jules',
      });
    });
  }

  it('for a repository that the key cannot reach, naming some that it can', async () => {
    await listSources({ 'acme/site': ['main'], 'acme/tools': ['main'] });
    const reply = await ask({ prompt: 'x', repo: 'acme/sight' });
    expect(readReply(reply)).toMatch(
      /cannot reach `acme\/sight`, so nothing was recorded\. .*`acme\/site`, `acme\/tools`/,
    );
  });

  it('for a branch that is not there, naming some that are', async () => {
    await listSources({ 'acme/site': ['main', 'next'] });
    const reply = await ask({ prompt: 'x', branch: 'nxet' });
    expect(readReply(reply)).toMatch(/`acme\/site` has no branch `nxet`.*`main`, `next`/);
  });

  it('for want of a key, naming the way to one', async () => {
    await removeKey(db.rpc, actorFor(PEOPLE.admin), 'server');
    expect(readReply(await ask({ prompt: 'x' }))).toMatch(/no Jules key.*`\/config key`/);
  });

  it('for want of a repository', async () => {
    await changeSettings(db.rpc, actorFor(PEOPLE.admin), { default_repo: null });
    expect(readReply(await ask({ prompt: 'x' }))).toMatch(/No repository is named.*`\/config repo`/);
  });

  it('for one without the role, naming the roles', async () => {
    const reply = await ask({ prompt: 'x' }, 'outsider');
    expect(reply).toMatchObject({ refused: 'not_permitted', body: { allowed_mentions: { parse: [] } } });
    expect(readReply(reply)).toContain(`<@&${ROLES.create}>, <@&${ROLES.confirm}>`);
    expect(await lastAudit(db)).toMatchObject({ operation: 'task.create', outcome: 'refused: not_permitted' });
  });

  it('where no roles are set yet, naming who can set them', async () => {
    await changeSettings(db.rpc, actorFor(PEOPLE.admin), { create_roles: [], confirm_roles: [] });
    expect(readReply(await ask({ prompt: 'x' }, 'outsider'))).toMatch(
      /no roles are set.*Manage Server.*`\/config roles`/,
    );
  });

  it('in a direct message', async () => {
    const data = { id: '1', name: 'jules', type: 1, options: [{ name: 'prompt', type: 3, value: 'x' }] };
    const user = { id: PEOPLE.requester.id, username: 'u', discriminator: '0', global_name: null };
    const dm = { data, guild_id: undefined, member: undefined, user, app_permissions: '0' };
    expect(readReply(await aDoor(db.rpc).say(anInteraction(PEOPLE.requester, 2, dm)))).toMatch(/only in a server/);
  });

  it('where the bot could not show the card, naming what it lacks', async () => {
    const lame = { app_permissions: String(BOT_MAY & ~(1n << 14n) & ~(1n << 11n)) };
    const reply = await aDoor(db.rpc).say(aCommand(PEOPLE.requester, 'jules', { prompt: 'x' }, lame));
    expect(readReply(reply)).toMatch(/I lack Send Messages, Embed Links/);
    expect(await tasksOf(db)).toEqual([]);
    expect(await lastAudit(db)).toMatchObject({ outcome: 'refused: bot_lacks_permission' });
  });
});

describe('where the bot may not open threads', () => {
  it('the task is recorded, with a warning', async () => {
    const lame = { app_permissions: String(BOT_MAY & ~(1n << 35n)) };
    const reply = await aDoor(db.rpc).say(aCommand(PEOPLE.requester, 'jules', { prompt: 'x' }, lame));
    expect(readReply(reply)).toMatch(
      /Task #1 recorded[\s\S]*cannot open a thread here \(missing: Create Public Threads\)/,
    );
  });

  it('a thread needs Send Messages in Threads instead of Send Messages', async () => {
    const thread = { id: '1300000000000000005', type: 11, parent_id: '1300000000000000002' };
    const facts = { channel: thread, app_permissions: String(BOT_MAY & ~(1n << 11n)) };
    const reply = await aDoor(db.rpc).say(aCommand(PEOPLE.requester, 'jules', { prompt: 'x' }, facts));
    expect(readReply(reply)).toContain('Task #1 recorded');
  });
});

describe('typing a repo or branch', () => {
  it('is offered what this key can reach, and leaves no trace', async () => {
    await listSources({ 'acme/site': ['main', 'next'], 'acme/tools': ['trunk'] });
    const before = (await auditOf(db)).length;
    const { say } = aDoor(db.rpc);
    expect(await say(aTyping(PEOPLE.requester, 'jules', { repo: 'too' }, 'repo'))).toEqual({
      kind: 'choices',
      choices: ['acme/tools'],
    });
    expect(await say(aTyping(PEOPLE.requester, 'jules', { branch: '' }, 'branch'))).toMatchObject({
      choices: ['main', 'next'],
    });
    const other = aTyping(PEOPLE.requester, 'jules', { repo: 'acme/tools', branch: 't' }, 'branch');
    expect(await say(other)).toMatchObject({ choices: ['trunk'] });
    expect(await say(aTyping(PEOPLE.outsider, 'jules', { repo: '' }, 'repo'))).toMatchObject({ choices: [] });
    expect(await auditOf(db)).toHaveLength(before);
  });
});
