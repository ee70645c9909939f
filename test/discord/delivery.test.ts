import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Actor } from '#kernel/actor.ts';
import { deleteMessage } from '#sandbox/discord/messages.ts';
import type { TaskView } from '#tasks/task.ts';
import { readTaskMessages, sendAgain } from '#tasks/task-messages.ts';
import { anActor } from '../support/actors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { messagesTelling, openStage, type Stage, titleOf } from './stage.ts';

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

const at = (who: Stage['approver'], channel: { id: string } = stage.channel): Actor =>
  anActor({ id: who.id, roles: [...who.roles], guild: stage.guild.id, channel: channel.id });

async function ledger(task: TaskView, cursor = {}) {
  const page = await readTaskMessages(db.rpc, at(stage.requester), { number: task.number, cursor });
  if (page.kind !== 'messages') throw new Error(page.kind);
  return page;
}
async function parkedOf(task: TaskView) {
  const { messages } = await ledger(task);
  const found = messages.findLast(({ parked_reason }) => parked_reason !== null);
  if (!found) throw new Error('nothing was given up');
  return found;
}
const again = async (task: TaskView, here = false, actor = at(stage.requester)) =>
  (await sendAgain(db.rpc, actor, { number: task.number, message: (await parkedOf(task)).seq, here })).kind;

const loseChannel = () => void stage.world.channels.delete(stage.channel.id);
const findChannel = () => void stage.world.channels.set(stage.channel.id, stage.channel);

describe('the ledger', () => {
  test('says of each message where it was owed, whether Discord took it, and how often it was tried', async () => {
    const task = await stage.aTask();
    const [owed] = (await ledger(task)).messages;
    expect(owed).toMatchObject({
      view: 'task',
      place: 'channel',
      place_id: stage.channel.id,
      tries: 0,
      posted_at: null,
    });
    stage.trouble('POST', 'error_before', { status: 503 });
    await stage.bot.show(task.id);
    await stage.pass(60_000);
    await stage.bot.show(task.id);
    const { messages, parked } = await ledger(task);
    expect(messages).toMatchObject([{ view: 'task', tries: 2, parked_reason: null, message_id: expect.any(String) }]);
    expect(parked).toBe(0);
  });

  test('tells a sign on what somebody wrote from a message: it cannot be sent again', async () => {
    const task = await stage.aTask();
    await stage.note(task, 'kept', { on: '1300000000000000099' }, 'channel');
    await db.sql`update verne.messages set parked_reason = 'forbidden' where view = 'kept' and subject = ${`task:${task.id}`}`;
    const [sign, card] = (await ledger(task)).messages;
    expect([sign?.is_sign, card?.is_sign]).toEqual([true, false]);
    expect(await again(task)).toBe('unknown_message');
  });

  test('comes in pages, newest first, which stay what they are while more is owed', async () => {
    const task = await stage.aTask();
    for (let nth = 0; nth < 14; nth += 1) await stage.note(task, 'message', { text: `${nth}` });
    const first = await ledger(task);
    expect(first).toMatchObject({ has_newer: false, has_older: true });
    const seqs = (page: typeof first) => page.messages.map(({ seq }) => seq);
    await stage.note(task, 'message', { text: 'more' });
    expect(first.messages.map(({ nth }) => nth)).toEqual([15, 14, 13, 12, 11, 10]);
    const second = await ledger(task, { before: seqs(first).at(-1) });
    const third = await ledger(task, { before: seqs(second).at(-1) });
    expect([first, second, third].map(({ messages }) => messages.length)).toEqual([6, 6, 3]);
    expect(third).toMatchObject({ has_newer: true, has_older: false });
    expect(seqs(await ledger(task, { after: seqs(third)[0] }))).toEqual(seqs(second));
    expect((await ledger(task, { before: '0' })).messages).toHaveLength(6);
  });
});

