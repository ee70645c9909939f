import { afterAll, beforeAll, expect, test } from 'vitest';
import { taskId } from '#kernel/ids.ts';
import { draftTask } from '#tasks/draft.ts';
import { requestTask } from '#tasks/request-task.ts';
import { salvagePatch } from '#tasks/salvage-patch.ts';
import type { TaskView } from '#tasks/task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aRequester, aServer, aTask, someSources } from '../support/tasks.ts';

let db: TestDatabase;
let task: TaskView;
const HERE = '200000000000000111';
const neighbour = aRequester({ id: '100000000000000098', channel: HERE });
const stranger = aRequester({ id: '100000000000000099', channel: '200000000000000222' });
beforeAll(async () => {
  db = await freshDatabase();
  await someSources(db, await aServer(db));
  task = await aTask(db, aRequester({ channel: HERE }), { prompt: 'Said in a closed channel' });
  await db.sql`insert into verne.patches (task_id, patch, chars) values (${task.id}, 'diff', 4)`;
  await db.sql`update public.tasks set status = 'expired' where id = ${task.id}`;
});
afterAll(() => db.close());

test('the patch of a task goes to nobody who may not see the task', async () => {
  expect(await salvagePatch(db.rpc, stranger, taskId(task.id))).toEqual({ kind: 'unknown_task' });
  expect((await salvagePatch(db.rpc, neighbour, taskId(task.id))).kind).toBe('posted');
});

test('no dialog shows the words of a task to somebody who may not see it', async () => {
  const draft = { taskId: taskId(task.id), verb: 'retry' } as const;
  expect(await draftTask(db.rpc, stranger, draft)).toEqual({ kind: 'unknown_task' });
  expect(await draftTask(db.rpc, neighbour, draft)).toMatchObject({
    kind: 'draft',
    prompt: 'Said in a closed channel',
  });
});

test('a request that goes on from a task out of sight learns nothing of it', async () => {
  const wish = { prompt: 'x', parent: { taskId: taskId(task.id), as: 'follow_up' } } as const;
  expect(await requestTask(db.rpc, stranger, { ...wish, requestKey: 'unseen' })).toEqual({ kind: 'unknown_task' });
  expect((await requestTask(db.rpc, neighbour, { ...wish, requestKey: 'seen' })).kind).toBe('parent_moved');
});
