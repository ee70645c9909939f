import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Refusal } from '#kernel/errors.ts';
import { taskId } from '#kernel/ids.ts';
import { readChoices, readTask, showPrompt } from '#tasks/read-task.ts';
import { branchOf, promptOf, repositoryOf, requestTask } from '#tasks/request-task.ts';
import { anActor } from '../support/actors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { anAdmin, anApprover, aRequester, aServer, aTask, CREATE_ROLE, someSources } from '../support/tasks.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

const inServer = (guild: string) => ({ guild });
const ask = (actor = aRequester(), wish: object = {}) =>
  requestTask(db.rpc, actor, { requestKey: crypto.randomUUID(), prompt: 'Fix it', ...wish });
const audited = async (guild: string) =>
  (
    await db.sql`select operation, outcome, actor_id, args from verne.audit_log where guild_id = ${guild} order by seq`
  ).map((row) => row);

describe('who may ask', () => {
  test('in a server that set no roles only Manage Server may, and the refusal names no roles', async () => {
    const guild = '910000000000000001';
    expect(await ask(aRequester(inServer(guild)))).toEqual({
      kind: 'not_permitted',
      operation: 'task.create',
      roles: [],
    });
    expect((await ask(anAdmin(inServer(guild)))).kind).toBe('no_key');
  });

  test('once roles are set they decide, and a confirm role implies create', async () => {
    const guild = '910000000000000002';
    await aServer(db, { guild });
    expect((await ask(aRequester(inServer(guild)))).kind).toBe('requested');
    expect((await ask(anApprover(inServer(guild)))).kind).toBe('requested');
    expect((await ask(anActor(inServer(guild)))).kind).toBe('not_permitted');
  });

  test('a refusal is audited with who and what, without the prompt', async () => {
    const guild = '910000000000000003';
    await aServer(db, { guild });
    await ask(anActor(inServer(guild)), { prompt: 'canary prompt' });
    const last = (await audited(guild)).at(-1);
    expect(last).toMatchObject({ operation: 'task.create', outcome: 'refused: not_permitted', actor_id: anActor().id });
    expect(JSON.stringify(last)).not.toContain('canary');
  });

  test('outside a server nothing may be asked', async () => {
    expect(await ask(anActor({ guild: null }))).toEqual({ kind: 'not_in_a_server' });
  });
});