describe('a message that was given up', () => {
  test('is sent once more when its place takes it again, however often one presses', async () => {
    const task = await stage.aTask();
    loseChannel();
    await stage.bot.show(task.id);
    expect(await parkedOf(task)).toMatchObject({
      parked_reason: 'channel_gone',
      tries: 1,
      parked_at: expect.any(Date),
    });
    findChannel();
    const { seq: message } = await parkedOf(task);
    const wish = { number: task.number, message, here: false };
    const kinds = await Promise.all(
      [1, 2, 3].map(async () => (await sendAgain(db.rpc, at(stage.requester), wish)).kind),
    );
    expect(kinds.toSorted()).toEqual(['not_parked', 'not_parked', 'owed']);
    await stage.bot.show(task.id);
    await stage.bot.show(task.id);
    expect(stage.messagesIn(stage.channel.id).map(titleOf)).toEqual(['🧠 New Jules Task Requested']);
    expect((await sendAgain(db.rpc, at(stage.requester), wish)).kind).toBe('not_parked');
    const [last] =
      await db.sql`select args, outcome from verne.audit where args ->> 'send_again' = 'there' order by seq desc offset 1 limit 1`;
    expect(last).toMatchObject({ args: { number: task.number, message } });
  });

  test('wakes who shows it', async () => {
    const task = await stage.aTask();
    loseChannel();
    await stage.bot.show(task.id);
    const before = await db.sql`select max(id) as id from verne.events`;
    await again(task);
    const facts =
      await db.sql`select topic from verne.events where key = ${`task:${task.id}`} and id > ${before[0]?.id}`;
    expect(facts.map(({ topic }) => topic)).toContain('card.returned');
  });

  test('is posted anew under another nonce where its card was deleted, and a new thread is made', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    await stage.bot.show(task.id);
    const { message_id } = await stage.row(task);
    const card = stage.world.messages.get(message_id);
    if (card) deleteMessage(stage.world, card);
    await stage.finish(task);
    await stage.bot.show(task.id);
    expect(await again(task)).toBe('owed');
    await stage.bot.show(task.id);
    const row = await stage.row(task);
    expect(row).toMatchObject({ parked_reason: null, resent: 1 });
    expect(row.message_id).not.toBe(message_id);
    expect(titleOf(stage.world.messages.get(row.message_id))).toMatch(/^✅ PR ready/);
    const nonces = stage.asked('POST', /messages$/).map(({ body }) => (body as { nonce?: string }).nonce);
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  test('goes elsewhere where its channel is gone: a note by an approver too, the card by who asked alone', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    await stage.bot.show(task.id);
    loseChannel();
    await stage.finish(task);
    await stage.bot.show(task.id);
    await stage.bot.show(task.id);
    const { messages } = await ledger(task);
    const [card, outcome] = ['task', 'outcome'].map((view) =>
      messages.find((one) => one.view === view && one.parked_reason !== null),
    );
    const there = { number: task.number, here: true };
    const byApprover = at(stage.approver, stage.other);
    expect((await sendAgain(db.rpc, byApprover, { ...there, message: card?.seq ?? '' })).kind).toBe('not_wider');
    expect((await sendAgain(db.rpc, byApprover, { ...there, message: outcome?.seq ?? '' })).kind).toBe('owed');
    const byRequester = at(stage.requester, stage.other);
    expect((await sendAgain(db.rpc, byRequester, { ...there, message: card?.seq ?? '' })).kind).toBe('owed');
    await stage.bot.show(task.id);
    await stage.bot.show(task.id);
    const inOther = stage.messagesIn(stage.other.id);
    expect(inOther.some((message) => titleOf(message)?.startsWith('✅ PR ready'))).toBe(true);
    expect(messagesTelling(stage, 'PR ready').filter(({ channel_id }) => channel_id === stage.other.id)).toHaveLength(
      1,
    );
  });

  test('is no business of one who may neither see the task nor confirm it', async () => {
    const task = await stage.aTask();
    loseChannel();
    await stage.bot.show(task.id);
    const { seq: message } = await parkedOf(task);
    const stranger = { id: '100000000000000099', roles: [] };
    const wish = { number: task.number, message, here: true };
    expect((await sendAgain(db.rpc, at(stranger, stage.other), wish)).kind).toBe('unknown_task');
    expect((await sendAgain(db.rpc, at(stranger), wish)).kind).toBe('not_permitted');
    expect((await sendAgain(db.rpc, at(stage.approver), { ...wish, message: '999999999' })).kind).toBe(
      'unknown_message',
    );
    expect(await parkedOf(task)).toMatchObject({ parked_reason: 'channel_gone' });
  });
});
