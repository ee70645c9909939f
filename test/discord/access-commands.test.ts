import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { customId } from '#discord/custom-id.ts';
import type { Reply } from '#discord/reply.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { limitProblems } from '../support/discord-limits.ts';
import { aCommand, aPress, aTyping, CHANNEL, here, newSnowflake, PEOPLE, ROLES } from '../support/interaction.ts';
import { everyInteraction, probes } from '../support/probes.ts';
import { askBoth, isRefused, pressTampered, sendForeignValues, storedOf, twoServers } from '../support/two-servers.ts';
import { aDoor, auditOf, lastAudit, readReply, setUp } from './setting.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(() => setUp(db));
afterAll(() => db.close());

type Who = keyof typeof PEOPLE;
const say = (payload: Parameters<ReturnType<typeof aDoor>['say']>[0]) => aDoor(db.rpc).say(payload);
const run = async (who: Who, name: string, values = {}) => {
  const reply = await say(aCommand(PEOPLE[who], name, values));
  if (reply.kind === 'message') expect(limitProblems(reply.body)).toEqual([]);
  return reply;
};
const told = async (who: Who, name: string, values = {}) => readReply(await run(who, name, values));
const codeOf = (reply: Reply) => (reply.kind === 'message' ? reply.refused : reply.kind);

describe('/config grant', () => {
  it('shows what is granted, and nothing where nothing is', async () => {
    expect(await told('admin', 'config grant')).toMatch(/• nobody else/);
    await run('admin', 'config grant', { role: ROLES.create, may: 'release_mgr', repo: 'acme/*', branch: 'release/*' });
    expect(await told('admin', 'config grant')).toContain(
      `• <@&${ROLES.create}>: \`release_mgr\` on \`acme/*\` branch \`release/*\``,
    );
  });

  it('says that it is saved, that it was so, that it was not there', async () => {
    const wish = { role: ROLES.create, may: 'viewer', channel: CHANNEL };
    expect(await told('admin', 'config grant', wish)).toMatch(/^Saved\. /);
    expect(await told('admin', 'config grant', wish)).toMatch(/^That was granted already\. /);
    expect(await told('admin', 'config grant', { ...wish, take_back: true })).toMatch(/^Saved\. /);
    expect(await told('admin', 'config grant', { ...wish, take_back: true })).toMatch(/^That was not granted just so/);
  });

  it.each([
    ['half of it', { role: ROLES.create }, 'half_a_grant'],
    ['the other half', { may: 'viewer' }, 'half_a_grant'],
    ['only a place', { repo: 'acme/*' }, 'half_a_grant'],
    ['only taking back', { take_back: true }, 'half_a_grant'],
    ['a blank for a repository', { role: ROLES.create, may: 'viewer', repo: '   ' }, 'not_a_pattern'],
    ['an owner alone', { role: ROLES.create, may: 'viewer', repo: 'acme' }, 'not_a_pattern'],
    ['a sentence', { role: ROLES.create, may: 'viewer', repo: 'all of ours/please' }, 'not_a_pattern'],
    ['a branch with a blank', { role: ROLES.create, may: 'viewer', branch: 'a b' }, 'not_a_pattern'],
    ['a branch that git refuses', { role: ROLES.create, may: 'viewer', branch: 'a..b' }, 'not_a_pattern'],
    ['a whole-server operation for a part', { role: ROLES.create, may: 'audit.read', channel: CHANNEL }, 'not_limited'],
    ['an operation that is none', { role: ROLES.create, may: 'ops.destroy' }, 'outdated_command'],
  ])('refuses %s with a sentence, and changes nothing', async (_, values, code) => {
    const before = await storedOf(db, here.guild);
    const reply = await run('admin', 'config grant', values);
    expect([codeOf(reply), readReply(reply).length > 20]).toEqual([code, true]);
    expect(await storedOf(db, here.guild)).toBe(before);
  });

  it('shows as many of two hundred as fit, and counts the rest', async () => {
    await db.sql`insert into verne.grants (guild_id, role_id, role, repo)
      select ${here.guild}, ${ROLES.create}, 'viewer', 'acme/' || n || repeat('x', 80) from generate_series(1, 200) n`;
    expect(await told('admin', 'config grant')).toMatch(/… and 1\d\d more\n`admin` may everything/);
    expect(codeOf(await run('admin', 'config grant', { role: ROLES.create, may: 'admin' }))).toBe('too_many');
  });

  it('to everybody is one to everybody', async () => {
    await run('admin', 'config grant', { role: here.guild, may: 'developer' });
    expect(await told('outsider', 'can-i')).toContain(`✅ start tasks (by <@&${here.guild}>)`);
  });

  it('is for those who may change the settings', async () => {
    expect(codeOf(await run('approver', 'config grant', { role: ROLES.confirm, may: 'admin' }))).toBe('not_permitted');
    expect(await lastAudit(db)).toMatchObject({ operation: 'settings.change', outcome: 'refused: not_permitted' });
  });
});

