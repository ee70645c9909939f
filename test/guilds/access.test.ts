import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canI, changeAllowList, changeGrant, type Grant } from '#guilds/access.ts';
import { pauseGuild } from '#guilds/pause.ts';
import { changeSettings, NAMED_ROLES } from '#guilds/settings.ts';
import type { Actor } from '#kernel/actor.ts';
import { taskId } from '#kernel/ids.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { requestTask } from '#tasks/request-task.ts';
import { anActor } from '../support/actors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { newSnowflake } from '../support/interaction.ts';
import { anAdmin, aServer } from '../support/tasks.ts';

let db: TestDatabase;
let guild = '';
const ROLE = '300000000000000077';
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(async () => {
  guild = newSnowflake();
  await aServer(db, { guild });
});
afterAll(() => db.close());

const admin = () => anAdmin({ guild });
const member = (facts: Partial<Actor> = {}) => anActor({ id: '100000000000000078', guild, roles: [ROLE], ...facts });
const grant = (wish: Partial<Grant> = {}, give = true) =>
  changeGrant(db.rpc, admin(), { role_id: ROLE, give, ...wish });

/** By the gate itself, as every function asks it. */
async function kindOf(operation: string, { actor = member(), scope = {} }: { actor?: Actor; scope?: object } = {}) {
  const [row] = await db.sql`select verne.authorise(${db.sql.json(actor as never)}, ${operation}, '{}',
    ${db.sql.json(scope as never)}) ->> 'kind' as kind`;
  return row?.kind as string;
}

async function lastOutcomes(count: number) {
  const rows = await db.sql`select outcome from verne.audit where guild_id = ${guild} order by seq desc limit ${count}`;
  return rows.map(({ outcome }) => String(outcome)).reverse();
}

const ask = (wish: { repo?: string; branch?: string } = {}, actor = member()) =>
  requestTask(db.rpc, actor, { requestKey: newSnowflake(), prompt: 'x', ...wish });

/** Seed 001: `admin` everything, `release_mgr` the deeds, `developer` to look and ask, `viewer` to look. */
const MATRIX: Record<(typeof NAMED_ROLES)[number], readonly string[]> = {
  admin: [
    'audit.read',
    'guild.pause',
    'limits.raise',
    'ops.ask',
    'ops.deploy',
    'ops.logs',
    'ops.scale',
    'ops.status',
    'settings.change',
    'task.cancel',
    'task.confirm',
    'task.create',
    'task.steer',
    'task.steer_own',
  ],
  release_mgr: [
    'limits.raise',
    'ops.ask',
    'ops.deploy',
    'ops.logs',
    'ops.scale',
    'ops.status',
    'task.cancel',
    'task.confirm',
    'task.create',
    'task.steer',
    'task.steer_own',
  ],
  developer: ['ops.ask', 'ops.logs', 'ops.status', 'task.create', 'task.steer_own'],
  viewer: ['ops.status'],
};

describe('a named role', () => {
  it.each(NAMED_ROLES)('%s may what the matrix says, and nothing else', async (role) => {
    await grant({ role });
    const allowed: string[] = [];
    for (const operation of MATRIX.admin) if ((await kindOf(operation)) === 'allowed') allowed.push(operation);
    expect(allowed).toEqual(MATRIX[role]);
    const answer = await canI(db.rpc, member());
    if (answer.kind !== 'answers') throw new Error(answer.kind);
    expect(answer.operations.filter(({ may }) => may).map(({ operation }) => operation)).toEqual(allowed);
    expect(answer.named_roles).toEqual([role]);
    await grant({ role }, false);
    for (const operation of MATRIX.admin) expect(await kindOf(operation), operation).toBe('not_permitted');
  });

  it('may nothing that nobody has heard of', async () => {
    await grant({ role: 'admin' });
    for (const operation of ['ops.destroy', 'task.', '', 'TASK.CREATE', 'settings.change ']) {
      expect(await kindOf(operation), operation).toBe('not_permitted');
    }
  });
});

