import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deleteMessage } from '#sandbox/discord/messages.ts';
import { bitsOf, type PermissionName } from '#sandbox/discord/permissions.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { laterFor, messagesTelling, openStage, type Stage, titleOf, waitOf } from './stage.ts';

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
const forbid = (...names: PermissionName[]) => {
  stage.world.channels.set(stage.channel.id, {
    ...stage.channel,
    permission_overwrites: [{ id: stage.guild.id, type: 0, allow: '0', deny: bitsOf(names).toString() }],
  });
};

describe('a card', () => {
  test.each([
    ['deleted', () => void stage.world.channels.delete(stage.channel.id), 'that channel is gone'],
    ['closed to Verne', () => forbid('SEND_MESSAGES'), 'lacks the permission'],
  ])('whose channel is %s is told to the requester instead, without its buttons', async (_what, lose, why) => {
    const task = await stage.aTask();
    lose();
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(await stage.bot.show(task.id)).toEqual(done);
    const [told, ...more] = stage.dmsOf(stage.requester);
    expect(more).toEqual([]);
    expect(told?.content).toContain(why);
    expect(titleOf(told)).toBe('🧠 New Jules Task Requested');
    expect(told?.components).toEqual([]);
    expect((await stage.row(task)).parked_reason).not.toBeNull();
  });

  test('that was deleted is not edited any more, but its outcome is told', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    await stage.bot.show(task.id);
    const { message_id } = await stage.row(task);
    const card = stage.world.messages.get(message_id);
    if (card) deleteMessage(stage.world, card);
    await stage.finish(task);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect((await stage.row(task)).parked_reason).toBe('message_gone');
    const [outcome, ...more] = stage.messagesIn(stage.channel.id);
    expect(outcome?.content).toContain('PR ready');
    expect(outcome?.message_reference).toBeUndefined();
    expect(stage.asked('POST', /messages$/).at(-1)?.body).not.toHaveProperty('message_reference');
    expect(more).toEqual([]);
  });

  test('without a thread says why, and only what waits for somebody comes to the channel', async () => {
    const task = await stage.aTask();
    forbid('CREATE_PUBLIC_THREADS');
    await stage.decide(task, 'confirm');
    await stage.note(task, 'activity', { entries: [{ title: 'only to be followed' }] });
    await stage.note(task, 'question', { text: 'Which database?' });
    await stage.bot.show(task.id);
    await stage.pass(3000);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(stage.asked('POST', /threads/)).toHaveLength(1);
    const [card, question, ...more] = stage.messagesIn(stage.channel.id);
    expect(card?.embeds[0]?.fields?.find(({ name }) => name === 'No thread')?.value).toContain(
      'may not create threads',
    );
    expect(question?.content).toContain('Which database?');
    expect(question?.mentions.map(({ id }) => id)).toEqual([stage.requester.id]);
    expect(more).toEqual([]);
  });
});

describe('a note', () => {
  test('for a person whose direct messages are closed comes to the channel and mentions them', async () => {
    const task = await stage.aTask();
    await stage.bot.show(task.id);
    stage.world.closedDms.add(stage.requester.id);
    await stage.decide(task, 'reject', 'not now');
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(await stage.bot.show(task.id)).toEqual(done);
    const [card, told, ...more] = stage.messagesIn(stage.channel.id);
    expect(told?.content).toContain('not now');
    expect(told?.mentions.map(({ id }) => id)).toEqual([stage.requester.id]);
    expect(told?.message_reference?.message_id).toBe(card?.id);
    expect(more).toEqual([]);
  });

  test('for a channel that is gone comes to the requester, and says where it was meant for', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    await stage.bot.show(task.id);
    stage.world.channels.delete(stage.channel.id);
    await stage.finish(task);
    expect(await stage.bot.show(task.id)).toEqual(done);
    const told = stage.dmsOf(stage.requester);
    expect(told).toHaveLength(1);
    expect(told[0]?.content).toContain('PR ready');
    expect(told[0]?.content).toContain(`<#${stage.channel.id}>`);
  });

  test('that nobody can be told is given up, and holds up nothing', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    stage.world.closedDms.add(stage.requester.id);
    stage.world.channels.delete(stage.channel.id);
    await stage.finish(task);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(stage.world.messages.size).toBe(0);
  });

  test('for an archived thread reopens it', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    await stage.bot.show(task.id);
    const { thread_id } = await stage.row(task);
    const facts = stage.world.channels.get(thread_id)?.thread_metadata;
    if (facts) facts.archived = true;
    await stage.note(task, 'activity', { entries: [{ title: 'still here' }] });
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(messagesTelling(stage, 'still here')).toHaveLength(1);
  });

  test('waits where its place is full, and holds up no other place', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    await stage.bot.show(task.id);
    for (const title of ['first', 'second']) await stage.note(task, 'activity', { entries: [{ title }] });
    await stage.finish(task);
    const { thread_id } = await stage.row(task);
    stage.trouble('POST', '429', { path: `${thread_id}/messages`, retryAfterS: 20 });
    expect(await stage.bot.show(task.id)).toMatchObject({ kind: 'retry', uncounted: true });
    expect(messagesTelling(stage, 'PR ready')).toHaveLength(1);
    expect(stage.messagesIn(thread_id)).toEqual([]);
    await stage.aBot().show(task.id);
    expect(stage.messagesIn(thread_id).map(({ content }) => content)).toEqual(['**first**', '**second**']);
  });

  test('waits for the card that it answers', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    await stage.finish(task);
    stage.trouble('POST', 'error_before', { status: 503 });
    expect(await stage.bot.show(task.id)).toEqual(laterFor('503'));
    await stage.pass(waitOf(stage, await stage.bot.show(task.id)));
    expect(stage.world.messages.size).toBe(0);
    await stage.bot.show(task.id);
    const [card, outcome] = stage.messagesIn(stage.channel.id);
    expect(outcome?.message_reference?.message_id).toBe(card?.id);
  });

  test('that cannot be made into a message is set aside, and those behind it are sent', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    await stage.note(task, 'plan', { steps: 'not a list' });
    await stage.note(task, 'activity', { entries: [{ title: 'behind it' }] });
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(messagesTelling(stage, 'behind it')).toHaveLength(1);
  });
});

test('a card in an archived thread is edited after the thread is reopened', async () => {
  const first = await stage.aTask();
  await stage.decide(first, 'confirm');
  await stage.bot.show(first.id);
  const { thread_id } = await stage.row(first);
  const task = await stage.aTask({ at: thread_id });
  await stage.bot.show(task.id);
  const facts = stage.world.channels.get(thread_id)?.thread_metadata;
  if (facts) facts.archived = true;
  await stage.decide(task, 'cancel');
  expect(await stage.bot.show(task.id)).toEqual(done);
  expect(titleOf(stage.messagesIn(thread_id)[0])).toContain('cancelled');
});
