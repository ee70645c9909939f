import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { changeChannel } from '#sandbox/discord/channel-faults.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import {
  dyingAt,
  laterFor,
  messagesTelling,
  openStage,
  pausedRpc,
  type Stage,
  TIMES,
  titleOf,
  waitOf,
} from './stage.ts';

let db: TestDatabase;
let stage: Stage;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  stage = await openStage(db);
});
afterEach(() => stage.close());

const done = { kind: 'done' };
const cards = () => stage.messagesIn(stage.channel.id);

describe('a post', () => {
  test('that was answered with a broken connection is found by listing, not posted again', async () => {
    const task = await stage.aTask();
    stage.trouble('POST', 'reset_after');
    expect(await stage.bot.show(task.id)).toEqual(laterFor('network'));
    await stage.pass(10_000);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(cards()).toHaveLength(1);
    expect((await stage.row(task)).message_id).toBe(cards()[0]?.id);
    expect(stage.done('MESSAGE_CREATE')).toBe(1);
  });

  test('whose process died before it was recorded is found, long after the nonce is forgotten, in its new state', async () => {
    const task = await stage.aTask();
    await expect(stage.aBot({ rpc: dyingAt(stage.db.rpc, 'record_message') }).show(task.id)).rejects.toThrow('dead');
    await stage.decide(task, 'reject', 'no');
    await stage.pass(3_600_000);
    await stage.bot.show(task.id);
    expect(cards().map(titleOf)).toEqual(['❌ Task rejected by Admin.']);
  });

  test('that is repeated unseen and given back as it once was is made true by an edit', async () => {
    const task = await stage.aTask();
    stage.trouble('POST', 'reset_after');
    await stage.bot.show(task.id);
    await stage.decide(task, 'reject', 'no');
    // Discord lists nothing to whom it hides the history, and knows the nonce.
    changeChannel(stage.world, { channel: stage.channel.id, do: 'forbid', permissions: ['READ_MESSAGE_HISTORY'] });
    await stage.pass(waitOf(stage, await stage.bot.show(task.id)));
    await stage.bot.show(task.id);
    expect(cards().map(titleOf)).toEqual(['❌ Task rejected by Admin.']);
  });

  test('that never arrived is made again, but not before it could have landed', async () => {
    const task = await stage.aTask();
    stage.trouble('POST', 'error_before', { status: 503 });
    expect(await stage.bot.show(task.id)).toEqual(laterFor('503'));
    const wait = waitOf(stage, await stage.bot.show(task.id));
    expect(wait).toBeGreaterThan(TIMES.intentMs - 5000);
    expect(cards()).toHaveLength(0);
    await stage.pass(wait);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(cards()).toHaveLength(1);
  });

  test('that lands late is found at the end of its window', async () => {
    const task = await stage.aTask();
    stage.trouble('POST', 'late', { delayMs: 1400 });
    expect(await stage.bot.show(task.id)).toEqual(laterFor('timeout'));
    const wait = waitOf(stage, await stage.bot.show(task.id));
    await expect.poll(() => cards().length, { timeout: 5000, interval: 20 }).toBe(1);
    await stage.pass(wait);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(cards()).toHaveLength(1);
  });

  test('of a note is found as well, even where two say the same', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    for (let count = 0; count < 2; count += 1) await stage.note(task, 'activity', { entries: [{ title: 'the same' }] });
    await stage.bot.show(task.id);
    expect(messagesTelling(stage, 'the same')).toHaveLength(2);
    for (let count = 0; count < 2; count += 1) await stage.note(task, 'activity', { entries: [{ title: 'the same' }] });
    stage.trouble('POST', 'error_after', { status: 502 });
    expect(await stage.bot.show(task.id)).toEqual(laterFor('502'));
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(messagesTelling(stage, 'the same')).toHaveLength(4);
  });

  test('of a note is not taken for an earlier one that says the same', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    await stage.note(task, 'activity', { entries: [{ title: 'the same' }] });
    await stage.bot.show(task.id);
    await stage.note(task, 'activity', { entries: [{ title: 'the same' }] });
    stage.trouble('POST', 'error_before', { status: 503 });
    expect(await stage.bot.show(task.id)).toEqual(laterFor('503'));
    await stage.pass(waitOf(stage, await stage.bot.show(task.id)));
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(messagesTelling(stage, 'the same')).toHaveLength(2);
  });

  test('that was refused for a time is not in doubt, and its try is not counted', async () => {
    const task = await stage.aTask();
    stage.trouble('POST', '429', { retryAfterS: 30 });
    const answer = await stage.bot.show(task.id);
    expect(answer).toEqual(laterFor('ms of patience'));
    expect(answer).toHaveProperty('afterMs', expect.closeTo(30_500, -3.1));
    expect((await stage.row(task)).sending_since).toBeNull();
    await stage.pass(30_000);
    const later = stage.aBot();
    expect(await later.show(task.id)).toEqual(done);
    expect(cards()).toHaveLength(1);
    expect(stage.asked('GET', /messages/)).toHaveLength(0);
  });

  test('of a sender that slept between intent and socket is not made', async () => {
    const task = await stage.aTask();
    let clock = 0;
    const rpc = pausedRpc(stage.db.rpc, 'begin_message', () => {
      clock += 2001;
    });
    const sleeper = stage.aBot({ rpc, monotonic: () => clock });
    expect(await sleeper.show(task.id)).toEqual(laterFor('too_late'));
    expect(cards()).toHaveLength(0);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(cards()).toHaveLength(1);
  });
});

