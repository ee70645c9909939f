import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TaskView } from '#tasks/task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { messagesTelling, openStage, type Stage, waitOf } from './stage.ts';

let db: TestDatabase;
let stage: Stage;
let task: TaskView;
let thread: string;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  stage = await openStage(db);
  task = await stage.aTask();
  await stage.decide(task, 'confirm');
  await stage.bot.show(task.id);
  thread = (await stage.row(task)).thread_id;
});
afterEach(() => stage.close());

const done = { kind: 'done' };
const DAY_MS = 24 * 3_600_000;
const setLock = (locked: boolean) => {
  const facts = stage.world.channels.get(thread)?.thread_metadata;
  if (facts) Object.assign(facts, { locked, archived: locked });
};
const did = (title: string) => stage.note(task, 'activity', { entries: [{ title }] });
const told = () => stage.messagesIn(thread).map(({ content }) => content);
const onCard = () => {
  const [card] = stage.messagesIn(stage.channel.id);
  return card?.embeds[0]?.fields?.find(({ name }) => name === 'Thread')?.value;
};

describe('a thread that is locked', () => {
  test.each([
    ['and archived', () => setLock(true)],
    [
      'and closed to Verne',
      () => stage.trouble('POST', 'error_before', { path: `${thread}/messages`, status: 403, code: 50001 }),
    ],
  ])('%s is told of on the card, and gets what was meant for it in order when it is open again', async (_how, lock) => {
    lock();
    await did('first');
    await did('second');
    await stage.finish(task);
    const wait = waitOf(stage, await stage.bot.show(task.id));
    expect(messagesTelling(stage, 'PR ready')).toHaveLength(1);
    expect(onCard()).toMatch(/^It is locked or closed to Verne: what Jules does is on its page/);
    expect(told()).toEqual([]);
    setLock(false);
    await stage.pass(wait);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(told()).toEqual(['**first**', '**second**']);
    expect(onCard()).toBeUndefined();
  });

  test('is not asked more often for all the news that comes', async () => {
    setLock(true);
    for (const title of ['first', 'second', 'third']) {
      await did(title);
      await stage.bot.show(task.id);
    }
    expect(stage.asked('POST', new RegExp(`${thread}/messages`))).toHaveLength(1);
  });

  test('holds back no question: it is put in the channel', async () => {
    setLock(true);
    await did('first');
    await stage.note(task, 'question', { text: 'Which database?' });
    await stage.bot.show(task.id);
    const [question, ...more] = messagesTelling(stage, 'Which database?').filter(({ content }) => content !== '');
    expect(question?.channel_id).toBe(stage.channel.id);
    expect(question?.mentions.map(({ id }) => id)).toEqual([stage.requester.id]);
    expect(more).toEqual([]);
  });

  test('for a day has lost what waited, which the card says, and takes what comes later', async () => {
    setLock(true);
    await did('lost');
    await did('lost too');
    await stage.finish(task);
    await stage.bot.show(task.id);
    await db.sql`update verne.messages set forbidden_since = forbidden_at - ${DAY_MS} * interval '1 ms'
      where subject = ${`task:${task.id}`} and forbidden_at is not null`;
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(onCard()).toMatch(/^It was locked or closed to Verne for a day, so a part of what Jules did is missing/);
    expect((await stage.row(task, 'activity')).parked_reason).toBe('thread_locked');
    setLock(false);
    await did('later');
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(told()).toEqual(['**later**']);
  });
});

test('a thread that was deleted is told of on the card, and a question is put in the channel', async () => {
  stage.world.channels.delete(thread);
  await did('first');
  await stage.note(task, 'question', { text: 'Which database?' });
  await stage.finish(task);
  expect(await stage.bot.show(task.id)).toEqual(done);
  expect(onCard()).toMatch(/^It was deleted: what Jules did is on its page/);
  expect(messagesTelling(stage, 'Which database?').map(({ channel_id }) => channel_id)).toEqual([stage.channel.id]);
  expect(stage.asked('POST', new RegExp(`${thread}/messages`))).toHaveLength(1);
});

describe('what Jules was not told comes back to who wrote it', () => {
  const archive = () => {
    const facts = stage.world.channels.get(thread)?.thread_metadata;
    if (facts) Object.assign(facts, { archived: true });
  };
  test.each([
    ['archived', archive, 'in the thread'],
    ['locked', () => setLock(true), 'in the channel'],
    ['deleted', () => stage.world.channels.delete(thread), 'in the channel'],
  ] as const)('where the thread was %s', async (_how, close, where) => {
    close();
    const facts = { by: stage.requester.id, kind: 'steer', text: 'Use tabs.', problem: 'It is over.' };
    await stage.note(task, 'untold', facts);
    await stage.bot.show(task.id);
    await stage.bot.show(task.id);
    const [back, ...more] = messagesTelling(stage, 'Use tabs.');
    expect(back?.channel_id).toBe(where === 'in the thread' ? thread : stage.channel.id);
    expect(back?.mentions.map(({ id }) => id)).toEqual([stage.requester.id]);
    expect(more).toEqual([]);
  });

  test('and what it was told waits for a locked thread, and is put nowhere else', async () => {
    setLock(true);
    await stage.note(task, 'told', { by: stage.requester.id, kind: 'steer', text: 'Use tabs.' });
    // The card says so first; only then the thread is all that is waited for.
    await stage.pass(waitOf(stage, await stage.bot.show(task.id)));
    const wait = waitOf(stage, await stage.bot.show(task.id));
    expect(messagesTelling(stage, 'Use tabs.')).toEqual([]);
    setLock(false);
    await stage.pass(wait);
    await stage.bot.show(task.id);
    expect(messagesTelling(stage, 'Use tabs.').map(({ channel_id }) => channel_id)).toEqual([thread]);
  });
});
