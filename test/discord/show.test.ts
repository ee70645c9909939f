import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { de } from '#discord/words/de.ts';
import { en } from '#discord/words/en.ts';
import type { Message } from '#sandbox/discord/model.ts';
import { taskView } from '#tasks/task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aCommand, newSnowflake, PEOPLE, type Person } from '../support/interaction.ts';
import { finderOf, textsOf } from '../support/spoken.ts';
import { aDoor, readReply } from './setting.ts';
import { messagesTelling, openStage, type Stage, titleOf, waitOf } from './stage.ts';

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

describe('the straight path', () => {
  test('a card is posted once, however often its subject is shown', async () => {
    const task = await stage.aTask();
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(stage.messagesIn(stage.channel.id).map(titleOf)).toEqual(['🧠 New Jules Task Requested']);
    expect(stage.asked('PATCH', /messages/)).toHaveLength(0);
  });

  test('a task that was never confirmed has no thread; a confirmed one has exactly one, named after its prompt', async () => {
    const task = await stage.aTask({ prompt: 'Fix\nthe @everyone test' });
    await stage.bot.show(task.id);
    expect(stage.asked('POST', /threads/)).toHaveLength(0);
    await stage.decide(task, 'confirm');
    await stage.pass(3000);
    await stage.bot.show(task.id);
    await stage.bot.show(task.id);
    const threads = [...stage.world.channels.values()].filter((channel) => channel.parent_id === stage.channel.id);
    expect(threads.map(({ name }) => name)).toEqual([`#${task.number} Fix the @\u200Beveryone test`]);
    expect(threads[0]?.thread_metadata?.auto_archive_duration).toBe(1440);
    expect(stage.asked('POST', /threads/)).toHaveLength(1);
  });

  test('notes are posted once and in order: into the thread, and as an answer to the card', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    await stage.note(task, 'opened', {});
    for (const title of ['first', 'second', 'third']) await stage.note(task, 'activity', { entries: [{ title }] });
    await stage.finish(task);
    await stage.bot.show(task.id);
    await stage.bot.show(task.id);
    const { thread_id, message_id } = await stage.row(task);
    const told = stage.messagesIn(thread_id).map(({ content }) => content);
    expect(told).toEqual([expect.stringContaining('Development started'), '**first**', '**second**', '**third**']);
    const [card, outcome, ...rest] = stage.messagesIn(stage.channel.id);
    expect(card?.id).toBe(message_id);
    expect(outcome?.content).toContain(`✅ PR ready: https://github.com/octo/repo/pull/7`);
    expect(outcome?.message_reference?.message_id).toBe(message_id);
    expect(rest).toEqual([]);
  });

  test('a note or a button that only a newer version knows is left to it, and holds up nothing else', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'confirm');
    await stage.note(task, 'of_tomorrow', { answer: 42 }, 'channel');
    await stage.note(task, 'of_tomorrow', { answer: 42 });
    await stage.note(task, 'activity', { entries: [{ title: 'first' }] });
    expect(await stage.bot.show(task.id)).toMatchObject({ kind: 'wait' });
    const { thread_id } = await stage.row(task);
    expect(stage.messagesIn(thread_id).map(({ content }) => content)).toEqual(['**first**']);
    expect(await stage.row(task, 'of_tomorrow')).toMatchObject({ message_id: null, parked_reason: null });
    const [row] = await db.sql`select verne.task_view(${task.id}) as view`;
    expect(taskView.parse({ ...row?.['view'], verbs: ['confirm', 'travel'] }).verbs).toEqual(['confirm']);
  });

  test('the last word of a thread stands at its end, and where there is no thread it makes none and is told nowhere', async () => {
    const followed = await stage.aTask();
    await stage.decide(followed, 'confirm');
    await stage.note(followed, 'activity', { entries: [{ title: 'first' }] });
    await stage.note(followed, 'closing', { phase: 'done_nothing' });
    await stage.bot.show(followed.id);
    const { thread_id } = await stage.row(followed);
    expect(stage.messagesIn(thread_id).map(({ content }) => content)).toEqual([
      '**first**',
      expect.stringMatching(/^📭 Finished/),
    ]);
    const stopped = await stage.aTask();
    await stage.decide(stopped, 'confirm');
    await stage.decide(stopped, 'cancel');
    await stage.note(stopped, 'closing', { phase: 'stopped' });
    await stage.bot.show(stopped.id);
    expect(await stage.row(stopped, 'closing')).toMatchObject({ message_id: null, parked_reason: 'no_thread' });
    expect(stage.asked('POST', /threads/)).toHaveLength(1);
    expect(messagesTelling(stage, 'What Jules still does')).toEqual([]);
  });

  test('a task and its retry name each other, with a link as soon as the other card is there', async () => {
    const [old, again] = [await stage.aTask(), await stage.aTask()];
    await stage.decide(old, 'cancel');
    await db.sql`update public.tasks set parent = ${old.id}, origin = 'retry' where id = ${again.id}`;
    const kin = async (task: typeof old) =>
      stage.world.messages
        .get(String((await stage.row(task)).message_id))
        ?.embeds[0]?.fields?.find(({ name }) => name === 'Belongs to')?.value;
    expect(await stage.bot.show(old.id)).toMatchObject({ kind: 'wait' });
    expect(await kin(old)).toBe(`retried as #${again.number}`);
    expect(await stage.bot.show(again.id)).toEqual(done);
    const link = async (task: typeof old) =>
      `(https://discord.com/channels/${stage.guild.id}/${stage.channel.id}/${(await stage.row(task)).message_id})`;
    expect(await kin(again)).toBe(`retry of [#${old.number}]${await link(old)}`);
    await stage.pass(60_000);
    expect(await stage.bot.show(old.id)).toEqual(done);
    expect(await kin(old)).toBe(`retried as [#${again.number}]${await link(again)}`);
  });

  test('what is shown is the newest state, not the fact that woke the lane', async () => {
    const task = await stage.aTask();
    await stage.decide(task, 'reject', 'not now');
    await stage.bot.show(task.id);
    expect(stage.messagesIn(stage.channel.id).map(titleOf)).toEqual(['❌ Task rejected by Admin.']);
    expect(stage.dmsOf(stage.requester).map(({ content }) => content)).toEqual([expect.stringContaining('not now')]);
  });

  test('a cancellation is told where somebody else cancelled, and not to those who did it themselves', async () => {
    const [own, others] = [await stage.aTask(), await stage.aTask()];
    await stage.decide(own, 'cancel', undefined, stage.requester);
    await stage.decide(others, 'cancel');
    for (const { id } of [own, others]) await stage.bot.show(id);
    const told = stage.messagesIn(stage.channel.id).filter(({ embeds }) => embeds.length === 0);
    expect(told.map(({ content }) => content)).toEqual([expect.stringContaining(`#${others.number}`)]);
  });

  test('in a thread, the thread itself is where a task is told', async () => {
    const first = await stage.aTask();
    await stage.decide(first, 'confirm');
    await stage.bot.show(first.id);
    const { thread_id } = await stage.row(first);
    const task = await stage.aTask({ at: thread_id });
    await stage.decide(task, 'confirm');
    await stage.note(task, 'activity', { entries: [{ title: 'told here' }] });
    await stage.bot.show(task.id);
    expect(stage.messagesIn(thread_id).map((message) => titleOf(message) ?? message.content)).toEqual([
      expect.stringContaining('Development'),
      '**told here**',
    ]);
  });
});