describe('a grant', () => {
  it('is refused where it names no operation that there is, or what acts on the whole server for a part of it', async () => {
    expect(await grant({ operation: 'ops.destroy' })).toMatchObject({ kind: 'unknown_operation' });
    for (const operation of ['settings.change', 'guild.pause', 'limits.raise', 'audit.read']) {
      expect(await grant({ operation, repo: 'octo/repo' }), operation).toEqual({ kind: 'not_limited' });
    }
    expect(await lastOutcomes(5)).toEqual(['refused: unknown_operation', ...Array(4).fill('refused: not_limited')]);
    expect(await kindOf('settings.change')).toBe('not_permitted');
  });

  it('that is limited gives nothing that acts on the whole server, whatever named role it is', async () => {
    for (const where of [{ repo: 'octo/repo' }, { branch: 'main' }, { channel_id: '200000000000000001' }]) {
      await grant({ role: 'admin', ...where });
      for (const operation of ['settings.change', 'guild.pause', 'limits.raise', 'audit.read']) {
        expect(await kindOf(operation), operation).toBe('not_permitted');
      }
      expect(await kindOf('task.confirm')).toBe('allowed');
    }
  });

  it('holds on its repositories and branches, in its channel and the threads of it', async () => {
    await grant({ operation: 'task.create', repo: 'Octo/*', branch: 'release/*', channel_id: '200000000000000009' });
    const inThread = member({ channel: '200000000000000010', parent_channel: '200000000000000009' });
    expect(await ask({ repo: 'octo/Repo', branch: 'release/1' }, inThread)).toMatchObject({ kind: 'requested' });
    expect(await ask({ repo: 'other/repo', branch: 'release/1' }, inThread)).toMatchObject({
      kind: 'not_permitted',
      repo: 'other/repo',
    });
    // Branches are told apart by their letters.
    expect(await ask({ repo: 'octo/repo', branch: 'Release/1' }, inThread)).toMatchObject({ kind: 'not_permitted' });
    expect(await ask({ repo: 'octo/repo', branch: 'release/1' })).toMatchObject({ kind: 'not_permitted' });
  });

  it('to confirm on one repository confirms there alone', async () => {
    await grant({ operation: 'task.confirm', repo: 'octo/repo' });
    const requester = anActor({ guild, roles: ['300000000000000001'], id: '100000000000000002' });
    for (const [repo, kind] of [
      ['octo/repo', 'decided'],
      ['octo/other', 'not_permitted'],
    ] as const) {
      const asked = await ask({ repo }, requester);
      if (asked.kind !== 'requested') throw new Error(asked.kind);
      const wish = { taskId: taskId(asked.task.id), verb: 'confirm' } as const;
      expect(await decideTask(db.rpc, member(), wish)).toMatchObject({ kind });
    }
  });

  it('is given once, taken back once, and says when nothing changed', async () => {
    const wish = { role: 'developer', repo: 'octo/*' } as const;
    expect(await grant(wish)).toEqual({ kind: 'changed' });
    expect(await grant(wish)).toEqual({ kind: 'same' });
    expect(await grant({ role: 'developer' }, false)).toEqual({ kind: 'same' });
    expect(await grant(wish, false)).toEqual({ kind: 'changed' });
    expect(await grant(wish, false)).toEqual({ kind: 'same' });
  });

  it('has room for 200 in a server', async () => {
    await db.sql`insert into verne.grants (guild_id, role_id, role, repo)
      select ${guild}, ${ROLE}, 'viewer', 'octo/' || n from generate_series(1, 200) n`;
    expect(await grant({ role: 'viewer' })).toEqual({ kind: 'too_many', most: 200 });
    expect(await lastOutcomes(1)).toEqual(['refused: too_many']);
    expect(await grant({ role: 'viewer', repo: 'octo/7' }, false)).toEqual({ kind: 'changed' });
  });

  it('of another server, or to a role of the same number elsewhere, gives nothing here', async () => {
    await grant({ role: 'admin' });
    const elsewhere = newSnowflake();
    await aServer(db, { guild: elsewhere });
    expect(await kindOf('task.create', { actor: member({ guild: elsewhere }) })).toBe('not_permitted');
  });

  it('is nothing that who holds it by grant alone could not have been given: only settings.change changes grants', async () => {
    await grant({ role: 'release_mgr' });
    expect(await changeGrant(db.rpc, member(), { role_id: ROLE, role: 'admin', give: true })).toMatchObject({
      kind: 'not_permitted',
    });
    await grant({ operation: 'settings.change' });
    expect(await changeGrant(db.rpc, member(), { role_id: ROLE, role: 'viewer', give: true })).toMatchObject({
      kind: 'changed',
    });
  });
});

describe('the lists that a dashboard edits', () => {
  const listed = (permissions: object) =>
    db.sql`update public.guilds set permissions = ${db.sql.json(permissions as never)} where guild_id = ${guild}`;

  it('and grants agree: what either gives is given', async () => {
    await listed({ create_roles: [ROLE], confirm_roles: [] });
    expect(await kindOf('task.create')).toBe('allowed');
    expect(await kindOf('task.confirm')).toBe('not_permitted');
    await grant({ operation: 'task.confirm' });
    expect(await kindOf('task.confirm')).toBe('allowed');
    await listed({ create_roles: [], confirm_roles: [] });
    expect(await kindOf('task.create')).toBe('allowed'); // who may confirm may create
    await grant({ operation: 'task.confirm' }, false);
    expect(await kindOf('task.create')).toBe('not_permitted');
  });

  it('that name only roles nobody holds any more let nobody in but by other ways, and settings stay open to an admin', async () => {
    await listed({ create_roles: ['300000000000000099'], confirm_roles: ['300000000000000099'] });
    expect(await kindOf('task.create', { actor: admin() })).toBe('not_permitted');
    expect(await kindOf('settings.change', { actor: admin() })).toBe('allowed');
    await changeSettings(db.rpc, admin(), { create_roles: [] });
    expect(await kindOf('task.create', { actor: admin() })).toBe('allowed');
  });

  it.each([null, undefined, 'true', 1, [], {}])('an actor whose roles are %s is refused', async (roles) => {
    await grant({ role: 'admin' });
    const actor = { ...member(), roles } as unknown as Actor;
    for (const operation of MATRIX.admin) expect(await kindOf(operation, { actor })).toBe('not_permitted');
  });
});

