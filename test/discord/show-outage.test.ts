import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { settlementOf } from '#events/decide.ts';
import type { Claimed } from '#events/delivery.ts';
import { bitsOf } from '#sandbox/discord/permissions.ts';
import type { TaskView } from '#tasks/task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { laterFor, messagesTelling, openStage, pausedRpc, type Stage, titleOf, waitOf } from './stage.ts';

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
const HOUR_MS = 3_600_000;
const theCard = () => stage.messagesIn(stage.channel.id)[0];

async function aFinishedTask() {
  const task = await stage.aTask();
  await stage.bot.show(task.id);
  await stage.decide(task, 'confirm');
  await stage.finish(task);
  return task;
}

/** Claims the task's lane, shows it and settles it, as a worker does. */
async function workOnLane(task: TaskView): Promise<{ state: string; due_in_ms: number }> {
  const wish = { subscribers: ['discord.show'], slots: 100, worker: 'test' };
  const { deliveries } = (await db.rpc('claim_deliveries', wish)) as { deliveries: Claimed[] };
  const lane = deliveries.find(({ key }) => key === `task:${task.id}`);
  if (!lane) throw new Error('the lane is not due');
  const settlement = settlementOf(await stage.bot.show(task.id), lane, { scale: 1, random: 0.5 });
  const facts = { newest: lane.newest, ...('facts' in settlement && settlement.facts) };
  const { id, fence, event } = lane;
  return (await db.rpc('settle_delivery', { id, fence, seen: event.id, outcome: settlement.outcome, facts })) as never;
}

describe('an outage of Discord', () => {
  test('of more than an hour gives up nothing, and is asked after ever more rarely', { timeout: 60_000 }, async () => {
    const task = await aFinishedTask();
    for (const method of ['PATCH', 'POST', 'GET'])
      stage.trouble(method, 'error_before', { status: 503, times: 10_000, path: '/' });
    const pauses: number[] = [];
    for (let ms = 0; ms < HOUR_MS; ) {
      const { state, due_in_ms } = await workOnLane(task);
      expect(state).toBe('open');
      pauses.push(due_in_ms);
      ms += due_in_ms;
      await stage.pass(due_in_ms + 1);
    }
    expect(pauses.length).toBeGreaterThan(12);
    expect(pauses.length).toBeLessThan(250);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000);
    stage.discord.faults.clear();
    await workOnLane(task);
    await stage.pass(20_000);
    await stage.bot.show(task.id);
    expect(titleOf(theCard())).toContain('PR ready');
    expect(messagesTelling(stage, 'PR ready')).toHaveLength(1);
  });

  test('at one card holds back neither its outcome nor its thread', async () => {
    const task = await aFinishedTask();
    await stage.note(task, 'activity', { entries: [{ title: 'to be followed' }] });
    stage.trouble('PATCH', 'error_before', { status: 503, times: 10 });
    expect(await stage.bot.show(task.id)).toEqual(laterFor('503'));
    expect(messagesTelling(stage, 'PR ready')).toHaveLength(1);
    expect(messagesTelling(stage, 'to be followed')).toHaveLength(1);
  });

  test('at the making of a thread holds back no other place', async () => {
    const task = await aFinishedTask();
    await stage.note(task, 'activity', { entries: [{ title: 'to be followed' }] });
    stage.trouble('POST', 'error_before', { status: 503, path: '/threads' });
    expect(await stage.bot.show(task.id)).toEqual(laterFor('start a thread'));
    expect(messagesTelling(stage, 'PR ready')).toHaveLength(1);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(messagesTelling(stage, 'to be followed')).toHaveLength(1);
  });

  test('at a thread holds back no other place, and what waits there keeps its order', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    await stage.bot.show(task.id);
    for (const title of ['first', 'second']) await stage.note(task, 'activity', { entries: [{ title }] });
    await stage.finish(task);
    const { thread_id } = await stage.row(task);
    stage.trouble('POST', 'error_before', { status: 503, path: `${thread_id}/messages` });
    expect(await stage.bot.show(task.id)).toEqual(laterFor('503'));
    expect(messagesTelling(stage, 'PR ready')).toHaveLength(1);
    await stage.pass(waitOf(stage, await stage.bot.show(task.id)));
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(stage.messagesIn(thread_id).map(({ content }) => content)).toEqual(['**first**', '**second**']);
  });

  test('at the reopening of a thread is one of that thread alone', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    await stage.bot.show(task.id);
    const { thread_id } = await stage.row(task);
    await stage.note(task, 'activity', { entries: [{ title: 'still here' }] });
    await stage.finish(task);
    stage.trouble('POST', 'error_before', { status: 400, code: 50083, path: `${thread_id}/messages` });
    stage.trouble('PATCH', 'error_before', { status: 503, path: `/channels/${thread_id}` });
    expect(await stage.bot.show(task.id)).toEqual(laterFor('reopen a thread'));
    expect(messagesTelling(stage, 'PR ready')).toHaveLength(1);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(messagesTelling(stage, 'still here')).toHaveLength(1);
  });

  test('is waited out by a body that Discord refuses, whose tries are its own', async () => {
    const task = await aFinishedTask();
    await stage.note(task, 'activity', { entries: [{ title: 'to be followed' }] });
    stage.trouble('PATCH', 'error_before', { status: 400, code: 50035, times: 10 });
    stage.trouble('POST', 'error_before', { status: 503, path: '/threads' });
    expect(await stage.bot.show(task.id)).toEqual(laterFor('503'));
    const refused = await stage.bot.show(task.id);
    expect(refused).toMatchObject({ kind: 'retry', reason: expect.stringContaining('refuses the body') });
    expect(refused).not.toHaveProperty('uncounted');
  });
});