describe('edits', () => {
  test('are spaced while a task goes on, and an equal body is not sent again', async () => {
    const task = await stage.aTask();
    await stage.bot.show(task.id);
    await stage.pass(1000);
    await stage.decide(task, 'confirm');
    const wait = waitOf(stage, await stage.bot.show(task.id));
    expect(wait).toBeGreaterThan(1000);
    expect(wait).toBeLessThanOrEqual(2000);
    await stage.pass(wait);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(stage.asked('PATCH', /messages/)).toHaveLength(1);
    expect(stage.messagesIn(stage.channel.id).map(titleOf)).toEqual([expect.stringContaining('Development started')]);
  });

  test('of a card that is almost an hour old are spaced wider', async () => {
    const task = await stage.aTask();
    await stage.bot.show(task.id);
    await stage.pass(51 * 60_000);
    await stage.decide(task, 'confirm');
    expect(await stage.bot.show(task.id)).toEqual(done);
    await stage.pass(3000);
    await stage.db.sql`update public.tasks set last_error = 'Jules answers 503' where id = ${task.id}`;
    expect(waitOf(stage, await stage.bot.show(task.id))).toBeGreaterThan(10_000);
  });

  test('that say how a task ended wait for nothing', async () => {
    const task = await stage.aTask();
    await stage.bot.show(task.id);
    await stage.decide(task, 'cancel');
    await stage.bot.show(task.id);
    expect(stage.messagesIn(stage.channel.id).map(titleOf)).toEqual(['🚫 Task cancelled', undefined]);
  });

  test('that Discord refuses stop neither the notes nor the next edit', async () => {
    const task = await stage.aTask();
    await stage.bot.show(task.id);
    await stage.decide(task, 'confirm');
    await stage.finish(task);
    stage.trouble('PATCH', 'error_before', { status: 400, code: 50035, times: 1 });
    expect(await stage.bot.show(task.id)).toMatchObject({ kind: 'retry' });
    expect(messagesTelling(stage, 'PR ready')).toHaveLength(1);
    expect(await stage.bot.show(task.id)).toEqual(done);
    expect(titleOf(stage.messagesIn(stage.channel.id)[0])).toContain('✅ PR ready');
  });
});

