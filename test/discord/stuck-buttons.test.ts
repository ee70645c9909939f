import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { customId } from '#discord/custom-id.ts';
import { taskId } from '#kernel/ids.ts';
import { readTask } from '#tasks/read-task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aPress, PEOPLE } from '../support/interaction.ts';
import { aDoor, askFor, readReply, setUp } from './setting.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(() => setUp(db));
afterAll(() => db.close());

const press = (person: keyof typeof PEOPLE, id: string) => aDoor(db.rpc).say(aPress(PEOPLE[person], id));
const view = async (id: string) => readTask(db.rpc, taskId(id));

/** A task whose session is silent. */
async function aSilentOne(facts: object = {}) {
  const id = await askFor(db);
  await press('approver', customId('confirm', id));
  await db.sql`update verne.sessions set name = ${`sessions/${id}`}, phase = 'working', admitted_at = verne.now(),
    silent_at = verne.now(), progress = ${db.sql.json(facts as never)} where task_id = ${id}`;
  return { id, silence: (await view(id))?.session?.silence ?? '' };
}

test('Nudge is kept for Jules once, and whoever presses after that hears who was quicker', async () => {
  const { id, silence } = await aSilentOne();
  const nudge = customId('nudge', `${id}.${silence}`);
  expect(readReply(await press('outsider', nudge))).toMatch(/^You may not/);
  expect(readReply(await press('requester', nudge))).toMatch(/^📨 Kept for Jules/);
  expect(readReply(await press('approver', nudge))).toContain(`<@${PEOPLE.requester.id}> was quicker`);
  const [told] = await db.sql`select kind, text from verne.instructions where task_id = ${id}`;
  expect(told).toMatchObject({ kind: 'nudge', text: expect.stringMatching(/^Are you still at work\?/) });
});

test('under a session that has moved on since, nothing is told and that is said', async () => {
  const { id, silence } = await aSilentOne({ said_done: true });
  await db.sql`update verne.sessions set silent_at = null where task_id = ${id}`;
  for (const verb of ['nudge', 'publish'] as const) {
    expect(readReply(await press('requester', customId(verb, `${id}.${silence}`)))).toMatch(
      /^Jules has moved on since/,
    );
  }
  expect(await db.sql`select from verne.instructions where task_id = ${id}`).toHaveLength(0);
});

test('Ask for the PR is told to Jules where it said that it is done', async () => {
  const { id, silence } = await aSilentOne({ said_done: true });
  expect(readReply(await press('requester', customId('publish', `${id}.${silence}`)))).toMatch(/^📨 Kept for Jules/);
  const [told] = await db.sql`select text from verne.instructions where task_id = ${id}`;
  expect(told?.text).toBe('Please publish your changes as a pull request now.');
});

test('Get the patch says where it comes, where it is too large, and where there is none', async () => {
  const { id } = await aSilentOne();
  const patch = customId('get_patch', id);
  expect(readReply(await press('requester', patch))).toMatch(/^There is no patch of this task/);
  await db.sql`insert into verne.patches (task_id, patch, chars) values (${id}, null, 2000000)`;
  expect(readReply(await press('requester', patch))).toMatch(
    /has 2,000,000 characters, which is more than Verne keeps/,
  );
  await db.sql`update verne.patches set patch = 'diff', chars = 4 where task_id = ${id}`;
  expect(readReply(await press('requester', patch))).toMatch(
    /^📦 The patch of task #\d+ comes as a file, in its thread/,
  );
});