describe('what is stored', () => {
  const guild = '920000000000000001';
  beforeAll(async () => {
    await someSources(db, await aServer(db, { guild }));
  });

  test('a requester’s task waits, an approver’s own starts at once', async () => {
    expect((await aTask(db, aRequester(inServer(guild)))).status).toBe('pending_confirmation');
    const started = await aTask(db, anApprover(inServer(guild)));
    expect(started).toMatchObject({
      status: 'in_progress',
      decided_by: anApprover().id,
      session: { phase: 'opening' },
    });
  });

  test('asking twice under one key gives the first task again', async () => {
    const wish = { requestKey: 'one-key', prompt: 'Fix it' };
    const [first, second] = await Promise.all([
      requestTask(db.rpc, aRequester(inServer(guild)), wish),
      requestTask(db.rpc, aRequester(inServer(guild)), wish).catch(() =>
        requestTask(db.rpc, aRequester(inServer(guild)), wish),
      ),
    ]);
    expect(first.kind === 'requested' && second.kind === 'requested' && first.task.id === second.task.id).toBe(true);
    const rows = await db.sql`select count(*)::int from public.tasks where request_key = 'one-key'`;
    expect(rows[0]?.count).toBe(1);
  });

  test('task, card, event and audit are stored together or not at all', async () => {
    const task = await aTask(db, aRequester(inServer(guild)));
    const subject = `task:${task.id}`;
    const [found] = await db.sql`
      select (select count(*) from verne.messages where subject = ${subject} and kind = 'card')::int as cards,
        (select count(*) from verne.events where key = ${subject} and topic = 'task.requested')::int as events,
        (select count(*) from verne.audit_log where args ->> 'task' = ${task.id})::int as entries`;
    expect(found).toEqual({ cards: 1, events: 1, entries: 1 });
  });

  test('repository and branch are resolved option, person, channel, server, and the task says which', async () => {
    const person = aRequester(inServer(guild));
    const target = async (wish: object = {}) => {
      const { repo, branch, repo_from } = await aTask(db, person, wish);
      return `${repo}@${branch} by ${repo_from}`;
    };
    const key = await aServer(db, { guild });
    await someSources(db, key, ['octo/repo', 'octo/chan', 'octo/mine', 'octo/said']);
    expect(await target()).toBe('octo/repo@main by server');
    await db.rpc('choose_repo', {
      actor: anAdmin(inServer(guild)),
      kind: 'channel',
      id: person.channel,
      repo: 'octo/chan',
      branch: 'dev',
    });
    expect(await target()).toBe('octo/chan@dev by channel');
    await db.rpc('choose_repo', { actor: person, kind: 'person', id: 'x', repo: 'octo/mine' });
    expect(await target()).toBe('octo/mine@main by person');
    expect(await target({ repo: 'https://github.com/OCTO/Said.git' })).toBe('octo/said@main by option');
  });

  test('a default repository without a branch `main` starts from its own default branch', async () => {
    const where = inServer('920000000000000003');
    const key = await aServer(db, where);
    const sources = [
      { name: 'sources/github/octo/old', repo: 'octo/old', default_branch: 'master', branches: ['master', 'dev'] },
    ];
    await db.rpc('record_sources', { key_id: key, sources });
    const setTo = (changes: object) => db.rpc('change_settings', { actor: anAdmin(where), changes });
    await setTo({ default_repo: 'octo/old', default_branch: 'main' });
    expect((await aTask(db, aRequester(where))).branch).toBe('master');
    await setTo({ default_branch: 'dev' });
    expect((await aTask(db, aRequester(where))).branch).toBe('dev');
    await setTo({ default_branch: 'gone' });
    expect(await ask(aRequester(where))).toMatchObject({ kind: 'unknown_branch', branch: 'gone' });
    expect(await ask(aRequester(where), { branch: 'main' })).toMatchObject({ kind: 'unknown_branch', branch: 'main' });
  });

  test('numbers of a server’s tasks have no gaps, even when many ask at once', async () => {
    const many = inServer('920000000000000002');
    await aServer(db, many);
    const tasks = await Promise.all(Array.from({ length: 12 }, () => aTask(db, aRequester(many))));
    expect(tasks.map((task) => task.number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, at) => at + 1),
    );
  });
});

describe('what is known to be wrong is refused at once', () => {
  const guild = '930000000000000001';
  beforeAll(async () => {
    await someSources(db, await aServer(db, { guild }), ['octo/repo', 'octo/other']);
  });

  test('a repository that the key does not reach, with some that it does', async () => {
    expect(await ask(aRequester(inServer(guild)), { repo: 'octo/typo' })).toEqual({
      kind: 'unknown_repo',
      repo: 'octo/typo',
      repos: ['octo/other', 'octo/repo'],
    });
    const [wanted] = await db.sql`
      select count(*)::int from verne.events e join verne.keys k on e.key = 'key:' || k.id
      where e.topic = 'sources.wanted' and k.guild_id = ${guild}`;
    expect(wanted?.count).toBe(1);
  });

  test('a branch that the repository does not have', async () => {
    const refused = await ask(aRequester(inServer(guild)), { repo: 'octo/repo', branch: 'nope' });
    expect(refused).toEqual({ kind: 'unknown_branch', repo: 'octo/repo', branch: 'nope', branches: ['main', 'dev'] });
  });

  test('without a list of repositories it is accepted, and the worker checks it', async () => {
    const unlisted = inServer('930000000000000002');
    await aServer(db, unlisted);
    expect((await ask(aRequester(unlisted), { repo: 'octo/typo' })).kind).toBe('requested');
  });

  test('no key, and no repository', async () => {
    const bare = inServer('930000000000000003');
    await db.rpc('change_settings', { actor: anAdmin(bare), changes: { create_roles: [CREATE_ROLE] } });
    expect((await ask(aRequester(bare))).kind).toBe('no_key');
    await aServer(db, bare);
    await db.rpc('change_settings', { actor: anAdmin(bare), changes: { default_repo: null } });
    expect((await ask(aRequester(bare))).kind).toBe('no_repo');
  });
});

