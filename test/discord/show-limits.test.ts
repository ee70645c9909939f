import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Sending } from '#discord/call.ts';
import { allow, NOBODY } from '#discord/cards/body.ts';
import type { DiscordClient } from '#discord/client.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import type { Answer } from '#kernel/handler.ts';
import type { TaskView } from '#tasks/task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { openStage, type Stage, TIMES } from './stage.ts';

let db: TestDatabase;
let stage: Stage;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  stage = await openStage(db, { timeoutMs: 10_000 });
});
afterEach(() => stage.close());

const LIMITED_MS = 700;

/** A bot that finds the limit of every channel reached whenever it edits, and how patient it was. */
function aLimitedBot() {
  const patience: Sending['patienceMs'][] = [];
  const edit: DiscordClient['edit'] = async (_, { patienceMs }) => {
    patience.push(patienceMs);
    throw new RemoteFailure('limited', {
      service: 'discord',
      code: 429,
      retry: { afterMs: LIMITED_MS },
      uncounted: true,
    });
  };
  return { ...stage.aBot({ client: { ...stage.bot.client, edit } }), patience };
}

async function aShownTask(): Promise<TaskView> {
  const task = await stage.aTask();
  await stage.bot.show(task.id);
  await stage.pass(TIMES.editMs);
  return task;
}

const change = ({ id }: TaskView) => db.sql`update public.tasks set prompt = 'Another' where id = ${id}`;
/** Every wait is up to a second longer, so that those who wait do not all come at once. */
const waitedMs = (answer: Answer) => {
  if (answer.kind !== 'retry' || answer.afterMs === undefined) throw new Error(JSON.stringify(answer));
  return answer.afterMs - LIMITED_MS;
};

test('where a channel takes no more edits for a moment, a card that goes on yields to the last word of another', async () => {
  const [going, ended] = [await aShownTask(), await aShownTask()];
  await change(going);
  await stage.decide(ended, 'cancel', undefined, stage.requester);
  const bot = aLimitedBot();
  expect(waitedMs(await bot.show(going.id))).toBeGreaterThanOrEqual(1000);
  expect(waitedMs(await bot.show(ended.id))).toBeLessThanOrEqual(1000);
  expect(bot.patience).toEqual([0, undefined]);
});

test('a card that is overdue yields to none', async () => {
  const task = await aShownTask();
  await change(task);
  await stage.pass(4 * TIMES.editMs);
  const bot = aLimitedBot();
  expect(waitedMs(await bot.show(task.id))).toBeLessThanOrEqual(1000);
  expect(bot.patience).toEqual([undefined]);
});

test('who has no patience is told at once how long a limit lasts, and others stand in line for it', async () => {
  const task = await aShownTask();
  const messageId = String((await stage.row(task)).message_id);
  const edit = {
    channelId: stage.channel.id,
    messageId,
    body: { content: 'changed', allowed_mentions: allow(NOBODY) },
  };
  Object.assign(stage.discord.limits, { isOn: true, messages: { limit: 2, windowMs: 1400 } });
  // The library learns from the first answer which requests share a limit.
  await stage.bot.client.edit(edit, {});
  await stage.bot.client.edit(edit, {});
  const impatient = stage.bot.client.edit(edit, { patienceMs: 0 });
  await expect(impatient).rejects.toMatchObject({ code: 429, retry: { afterMs: expect.any(Number) } });
  await stage.bot.client.edit(edit, {});
  expect(stage.asked('PATCH', /messages/).filter(({ status }) => status === 429)).toEqual([]);
});
