import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { fileOriginsOf } from '#discord/threads/files.ts';
import { type HearDeps, messageHearer } from '#discord/threads/hear.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { makeLog } from '#kernel/log.ts';
import type { Message } from '#sandbox/discord/model.ts';
import { messageEvent } from '#sandbox/discord/views.ts';
import { say, sayInput } from '#sandbox/say.ts';
import type { TaskView } from '#tasks/task.ts';
import { anActor } from '../support/actors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { dyingAt, openStage, type Stage } from './stage.ts';

let db: TestDatabase;
let stage: Stage;
let task: TaskView;
let hear: ReturnType<typeof hearer>;
beforeAll(async () => {
  db = await freshDatabase();
  stage = await openStage(db, { timeoutMs: 15_000 });
  hear = hearer();
});
afterAll(async () => {
  await stage.close();
  await db.close();
});
beforeEach(async () => {
  task = await stage.aTask();
  await stage.decide(task, 'confirm');
  await stage.bot.show(task.id);
});

const log = makeLog({ level: 'silent', secrets: [] });
const signal = new AbortController().signal;

function hearer(given: Partial<HearDeps> = {}) {
  return messageHearer({
    rpc: db.rpc,
    client: stage.bot.client,
    files: { origins: fileOriginsOf(stage.apiBase) },
    log,
    newCorrelation: () => crypto.randomUUID(),
    patienceMs: 50,
    ...given,
  });
}

const threadOf = async ({ id }: TaskView) => {
  const [card] = await db.sql`select message_id from verne.messages where subject = ${`task:${id}`} and kind = 'card'`;
  return String(card?.message_id);
};
type Words = { as?: string; content?: string; files?: object[]; reply_to?: string; channel?: string };
async function write(words: Words): Promise<Message> {
  const channel = words.channel ?? (await threadOf(task));
  return say(stage.world, sayInput.parse({ as: 'requester', ...words, channel }));
}
const whence = () => ({ me: stage.world.bot.id, isThread: true, isOwnThread: true, isAdmin: false });
/** As the gateway brings it. */
const brought = (message: Message, more: object = {}) => ({ ...messageEvent(stage.world, message), ...more });
const bring = (message: Message, by = hear) => by(brought(message), whence(), signal);
/** Writes in the thread; it is heard and shown. */
async function tell(words: Words): Promise<Message> {
  const message = await write(words);
  await bring(message);
  await stage.bot.show(task.id);
  return message;
}
const signs = ({ id }: Message) => stage.world.messages.get(id)?.reactions.map(({ emoji }) => emoji.name) ?? [];
const replies = ({ id }: Message) =>
  [...stage.world.messages.values()].filter((one) => one.message_reference?.message_id === id && one.author.bot);
const instructions = async ({ id } = task) =>
  await db.sql`select * from verne.instructions where task_id = ${id} order by created_at, id`;
async function settle(outcome: string, problem?: string) {
  const [waiting] = (await instructions()).filter(({ state }) => state === 'waiting');
  await db.sql`update verne.instructions set attempts = 3 where id = ${String(waiting?.id)}`;
  await db.rpc('settle_instruction', { id: waiting?.id, outcome, ...(problem && { problem }) });
  await stage.bot.show(task.id);
}
/** Jules waits for an answer. */
async function asks() {
  await db.sql`update verne.sessions set phase = 'needs_input', name = ${`sessions/${task.id}`} where task_id = ${task.id}`;
  await db.sql`insert into verne.activities (task_id, name, kind, created_at, body)
    values (${task.id}, ${`sessions/1/activities/${crypto.randomUUID()}`}, 'agentMessaged', verne.now(), '{"message": "Which?"}')`;
}