test('autocomplete offers what one’s own request could use, prefix first, and nothing to those who may not ask', async () => {
  const where = inServer('940000000000000001');
  await someSources(db, await aServer(db, where), ['acme/web', 'octo/acme-tools', 'octo/repo']);
  expect(await readChoices(db.rpc, aRequester(where), { field: 'repo', typed: 'ACME' })).toEqual([
    'acme/web',
    'octo/acme-tools',
  ]);
  expect(await readChoices(db.rpc, aRequester(where), { field: 'branch', typed: '', repo: 'octo/repo' })).toEqual([
    'dev',
    'main',
  ]);
  expect(await readChoices(db.rpc, anActor(where), { field: 'repo', typed: '' })).toEqual([]);
  expect(await readChoices(db.rpc, aRequester(inServer('940000000000000009')), { field: 'repo', typed: '' })).toEqual(
    [],
  );
  const [entries] =
    await db.sql`select count(*)::int from verne.audit_log where guild_id = ${where.guild} and actor_id = ${anActor().id}`;
  expect(entries?.count).toBe(0);
});

test('the whole prompt is shown within its server, and to another server it does not exist', async () => {
  const where = inServer('950000000000000001');
  await aServer(db, where);
  const task = await aTask(db, aRequester(where), { prompt: 'the whole prompt' });
  expect(await showPrompt(db.rpc, anActor(where), taskId(task.id))).toMatchObject({
    kind: 'prompt',
    prompt: 'the whole prompt',
  });
  expect(await showPrompt(db.rpc, anActor(inServer('950000000000000002')), taskId(task.id))).toEqual({
    kind: 'unknown_task',
  });
  expect(await readTask(db.rpc, taskId(crypto.randomUUID()))).toBeNull();
});

describe('words', () => {
  const refusal = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      return error instanceof Refusal ? error.code : error;
    }
    return 'accepted';
  };

  test.each([
    '',
    '   ',
    '\n\t\r',
    '\0\0',
    '\u200b\u200d\ufeff',
    '\u202e',
    '\u{e0041}\u{e0042}',
    '\u3164\u00a0'.slice(1),
  ])('a prompt of nothing visible is refused: %j', (prompt) =>
    expect(refusal(() => promptOf(prompt))).toBe('empty_prompt'),
  );
  test('a prompt of 6000 characters is taken, one more is refused', () => {
    expect(promptOf('x'.repeat(6000))).toHaveLength(6000);
    expect(refusal(() => promptOf('x'.repeat(6001)))).toBe('long_prompt');
  });
  test('NUL and lone surrogates never reach the database', () => expect(promptOf('a\0b\ud800c')).toBe('ab\ufffdc'));

  test.each([
    'octo',
    'octo/',
    '/repo',
    'octo/re po',
    'octo/repo/x',
    'octo/..',
    'octo/@everyone',
    'https://evil.com/octo/repo',
    '-o/repo',
    `o/${'r'.repeat(101)}`,
    'ок/тест',
  ])('a malformed repository is refused: %s', (repo) =>
    expect(refusal(() => repositoryOf(repo))).toBe('malformed_repo'),
  );
  test.each(['https://github.com/octo/repo', 'github.com/octo/repo.git', 'octo/repo/', ' octo/repo '])(
    'a link is understood: %j',
    (typed) => expect(repositoryOf(typed)).toBe('octo/repo'),
  );
  test.each(['', 'a b', 'a..b', '-x', '/x', 'x/', 'x.lock', 'a@{b', 'a\u202eb', 'a~b', 'x'.repeat(201)])(
    'a malformed branch is refused: %j',
    (branch) => expect(refusal(() => branchOf(branch))).toBe('malformed_branch'),
  );
  test.each(['main', 'release/1.2', 'feature/äöü', 'a-b_c.d'])('a branch is taken: %s', (branch) =>
    expect(branchOf(branch)).toBe(branch),
  );
});