describe('an edit', () => {
  const startEdit = async () => {
    const task = await stage.aTask();
    await stage.bot.show(task.id);
    await stage.decide(task, 'cancel');
    return task;
  };

  test('of unknown outcome is made again at once, and once more when the first can no longer land', async () => {
    const task = await startEdit();
    stage.trouble('PATCH', 'reset_after');
    expect(await stage.bot.show(task.id)).toEqual(laterFor('network'));
    const wait = waitOf(stage, await stage.bot.show(task.id));
    expect(wait).toBeGreaterThan(TIMES.intentMs - 5000);
    expect(stage.done('MESSAGE_UPDATE')).toBe(2);
    await stage.pass(wait);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(stage.done('MESSAGE_UPDATE')).toBe(3);
  });

  test('that lands on top of a newer one is undone', async () => {
    const task = await stage.aTask();
    await stage.bot.show(task.id);
    await stage.decide(task, 'confirm');
    await stage.pass(3000);
    await stage.bot.show(task.id);
    await stage.pass(3000);
    await stage.db.sql`update public.tasks set last_error = 'Jules answers 503' where id = ${task.id}`;
    stage.trouble('PATCH', 'late', { delayMs: 1500 });
    expect(await stage.bot.show(task.id)).toEqual(laterFor('timeout'));
    await stage.decide(task, 'cancel');
    const wait = waitOf(stage, await stage.bot.show(task.id));
    expect(titleOf(cards()[0])).toContain('cancelled');
    await expect.poll(() => titleOf(cards()[0]), { timeout: 5000, interval: 20 }).toContain('Development');
    await stage.pass(wait);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(titleOf(cards()[0])).toContain('cancelled');
  });

  test('whose process died before it was recorded is made again', async () => {
    const task = await startEdit();
    await expect(stage.aBot({ rpc: dyingAt(stage.db.rpc, 'record_message') }).show(task.id)).rejects.toThrow('dead');
    await stage.pass(TIMES.intentMs);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(stage.asked('PATCH', /messages/)).toHaveLength(2);
  });
});

describe('two workers at once', () => {
  test('make one card, one thread and each note once', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    for (const title of ['first', 'second']) await stage.note(task, 'activity', { entries: [{ title }] });
    await stage.finish(task);
    stage.discord.latency.ms = 15;
    const bots = [stage.bot, stage.aBot(), stage.aBot()];
    await Promise.all(bots.map((bot) => bot.show(task.id)));
    await stage.pass(TIMES.intentMs);
    await stage.bot.show(task.id);
    expect(cards().map((message) => titleOf(message) ?? message.content.slice(0, 10))).toEqual([
      '✅ PR ready: octo/repo#7',
      '✅ PR ready',
    ]);
    expect(messagesTelling(stage, '**first**')).toHaveLength(1);
    expect(messagesTelling(stage, '**second**')).toHaveLength(1);
  });

  test('and one that was overtaken leaves the intent of its heir alone', async () => {
    const task = await stage.aTask();
    let clock = 0;
    const rpc = pausedRpc(stage.db.rpc, 'begin_message', async () => {
      clock += 2001;
      await stage.pass(TIMES.intentMs);
      stage.trouble('POST', 'reset_after');
      expect(await stage.bot.show(task.id)).toEqual(laterFor('network'));
    });
    const sleeper = stage.aBot({ rpc, monotonic: () => clock });
    expect(await sleeper.show(task.id)).toEqual(laterFor('too_late'));
    expect((await stage.row(task)).sending_since).not.toBeNull();
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(cards()).toHaveLength(1);
  });
});