const waiting = async () => {
  const [row] = await db.sql`select count(*)::int from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return row?.['count'];
};

describe('a message in the thread of a task', () => {
  test('is kept for Jules, and shows on itself when Jules was told', async () => {
    const message = await tell({ content: 'Use tabs, please.' });
    expect(await instructions()).toMatchObject([
      { kind: 'steer', text: 'Use tabs, please.', author: stage.requester.id },
    ]);
    expect(signs(message)).toEqual(['📨']);
    await settle('delivered');
    expect(signs(message)).toEqual(['📨', '✅']);
    expect(replies(message)).toEqual([]);
    expect(stage.messagesIn(await threadOf(task)).filter(({ content }) => content.startsWith('✅'))).toEqual([]);
  });

  test('that the gateway brings twice is told once', async () => {
    const message = await tell({ content: 'Once.' });
    await bring(message);
    await bring(message, hearer());
    await stage.bot.show(task.id);
    expect(await instructions()).toHaveLength(1);
    expect(signs(message)).toEqual(['📨']);
  });

  test('that two processes hear at the same time is told once, and stands as kept', async () => {
    const message = await write({ content: 'Once.' });
    const hearers = [hearer(), hearer()];
    await db.sql
      .begin(async (holding) => {
        await holding`select from public.tasks where id = ${task.id} for update`;
        const heard = Promise.all(hearers.map((one) => bring(message, one)));
        await expect.poll(waiting, { timeout: 15_000 }).toBe(hearers.length);
        return { heard };
      })
      .then(({ heard }) => heard);
    await stage.bot.show(task.id);
    expect([(await instructions()).length, signs(message)]).toEqual([1, ['📨']]);
  });

  test('is the answer where Jules asks, and what the same person adds goes with it', async () => {
    await asks();
    await tell({ content: 'The green one.' });
    await tell({ content: 'With a border.' });
    const late = await tell({ as: 'approver', content: 'The red one!' });
    expect((await instructions()).map(({ kind, text }) => [kind, text])).toEqual([
      ['answer', 'The green one.'],
      ['steer', 'With a border.'],
    ]);
    expect(signs(late)).toEqual(['⚠️']);
    expect(replies(late)[0]?.content).toMatch(/was quicker/);
  });

  test('asks for changes where a plan waits to be read, and goes on with what is finished', async () => {
    await db.sql`insert into verne.plans (task_id, hash, steps) values (${task.id}, 'abcdef1234567890', '[{"title": "Read"}]')`;
    await db.sql`update verne.sessions set phase = 'plan_review', name = ${`sessions/${task.id}`} where task_id = ${task.id}`;
    await tell({ content: 'Leave out step 1.' });
    await db.sql`update verne.sessions set phase = 'working' where task_id = ${task.id}`;
    await tell({ content: 'And be quick.' });
    await stage.finish(task);
    await tell({ content: 'Add a test.' });
    expect((await instructions()).map(({ kind, about }) => [kind, about])).toEqual([
      ['changes', 'abcdef123456'],
      ['steer', null],
      ['follow_up', null],
    ]);
  });

  test('names people by name, and keeps what would mention everybody as text that pings nobody', async () => {
    const message = await tell({ content: `@everyone ask <@${stage.approver.id}> and <@&${stage.confirmRole}>` });
    expect((await instructions())[0]?.text).toBe(`@everyone ask @approver and <@&${stage.confirmRole}>`);
    await settle('refused', 'Jules answered 404: @everyone is gone.');
    expect(signs(message)).toEqual(['📨', '⚠️']);
    const [reply] = replies(message);
    expect(reply?.content).toMatch(/Jules was not told this/);
    expect([reply?.mention_everyone, reply?.mention_roles, reply?.mentions.map(({ id }) => id)]).toEqual([
      false,
      [],
      [stage.requester.id],
    ]);
  });

  test('comes in order, also where two people write at once', async () => {
    const messages = await Promise.all(
      ['1', '2', '3', '4'].map((content, nth) => write({ content, as: nth % 2 ? 'approver' : 'requester' })),
    );
    await Promise.all(messages.map((message) => bring(message)));
    expect((await instructions()).map(({ text }) => text)).toEqual(['1', '2', '3', '4']);
  });
});

describe('the thread of a card that was sent again', () => {
  const again = async (elsewhere: string | null) => {
    const [card] = await db.sql`select * from verne.messages where subject = ${`task:${task.id}`} and kind = 'card'`;
    await db.rpc('park_message', { id: card?.['id'], reason: 'message_gone' });
    await db.sql`select verne.owe_again(${`task:${task.id}`}, ${String(card?.['seq'])}, ${elsewhere}, true)`;
  };

  test('is heard on where the card stays in its channel, also before it is posted', async () => {
    const channel = await threadOf(task);
    await again(null);
    await bring(await write({ content: 'Use tabs.', channel }));
    await stage.bot.show(task.id);
    expect(await threadOf(task)).not.toBe(channel);
    await tell({ content: 'And be quick.', channel });
    expect((await instructions()).map(({ text }) => text)).toEqual(['Use tabs.', 'And be quick.']);
  });

  test('is left where the card moves: what is written there is marked, with why', async () => {
    const channel = await threadOf(task);
    await again(stage.other.id);
    await stage.bot.show(task.id);
    const [first, second] = [await tell({ content: 'Use tabs.', channel }), await tell({ content: 'Hello?', channel })];
    expect([signs(first), signs(second)]).toEqual([['⚠️'], ['⚠️']]);
    expect(replies(first)[0]?.content).toMatch(/^⚠️ The card of this task was sent again elsewhere/);
    expect([replies(second), await instructions()]).toEqual([[], []]);
  });
});

describe('what Jules is not told', () => {
  test('since it comes too fast is marked each time', async () => {
    const too_fast = { kind: 'too_fast', wait_ms: 1000, whose: 'person' };
    const fast = hearer({
      rpc: async (name, ...rest) => (name === 'instruct_task' ? too_fast : db.rpc(name, ...rest)),
    });
    const messages = [await write({ content: 'One.' }), await write({ content: 'Two.' })];
    for (const message of messages) await bring(message, fast);
    await stage.bot.show(task.id);
    expect(messages.map(signs)).toEqual([['⚠️'], ['⚠️']]);
  });

  test('by somebody who may not, or of a task that takes nothing, is not fetched', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch');
    const files = [{ name: 'log.txt', text: 'line' }];
    const cdn = () => fetched.mock.calls.filter(([url]) => String(url).includes('log.txt')).length;
    try {
      const barred = await write({ as: 'outsider', files });
      await bring(barred);
      await stage.decide(task, 'cancel');
      const late = await write({ files });
      await bring(late);
      await stage.bot.show(task.id);
      expect([signs(barred), signs(late), cdn()]).toEqual([['🚫'], ['⚠️'], 0]);
      expect(replies(barred)[0]?.content).toMatch(/^⚠️ You may not tell Jules anything/);
      expect(replies(late)[0]?.content).toMatch(/The task is over/);
    } finally {
      fetched.mockRestore();
    }
  });

  test('takes nobody their membership where the gateway does not know what they administer', async () => {
    const { id } = stage.requester;
    const note = (admin: boolean) =>
      db.rpc('read_settings', { actor: anActor({ id, guild: stage.guild.id, admin, door: 'gateway' }) });
    await note(true);
    await hear(brought(await write({ content: 'Use tabs.' })), { ...whence(), isAdmin: null }, signal);
    const rows = await db.sql`select is_admin from verne.members where discord_id = ${id}`;
    await note(false);
    expect(rows).toEqual([{ is_admin: true }]);
  });

  test('by somebody who may not is marked each time, and answered once', async () => {
    const first = await tell({ as: 'outsider', content: 'Delete everything.' });
    const second = await tell({ as: 'outsider', content: 'Do it!' });
    expect([signs(first), signs(second)]).toEqual([['🚫'], ['🚫']]);
    expect(replies(first)[0]?.content).toMatch(/^⚠️ You may not tell Jules anything in somebody else's task/);
    expect(replies(second)).toEqual([]);
    expect(await instructions()).toEqual([]);
  });

  test('since its task waits for a confirmation is answered once to each person', async () => {
    task = await stage.aTask();
    await stage.bot.show(task.id);
    const card = await threadOf(task);
    const by = await stage.bot.client.startThread(
      { channelId: stage.channel.id, messageId: card, name: 'by hand' },
      {},
    );
    const first = await tell({ channel: by, content: 'Hurry up.' });
    const second = await tell({ channel: by, content: 'Hello?' });
    expect(replies(first)[0]?.content).toMatch(/was not confirmed yet/);
    expect([signs(second), replies(second)]).toEqual([['⚠️'], []]);
  });

  test('because of what is wrong with it is said of each, for one as for another', async () => {
    const wrong: [Words, RegExp][] = [
      [{ content: 'x'.repeat(4001) }, /^⚠️ That is 4,001 characters; Jules is told 4,000 at most/],
      [
        { files: [{ name: '@everyone `cat`.png', text: 'x' }] },
        /^⚠️ Jules was not sent `[^`]+cat[^`]+`: it is told text/,
      ],
      [{ content: 'Hi\u{E0041}' }, /^⚠️ It holds text that nobody can see/],
      [{ content: '\u200b' }, /^⚠️ There is nothing in it that Jules can be told/],
    ];
    for (const [words, said] of wrong) {
      const content = words.content ?? '';
      const message = await write({ ...words, content: content.slice(0, 4000) });
      await hear(brought(message, { content }), whence(), signal);
      await stage.bot.show(task.id);
      expect(signs(message)).toEqual(['⚠️']);
      expect(replies(message)[0]?.content).toMatch(said);
      expect([replies(message)[0]?.mentions, replies(message)[0]?.mention_everyone]).toEqual([[], false]);
    }
    expect(await instructions()).toEqual([]);
  });

  test('is said in the language that its server speaks when it is shown', async () => {
    const speak = (language: string) =>
      db.sql`update public.guilds set language = ${language} where guild_id = ${stage.guild.id}`;
    const long = await write({ content: 'x' });
    await hear(brought(long, { content: 'x'.repeat(4001) }), whence(), signal);
    const barred = await write({ as: 'outsider', content: 'Delete everything.' });
    await bring(barred);
    const left = await write({ content: 'Look:', files: [{ name: 'cat.png', text: 'x' }] });
    await bring(left);
    await speak('de');
    await stage.bot.show(task.id);
    await speak('en');
    const said = [long, barred, left].map((message) => replies(message)[0]?.content);
    expect(said).toEqual([
      expect.stringMatching(/^⚠️ Das sind 4\.001 Zeichen; mehr als 4\.000 auf einmal/),
      expect.stringMatching(/^⚠️ Das darfst du hier nicht: Jules etwas zu der Aufgabe einer anderen Person sagen/),
      '⚠️ `cat.png` ging nicht an Jules: Es bekommt nur Textdateien (UTF-8).',
    ]);
  });

  test('is said in the sentence that a process of an older version kept', async () => {
    const [alone, beside] = [await write({ content: 'Old.' }), await write({ content: 'Look:' })];
    const at = { channel_id: alone.channel_id, message_id: alone.id, by: stage.requester.id };
    await db.rpc('answer_said', {
      task_id: task.id,
      said: { ...at, mark: 'warned', sentence: 'Too old.', once: null },
    });
    const wish = { kind: 'steer', text: 'Look:', aside: 'Too large.' };
    const said = { channel: beside.channel_id, message: beside.id };
    const actor = anActor({ id: stage.requester.id, roles: [...stage.requester.roles], guild: stage.guild.id });
    const older = { actor, task_id: task.id, request_key: beside.id, wish: { ...wish, said } };
    expect(await db.rpc('instruct_task', older)).toMatchObject({ kind: 'told' });
    await stage.bot.show(task.id);
    expect([alone, beside].map((message) => replies(message)[0]?.content)).toEqual(['⚠️ Too old.', '⚠️ Too large.']);
  });

  test('after its task was over, or its plan dropped, is said', async () => {
    await db.sql`update verne.sessions set phase = 'plan_expired' where task_id = ${task.id}`;
    const dropped = await tell({ content: 'Go on.' });
    expect(replies(dropped)[0]?.content).toMatch(/Press Plan again/);
    await stage.decide(task, 'cancel');
    const late = await tell({ content: 'Wait!' });
    expect([signs(late), replies(late)[0]?.content]).toEqual([['⚠️'], expect.stringMatching(/The task is over/)]);
  });

  test('of its files is said by name, and the words are told', async () => {
    const files = [
      { name: 'log.txt', text: 'line' },
      { name: 'all.log', text: 'x', size: 100 * 1024 * 1024 },
    ];
    const message = await tell({ content: 'Look at this:', files });
    expect((await instructions())[0]?.text).toBe('Look at this:\n\nFile `log.txt`:\n```\nline\n```');
    expect(signs(message)).toEqual(['📨']);
    expect(replies(message)[0]?.content).toBe('⚠️ Jules was not sent `all.log`: text files may have 100 KB together.');
  });
});

describe('not for Jules', () => {
  const untouched = async (message: Message, more: object = {}, from: object = {}) => {
    const rpc = vi.fn(db.rpc);
    await hearer({ rpc })(brought(message, more), { ...whence(), ...from }, signal);
    await stage.bot.show(task.id);
    expect([await instructions(), signs(message), replies(message)]).toEqual([[], [], []]);
    return rpc.mock.calls.length;
  };

  test('is what people say beside it, what bots say and what Discord says: the database is not even asked', async () => {
    const message = await write({ content: 'Hello' });
    const toPerson = await write({ content: 'I agree', reply_to: message.id });
    expect(await untouched(await write({ content: ' // just between us' }))).toBe(0);
    expect(await untouched(toPerson)).toBe(0);
    expect(await untouched(message, { author: { id: '1', username: 'other', bot: true } })).toBe(0);
    expect(await untouched(message, { webhook_id: '12' })).toBe(0);
    expect(await untouched(message, { type: 18 })).toBe(0);
    expect(await untouched(message, { guild_id: undefined })).toBe(0);
    expect(await untouched(message, {}, { isThread: false })).toBe(0);
  });

  test('but an answer to the bot is', async () => {
    const [own] = stage.messagesIn(await threadOf(task));
    await stage.note(task, 'activity', { entries: [{ title: 'Reads' }] });
    await stage.bot.show(task.id);
    const said = own ?? stage.messagesIn(await threadOf(task))[0];
    await tell({ content: 'Why?', reply_to: said?.id ?? '' });
    expect(await instructions()).toHaveLength(1);
  });

  test('is what is written elsewhere, which is asked for once a minute', async () => {
    const rpc = vi.fn(db.rpc);
    const other = hearer({ rpc });
    const message = await write({ content: 'Lunch?', channel: stage.other.id });
    for (let times = 0; times < 3; times += 1) await bring(message, other);
    expect(rpc).toHaveBeenCalledTimes(1);
    expect(signs(message)).toEqual([]);
  });
});

describe('a mark', () => {
  test('that a process did not live to record is made by the next, and stands once', async () => {
    const message = await write({ content: 'Use tabs.' });
    await bring(message);
    const dying = stage.aBot({ rpc: dyingAt(db.rpc, 'record_message') });
    await expect(dying.show(task.id)).rejects.toThrow('dead');
    expect(signs(message)).toEqual(['📨']);
    await stage.bot.show(task.id);
    await stage.bot.show(task.id);
    expect(stage.world.messages.get(message.id)?.reactions.map(({ users }) => users.size)).toEqual([1]);
    expect(stage.asked('PUT', new RegExp(`${message.id}/reactions`))).toHaveLength(2);
  });

  test('that a later one has overtaken is not made any more', async () => {
    const message = await write({ content: 'Use tabs.' });
    await bring(message);
    await settle('delivered');
    expect(signs(message)).toEqual(['✅']);
  });

  test('that may not be made, or whose message is gone, is said in words', async () => {
    for (const [status, code] of [
      [403, 50013],
      [404, 10008],
    ] as const) {
      await tell({ content: `Use ${code}.` });
      stage.trouble('PUT', 'error_before', { path: 'reactions', status, code });
      await settle('delivered');
      const thread = stage.messagesIn(await threadOf(task));
      expect(thread.at(-1)?.content).toMatch(new RegExp(`^✅ <@\\d+> told Jules:\n> Use ${code}\\.`));
    }
  });

  test('waits out an outage of Discord', async () => {
    const message = await write({ content: 'Use tabs.' });
    await bring(message);
    stage.trouble('PUT', 'error_before', { path: 'reactions', status: 503 });
    expect(await stage.bot.show(task.id)).toMatchObject({ kind: 'retry', uncounted: true });
    await stage.bot.show(task.id);
    expect(signs(message)).toEqual(['📨']);
  });
});

describe('while the database is away', () => {
  const away = () => {
    throw new RemoteFailure('away', { service: 'database', code: 'ECONNREFUSED', retry: 'soon' });
  };

  test('a message is tried again, and kept once', async () => {
    let left = 1;
    const flaky = hearer({ patienceMs: 10_000, rpc: async (...args) => (left-- > 0 ? away() : db.rpc(...args)) });
    await bring(await write({ content: 'Use tabs.' }), flaky);
    expect(await instructions()).toHaveLength(1);
  });

  test('one that cannot be kept is marked, where the thread is surely one of ours', async () => {
    const gone = hearer({ rpc: async () => away() });
    const [ours, theirs] = [await write({ content: 'Use tabs.' }), await write({ content: 'Lunch?' })];
    await bring(ours, gone);
    await gone(brought(theirs), { ...whence(), isOwnThread: false }, signal);
    expect([signs(ours), signs(theirs)]).toEqual([['⚠️'], []]);
  });
});