describe('what a server keeps to', () => {
  const allow = (kind: 'repo' | 'branch' | 'channel', pattern: string, give = true) =>
    changeAllowList(db.rpc, admin(), { kind, pattern, give });
  const creator = () => member({ roles: ['300000000000000001'] });

  it('binds everybody, an admin too, and says what is allowed', async () => {
    await allow('repo', 'Octo/*');
    await allow('branch', 'main');
    expect(await ask({ repo: 'octo/any', branch: 'main' }, creator())).toMatchObject({ kind: 'requested' });
    expect(await ask({ repo: 'evil/any' }, creator())).toMatchObject({ kind: 'out_of_bounds', what: 'repo' });
    const wrong = await ask({ repo: 'octo/any', branch: 'MAIN' }, creator());
    expect(wrong).toEqual({ kind: 'out_of_bounds', what: 'branch', allowed: ['main'] });
    await changeSettings(db.rpc, admin(), { create_roles: [], confirm_roles: [] });
    expect(await ask({ repo: 'evil/any' }, admin())).toMatchObject({ kind: 'out_of_bounds' });
  });

  it('of channels holds before anything else is looked at, and in their threads', async () => {
    await allow('channel', '200000000000000009');
    expect(await ask({}, creator())).toMatchObject({ kind: 'out_of_bounds', what: 'channel' });
    const inThread = { ...creator(), channel: '200000000000000010', parent_channel: '200000000000000009' };
    expect(await ask({}, inThread)).toMatchObject({ kind: 'requested' });
    expect(await allow('channel', '200000000000000009', false)).toEqual({ kind: 'changed' });
    expect(await ask({}, creator())).toMatchObject({ kind: 'requested' });
  });

  it.each([
    ['octo/100%', 'octo/100%', true],
    ['octo/100%', 'octo/1000', false],
    ['octo/a_b', 'octo/axb', false],
    ['octo/a\\b', 'octo/ab', false],
    ['*/repo', 'any/repo', true],
    ['octo/*', 'octopus/repo', false],
    ['octo', 'octo/repo', false],
    ['*'.repeat(100), 'octo/repo', true],
  ])('reads the pattern %s with %s as %s', async (pattern, name, fits) => {
    const [row] = await db.sql`select verne.fits(${name}, ${pattern}) as fits`;
    expect(row?.fits).toBe(fits);
  });

  it('has room for 200 in a server', async () => {
    await db.sql`insert into verne.allow_lists (guild_id, kind, pattern)
      select ${guild}, 'repo', 'octo/' || n from generate_series(1, 200) n`;
    expect(await allow('repo', 'octo/more')).toEqual({ kind: 'too_many', most: 200 });
    expect(await lastOutcomes(1)).toEqual(['refused: too_many']);
  });

  it('has no pattern that takes long', async () => {
    const startedAt = performance.now();
    await db.sql`select verne.fits(${'a'.repeat(200)}, ${'*a'.repeat(99)} || 'b')`;
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});

// The short form of T10 in docs/reliability.md.
describe('a right that is taken away', () => {
  it('is gone with the next question', async () => {
    for (const _ of [1, 2, 3]) {
      await grant({ role: 'developer' });
      expect(await ask()).toMatchObject({ kind: 'requested' });
      await grant({ role: 'developer' }, false);
      expect(await ask()).toMatchObject({ kind: 'not_permitted' });
    }
  });
});

describe('the kill switch', () => {
  it('works in a flood, for those who may turn it, and is counted for all others', async () => {
    await db.sql`update verne.rate_limits set per_minute = 1, burst = 1`;
    try {
      await db.sql`delete from verne.rates`;
      expect(await pauseGuild(db.rpc, member(), true)).toMatchObject({ kind: 'not_permitted' });
      expect(await pauseGuild(db.rpc, member(), true)).toMatchObject({ kind: 'too_fast' });
      expect(await kindOf('settings.change', { actor: admin() })).toBe('too_fast'); // of the whole server
      expect(await pauseGuild(db.rpc, admin(), true)).toMatchObject({ kind: 'paused_now', by: admin().id });
      expect(await pauseGuild(db.rpc, admin(), false)).toMatchObject({ kind: 'resumed', by: null });
    } finally {
      await db.sql`update verne.rate_limits set per_minute = 1000000, burst = 1000000`;
    }
  });

  it('that is not clearly ended stays, and names the one who turned it first', async () => {
    await pauseGuild(db.rpc, admin(), true);
    const again = { ...admin(), id: '100000000000000099' };
    expect(await db.rpc('pause_guild', { actor: again, pause: null })).toMatchObject({
      kind: 'paused_now',
      by: admin().id,
    });
  });
});
