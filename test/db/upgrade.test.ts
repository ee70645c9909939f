import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '#db/migrate.ts';
import { bootstrap, MIGRATIONS } from '#db/open-embedded.ts';
import { readHeads } from '#guilds/audit.ts';
import { readSettings } from '#guilds/settings.ts';
import { taskId } from '#kernel/ids.ts';
import { makeLog } from '#kernel/log.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { readTask } from '#tasks/read-task.ts';
import { verdictOn } from '../support/chains.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import {
  anAdmin,
  anApprover,
  aRequester,
  aServer,
  aTask,
  CONFIRM_ROLE,
  CREATE_ROLE,
  someSources,
} from '../support/tasks.ts';

const FIRST = 4;
const log = makeLog({ level: 'silent', secrets: [] });

let db: TestDatabase;
let older: string;

beforeEach(async () => {
  db = await freshDatabase('template1');
  await bootstrap(db.sql);
  older = await mkdtemp(join(tmpdir(), 'verne-older-'));
  const files = (await readdir(MIGRATIONS)).sort().slice(0, FIRST);
  await Promise.all(files.map((file) => copyFile(join(MIGRATIONS, file), join(older, file))));
  await migrate(db.ownerUrl, older, log);
});
afterEach(async () => {
  await db.close();
  await rm(older, { recursive: true });
});

/** A server with a task that waits, made by the functions of then. */
async function fill() {
  await someSources(db, await aServer(db));
  const asked = await db.rpc('request_task', {
    actor: aRequester(),
    request_key: 'before',
    wish: { prompt: 'Fix the test' },
  });
  const { task } = asked as { task: { id: string } };
  return taskId(task.id);
}

/** What the functions of then took, and the checks of later refuse. */
async function fillBadly() {
  const actor = anAdmin();
  const changes = {
    create_roles: [CREATE_ROLE, 'everyone', 7, null],
    confirm_roles: [...Array(1000).keys()].map((n) => (BigInt(CONFIRM_ROLE) + BigInt(n)).toString()),
    default_branch: 'a b',
    default_repo: `octo/${'r'.repeat(200)}`,
    approver_notice: 'people',
    approver_people: ['100000000000000003', 'ada', null],
  };
  await db.rpc('change_settings', { actor, changes });
  const elsewhere = anAdmin({
    id: '100000000000000009',
    name: 'n'.repeat(120),
    guild: '900000000000000002',
    guild_name: 'g'.repeat(120),
  });
  const people = [...Array(150).keys()].map((n) => `${100_000_000_000_000_000n + BigInt(n)}`);
  await db.rpc('change_settings', { actor: elsewhere, changes: { approver_people: people } });
}

test('an older database with settings and a task is upgraded, and both are as they were', async () => {
  const id = await fill();
  const before = await db.sql`select * from public.guilds`;
  await migrate(db.ownerUrl, MIGRATIONS, log);
  expect(await db.sql`select * from public.guilds`).toMatchObject(before);
  expect(await readTask(db.rpc, id)).toMatchObject({
    status: 'pending_confirmation',
    repo: 'octo/repo',
    branch: 'main',
  });
  expect(await decideTask(db.rpc, anApprover(), { taskId: id, verb: 'confirm' })).toMatchObject({ kind: 'decided' });
  expect(await aTask(db)).toMatchObject({ number: 2, status: 'pending_confirmation' });
});

test('what an older release took and a newer one refuses is corrected by the upgrade, and the rest is kept', async () => {
  const id = await fill();
  await fillBadly();
  await migrate(db.ownerUrl, MIGRATIONS, log);
  const settings = await readSettings(db.rpc, anAdmin());
  expect(settings).toMatchObject({
    create_roles: [CREATE_ROLE],
    default_branch: 'main',
    default_repo: null,
    notice: { how: 'people', people: ['100000000000000003'] },
  });
  const [here, elsewhere] = await db.sql`
    select length(name) as name, cardinality(approver_people) as people,
      jsonb_array_length(permissions -> 'confirm_roles') as approvers from public.guilds order by guild_id`;
  expect([here?.['approvers'], elsewhere]).toEqual([250, { name: 100, people: 100, approvers: 0 }]);
  expect(await db.sql`select max(length(discord_username)) as longest from public.users`).toEqual([{ longest: 100 }]);
  expect(await decideTask(db.rpc, anApprover(), { taskId: id, verb: 'confirm' })).toMatchObject({ kind: 'decided' });
  for (const { guild_id: guild } of await readHeads(db.rpc)) {
    expect([guild, await verdictOn(db.rpc, guild)]).toMatchObject([guild, { kind: 'whole' }]);
  }
  const [audit] = await db.sql`select string_agg(to_jsonb(a)::text, ' ') as text from verne.audit a`;
  expect(audit?.['text']).toContain('approver_people');
  expect(audit?.['text']).not.toMatch(/"10000000000000\d{4}"/);
});

const WAKES = '20261120204200';

test('what slept through the turn of its session is woken once by the upgrade, and nothing else is', async () => {
  const files = (await readdir(MIGRATIONS)).filter((file) => file < WAKES);
  await Promise.all(files.map((file) => copyFile(join(MIGRATIONS, file), join(older, file))));
  await migrate(db.ownerUrl, older, log);
  await someSources(db, await aServer(db));
  const phases = ['working', 'plan_review', 'planning'];
  const ids: string[] = [];
  for (const phase of phases) {
    const asked = await db.rpc('request_task', {
      actor: anApprover(),
      request_key: phase,
      wish: { prompt: 'Fix the test' },
    });
    const { id } = (asked as { task: { id: string } }).task;
    await db.sql`update verne.sessions set phase = ${phase} where task_id = ${id}`;
    ids.push(id);
  }
  await db.sql`insert into verne.instructions (task_id, kind, author, text, marker, request_key)
    values (${ids[0] ?? ''}, 'steer', '100000000000000002', 'Use tabs.', 'verne:00000000', 'asleep')`;
  await db.sql`delete from verne.deliveries`;
  await migrate(db.ownerUrl, MIGRATIONS, log);
  const woken =
    await db.sql`select key, subscriber from verne.deliveries where subscriber in ('tasks.send_instructions', 'tasks.remind')`;
  const expected = ids.slice(0, 2).flatMap((id) => [`tasks.remind task:${id}`, `tasks.send_instructions task:${id}`]);
  expect(woken.map(({ key, subscriber }) => `${subscriber} ${key}`).toSorted()).toEqual(expected.toSorted());
});