test('a lane that is broken off begins nothing more', async () => {
  const task = await aFinishedTask();
  const stop = new AbortController();
  const begun: string[] = [];
  const rpc = pausedRpc(db.rpc, 'begin_message', () => {
    begun.push('begin_message');
    stop.abort(new Error('The process stops.'));
  });
  await expect(stage.aBot({ rpc, signal: stop.signal }).show(task.id)).rejects.toThrow();
  expect(begun).toHaveLength(1);
});

test('what Discord wants to be left alone with is kept to, though something else is due sooner', async () => {
  const task = await stage.aTask();
  await stage.decide(task, 'confirm');
  await stage.bot.show(task.id);
  await stage.note(task, 'activity', { entries: [{ title: 'too many' }] });
  await stage.db.sql`update public.tasks set last_error = 'Jules answers 503' where id = ${task.id}`;
  const { thread_id } = await stage.row(task);
  stage.trouble('POST', '429', { path: `${thread_id}/messages`, retryAfterS: 20 });
  const answer = await stage.bot.show(task.id);
  expect(answer).toEqual(laterFor('ms of patience'));
  expect(answer).toHaveProperty('afterMs', expect.closeTo(20_500, -3.1));
});

test('people are told before what is only to be followed', async () => {
  const task = await stage.aTask();
  await stage.decide(task, 'confirm');
  await stage.bot.show(task.id);
  for (let count = 0; count < 3; count += 1) await stage.note(task, 'activity', { entries: [{ title: `${count}` }] });
  await stage.finish(task);
  await stage.bot.show(task.id);
  const { thread_id } = await stage.row(task);
  const posted = stage.asked('POST', /messages$/).map(({ path }) => path);
  expect(posted.slice(1).map((path) => path.includes(thread_id))).toEqual([false, true, true, true]);
});

describe('a posted card whose channel is closed to Verne', () => {
  const refuse = (times = 1) => stage.trouble('PATCH', 'error_before', { status: 403, code: 50001, times });
  const closedFor = (task: TaskView, hours: number, lastHoursAgo: number) => db.sql`
    update verne.messages set forbidden_at = verne.now() - ${lastHoursAgo} * interval '1 hour',
      forbidden_since = verne.now() - ${lastHoursAgo + hours} * interval '1 hour'
    where subject = ${`task:${task.id}`} and kind = 'card'`;

  test('for a moment shows the newest state when it is open again', async () => {
    const task = await stage.aTask();
    await stage.bot.show(task.id);
    await stage.decide(task, 'confirm');
    await stage.pass(3000);
    refuse();
    const wait = waitOf(stage, await stage.bot.show(task.id));
    expect(wait).toBeGreaterThan(2000);
    await stage.finish(task);
    await stage.pass(wait);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(titleOf(theCard())).toContain('PR ready');
    expect(await stage.row(task)).toMatchObject({ parked_reason: null, forbidden_since: null, forbidden_at: null });
  });

  test('is not tried more often for all the news that comes', async () => {
    const task = await aFinishedTask();
    refuse(10);
    for (let news = 0; news < 3; news += 1) await stage.bot.show(task.id);
    expect(stage.asked('PATCH', /messages/)).toHaveLength(1);
    expect(messagesTelling(stage, 'PR ready')).toHaveLength(1);
  });

  test('gets its thread when the channel is open again', async () => {
    const task = await stage.aTask();
    await stage.bot.show(task.id);
    await stage.decide(task, 'confirm');
    await stage.note(task, 'activity', { entries: [{ title: 'to be followed' }] });
    await stage.pass(3000);
    const deny = bitsOf(['VIEW_CHANNEL', 'CREATE_PUBLIC_THREADS']).toString();
    const closed = [{ id: stage.guild.id, type: 0 as const, allow: '0', deny }];
    stage.world.channels.set(stage.channel.id, { ...stage.channel, permission_overwrites: closed });
    const wait = waitOf(stage, await stage.bot.show(task.id));
    stage.world.channels.set(stage.channel.id, stage.channel);
    await stage.pass(wait);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(messagesTelling(stage, 'to be followed')).toHaveLength(1);
  });

  test('for a day is parked', async () => {
    const task = await aFinishedTask();
    await closedFor(task, 24, 0.2);
    refuse();
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect((await stage.row(task)).parked_reason).toBe('forbidden');
  });

  test('for almost a day is not', async () => {
    const task = await aFinishedTask();
    await closedFor(task, 23.5, 0.2);
    refuse();
    expect(waitOf(stage, await stage.bot.show(task.id))).toBeGreaterThan(9 * 60_000);
    expect((await stage.row(task)).parked_reason).toBeNull();
  });

  test('now and was so long ago has a new trouble, not a long one', async () => {
    const task = await aFinishedTask();
    await closedFor(task, 2, 30);
    refuse();
    expect(waitOf(stage, await stage.bot.show(task.id))).toBeLessThanOrEqual(3000);
  });

  test('keeps the intent of a worker that came after', async () => {
    const task = await aFinishedTask();
    await db.sql`update verne.messages set sending_since = verne.now() where subject = ${`task:${task.id}`} and kind = 'card'`;
    const { id } = await stage.row(task);
    await db.rpc('record_message', { id, shown: { forbidden: true } });
    expect((await stage.row(task)).sending_since).not.toBeNull();
  });
});