describe('mentions', () => {
  test('nothing pings but those who are told by name', async () => {
    const task = await stage.aTask({ prompt: `@everyone <@${stage.approver.id}> <@&${stage.confirmRole}>` });
    await stage.bot.show(task.id);
    await stage.decide(task, 'confirm');
    const entries = [{ title: `@here <@${stage.approver.id}>`, description: '@everyone' }];
    await stage.note(task, 'activity', { entries });
    await stage.finish(task);
    await stage.pass(3000);
    await stage.bot.show(task.id);
    const all = [...stage.world.messages.values()];
    expect(all.map((message) => [message.mentions.map(({ id }) => id), message.mention_roles])).toEqual([
      [[], []],
      [[stage.requester.id], []],
      [[], []],
    ]);
    expect(all.every((message) => !message.mention_everyone)).toBe(true);
    for (const { body } of stage.asked('(POST|PATCH)', /messages(\/\d+)?$/)) {
      expect(body).toHaveProperty('allowed_mentions.parse', []);
    }
  });

  test('a waiting card mentions the approvers, and what is only to be followed makes no sound', async () => {
    const task = await stage.aTask();
    await stage.bot.show(task.id);
    expect(stage.messagesIn(stage.channel.id)[0]?.mention_roles).toEqual([stage.confirmRole]);
    await stage.decide(task, 'confirm');
    await stage.note(task, 'activity', { entries: [{ title: 'quiet' }] });
    await stage.bot.show(task.id);
    expect(messagesTelling(stage, 'quiet')[0]?.flags).toBe(1 << 12);
  });
});

describe('in a server that speaks German', () => {
  const english = finderOf(en, de);
  const ask = (person: Person, name: string, facts: { values: object; locale: string }) => {
    const { guild, channel } = stage;
    const at = {
      guild_id: guild.id,
      guild: { id: guild.id },
      channel_id: channel.id,
      channel: { id: channel.id, type: 0 },
    };
    return aDoor(db.rpc).say(aCommand(person, name, { ...facts.values }, { ...at, locale: facts.locale }));
  };
  const speak = (language: string) =>
    ask({ ...PEOPLE.admin, id: newSnowflake() }, 'config language', { values: { language }, locale: 'en-US' });
  const shown = async (locale: string) => {
    const reply = await ask(stage.requester, 'jules', { values: { prompt: '1 2 3', repo: 'octo/repo' }, locale });
    const [task] = await db.sql`select id::text from public.tasks order by created_at desc, number desc limit 1`;
    await stage.bot.show(String(task?.id));
    return { reply: readReply(reply), card: stage.messagesIn(stage.channel.id).at(-1) };
  };
  const foundIn = (card: Message | undefined) => english(textsOf([card?.content, card?.embeds, card?.components]));

  test('the card is German whoever asks, and each person is answered in the language of their own Discord', async () => {
    onTestFinished(async () => void (await speak('en')));
    await speak('de');
    const [anglo, german] = [await shown('en-US'), await shown('de')];
    expect([anglo.reply, german.reply]).toEqual([
      expect.stringMatching(/^🧠 Task #\d+ recorded\. It waits/),
      expect.stringMatching(/^🧠 Aufgabe #\d+ ist festgehalten\. Sie wartet/),
    ]);
    for (const { card } of [anglo, german]) expect([titleOf(card), foundIn(card)]).toEqual([titleOf(german.card), []]);
    await speak('en');
    const other = await shown('de');
    expect(other.reply).toMatch(/^🧠 Aufgabe/);
    expect(titleOf(other.card)).toBe('🧠 New Jules Task Requested');
  });
});
