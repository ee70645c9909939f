import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { TaskView } from '#tasks/task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { openStage, type Stage, waitOf } from './stage.ts';

let db: TestDatabase;
let stage: Stage;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  stage = await openStage(db, { timeoutMs: 10_000 });
  await db.sql`update verne.sessions set ended_at = coalesce(ended_at, verne.now())`;
  await db.sql`update verne.accounts set at_once = 1`;
});
afterEach(() => stage.close());

async function confirmed(): Promise<TaskView> {
  const task = await stage.aTask();
  await stage.decide(task, 'confirm');
  return task;
}

/** Its session is over, and the next one of its account begins. */
async function end({ id }: TaskView) {
  await db.sql`update verne.sessions set phase = 'done_nothing', ended_at = verne.now() where task_id = ${id}`;
  await db.sql`select verne.admit_tasks(account_id) from verne.sessions where task_id = ${id}`;
}

async function sentence(task: TaskView) {
  const { message_id } = await stage.row(task);
  return stage.world.messages.get(message_id)?.embeds[0]?.description ?? '';
}

test('the place on a card follows the queue, though nothing happens to its own task', async () => {
  const [first, second, third] = [await confirmed(), await confirmed(), await confirmed()];
  const answer = await stage.bot.show(third.id);
  expect(await sentence(third)).toMatch(/^Place 2 in the queue, about \d+ minutes to go\./);
  await end(first);
  await stage.pass(waitOf(stage, answer));
  const again = await stage.bot.show(third.id);
  expect(await sentence(third)).toMatch(/^Place 1 in the queue/);
  await end(second);
  await stage.pass(waitOf(stage, again));
  expect(await stage.bot.show(third.id)).toEqual({ kind: 'done' });
  expect(await sentence(third)).toBe('Verne is opening a session at Jules.');
});

test('a pause of the server and its end reach a card that waits in the queue', async () => {
  const [, waiting] = [await confirmed(), await confirmed()];
  const title = () => stage.messagesIn(stage.channel.id).map(({ embeds }) => embeds[0]?.title)[0];
  const answer = await stage.bot.show(waiting.id);
  await db.sql`update public.guilds set paused_at = verne.now(), paused_by = '1'`;
  await stage.pass(waitOf(stage, answer));
  const paused = await stage.bot.show(waiting.id);
  expect(title()).toBe('⏸️ Confirmed, but Verne is paused');
  await db.sql`update public.guilds set paused_at = null, paused_by = null`;
  await stage.pass(waitOf(stage, paused));
  await stage.bot.show(waiting.id);
  expect(title()).toBe('⏳ Confirmed, waiting for its turn');
});

test('the longer the wait, the seldomer a card is looked at for its place', async () => {
  const tasks: TaskView[] = [];
  for (let nth = 0; nth < 20; nth += 1) tasks.push(await confirmed());
  const waits: number[] = [];
  for (const task of [tasks[1], tasks[19]]) if (task) waits.push(waitOf(stage, await stage.bot.show(task.id)));
  expect(waits[0]).toBeLessThanOrEqual(15_000);
  expect(waits[1]).toBeGreaterThan(60_000);
  expect(waits[1]).toBeLessThan(600_000);
});