describe('/config allow', () => {
  it('lists what tasks keep to, and tells who asks for anything else what is allowed', async () => {
    expect(await told('admin', 'config allow')).toMatch(/Repositories:\*\* all[\s\S]*Channels:\*\* all/);
    const shown = await told('admin', 'config allow', { repo: 'https://github.com/acme/*', branch: 'main' });
    expect(shown).toMatch(/^Saved\.[\s\S]*Repositories:\*\* only `acme\/\*`\n\*\*Branches:\*\* only `main`/);
    expect(await told('requester', 'jules', { prompt: 'x', repo: 'evil/x' })).toMatch(
      /only with some repositories: `acme/,
    );
    expect(await told('admin', 'config allow', { branch: 'main' })).toMatch(/^That was so already/);
    expect(await told('admin', 'config allow', { branch: 'main', take_back: true })).toMatch(/Branches:\*\* all/);
    expect(await told('admin', 'config allow', { branch: 'main', take_back: true })).toMatch(
      /^That was not on the list/,
    );
  });

  it.each([{ repo: 'acme' }, { branch: '-x' }, { repo: 'acme/*', branch: ' ' }, { take_back: true }])(
    'refuses %s, and changes nothing',
    async (values) => {
      const before = await storedOf(db, here.guild);
      expect(isRefused(await run('admin', 'config allow', values))).toBe(true);
      expect(await storedOf(db, here.guild)).toBe(before);
    },
  );
});

describe('/config pause', () => {
  it('names who paused and since when, whoever asks again, and ends', async () => {
    expect(await told('admin', 'config pause')).toMatch(
      new RegExp(`<@${PEOPLE.admin.id}> has paused Verne .*<t:\\d+:R>`),
    );
    expect(await told('requester', 'jules', { prompt: 'x' })).toMatch(
      /has paused Verne in this server.*nothing was recorded/,
    );
    expect(await told('requester', 'can-i')).toMatch(/^⏸️ <@/);
    expect(await told('admin', 'config pause', { resume: true })).toMatch(/works again/);
    expect(await told('requester', 'jules', { prompt: 'x' })).toMatch(/recorded/);
    expect(codeOf(await run('approver', 'config pause'))).toBe('not_permitted');
  });

  it('says so where the whole service is paused too', async () => {
    await db.sql`update verne.service set paused_at = verne.now(), paused_by = 'operator'`;
    expect(await told('admin', 'config pause', { resume: true })).toMatch(/paused it everywhere/);
    expect(await told('requester', 'jules', { prompt: 'x' })).toMatch(/paused everywhere by those who run it/);
    await db.sql`update verne.service set paused_at = null, paused_by = null`;
  });
});

describe('/can-i', () => {
  it('says by which role somebody may, and what it would take', async () => {
    const mine = await told('requester', 'can-i');
    expect(mine).toContain(`✅ start tasks (by <@&${ROLES.create}>)`);
    expect(mine).toContain(`❌ confirm or reject tasks: takes <@&${ROLES.confirm}>`);
    expect(mine).toMatch(/❌ change the settings[^:\n]*: takes Manage Server/);
    expect(await told('admin', 'can-i')).toMatch(/✅ change the settings[^:\n]* \(by Manage Server\)/);
  });

  it('names the places of a limited grant, and answers for one place', async () => {
    await run('admin', 'config grant', { role: '1300000000000000013', may: 'developer', repo: 'acme/*' });
    const person = { id: PEOPLE.outsider.id, roles: ['1300000000000000013'] };
    const ask = async (values = {}) => readReply(await say(aCommand(person, 'can-i', values)));
    expect(await ask()).toContain('✅ start tasks (by <@&1300000000000000013>; only `acme/*`)');
    expect(await ask({ repo: 'acme/site' })).toMatch(/You may here on `acme\/site`:\n✅ start tasks/);
    expect(await ask({ repo: 'other/site' })).toContain('❌ start tasks: only `acme/*`');
    expect(isRefused(await say(aCommand(person, 'can-i', { repo: 'nonsense' })))).toBe(true);
  });
});

describe('what Discord signed decides (R13, T08)', () => {
  it('an admin of a moment ago is none: the permissions of this very interaction count', async () => {
    const before = await storedOf(db, here.guild);
    const [now, fakes] = [PEOPLE.admin, ['0', '', 'abc', '0x20', '-32', ' 32', '32n', undefined, null]];
    for (const permissions of fakes) {
      expect(codeOf(await say(aCommand(now, 'config roles')))).toBeUndefined();
      const press = aPress(now, customId('roles', 'confirm'), []);
      Object.assign(press.member ?? {}, { permissions });
      expect(codeOf(await say(press)), String(permissions)).toBe('not_permitted');
    }
    expect(await storedOf(db, here.guild)).toBe(before);
  });

  it.each([{}, { 1: PEOPLE.admin.id }, { 0: '0' }, { 0: '1400000000000099999' }, undefined])(
    'in a server that did not add the bot (%j) everything is refused, and nothing is written',
    async (owners) => {
      here.guild = newSnowflake();
      const person = { ...PEOPLE.admin, roles: [ROLES.create, ROLES.confirm], permissions: 1n << 3n };
      for (const payload of everyInteraction(person, { authorizing_integration_owners: owners })) {
        const reply = await say(payload);
        expect(isRefused(reply), JSON.stringify([payload.data, reply])).toBe(true);
      }
      const typing = aTyping(person, 'jules', { repo: 'a' }, 'repo');
      Object.assign(typing, { authorizing_integration_owners: owners });
      expect(await say(typing)).toEqual({ kind: 'choices', choices: [] });
      expect(await db.sql`select from public.guilds where guild_id = ${here.guild}`).toHaveLength(0);
      expect(await auditOf(db)).toHaveLength(0);
    },
  );
});

describe('another server (T05, T06, T07)', () => {
  it('is not reached by ids of components that were tampered with', async () => {
    const servers = await twoServers(db);
    const before = await Promise.all([storedOf(db, servers.guildA), storedOf(db, servers.guildB)]);
    const kinds = await pressTampered(db, servers, 4000, 20_261_120);
    expect(kinds.size).toBe(9);
    expect(await Promise.all([storedOf(db, servers.guildA), storedOf(db, servers.guildB)])).toEqual(before);
  });

  it('is not reached by what selects, dialogs and half-typed options carry', async () => {
    const servers = await twoServers(db);
    const before = await Promise.all([storedOf(db, servers.guildA), storedOf(db, servers.guildB)]);
    expect(await sendForeignValues(db, servers, 800, 20_261_120)).toMatchObject({ answered: 800 });
    expect(await Promise.all([storedOf(db, servers.guildA), storedOf(db, servers.guildB)])).toEqual(before);
  });

  it('is no other than one that never was, to every command and button', async () => {
    const servers = await twoServers(db);
    const before = await storedOf(db, servers.guildB);
    const all = probes();
    expect(all.length).toBeGreaterThan(20);
    for (const probe of all) {
      const { theirs, never } = await askBoth(db, servers, probe);
      expect(theirs?.text, probe.name).toBe(never?.text);
      if (/ (role|channel|person)$/.test(probe.name))
        expect(theirs?.text, probe.name).toContain('"refused":"not_here"');
      expect(theirs?.text, probe.name).not.toMatch(/secret-of-b|"refused":"defect"/);
    }
    expect(await storedOf(db, servers.guildB)).toBe(before);
  });

  it('keeps a component on the message where it was written', async () => {
    const { own } = await twoServers(db);
    const press = aPress(PEOPLE.approver, customId('confirm', own));
    Object.assign(press.message ?? {}, {
      components: [{ type: 1, components: [{ type: 2, custom_id: 'v1:key:person' }] }],
    });
    expect(codeOf(await say(press))).toBe('unknown_button');
    expect(codeOf(await say(aPress(PEOPLE.approver, customId('confirm', own))))).toBe('deferUpdate');
  });

  it('drops a role that was deleted from a choice, and refuses one that names nothing of here', async () => {
    const chosen = (values: readonly string[], known: readonly string[]) => {
      const press = aPress(PEOPLE.admin, customId('roles', 'create'), values);
      const roles = Object.fromEntries(known.map((id) => [id, {}]));
      Object.assign(press.data ?? {}, { component_type: 6, resolved: { roles } });
      return say(press);
    };
    expect(codeOf(await chosen([ROLES.confirm, newSnowflake()], [ROLES.confirm]))).toBe('update');
    expect(await storedOf(db, here.guild)).toContain(`"create_roles":["${ROLES.confirm}"]`);
    expect(codeOf(await chosen([newSnowflake()], []))).toBe('not_here');
    expect(codeOf(await chosen([], []))).toBe('update');
  });
});
