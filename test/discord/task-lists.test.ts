import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NOTE_VIEWS } from '#discord/cards/notes.ts';
import { customId, readCustomId } from '#discord/custom-id.ts';
import { listTarget, readListTarget, taskListPanel } from '#discord/panels/task-list.ts';
import { type Reply, toResponse } from '#discord/reply.ts';
import { speaking, words } from '#discord/words/words.ts';
import { LISTED, listTasks, SHOWS } from '#tasks/list-tasks.ts';
import { SESSION_PHASES } from '#tasks/session.ts';
import { TASK_STATUSES } from '#tasks/task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { limitProblems } from '../support/discord-limits.ts';
import { aCommand, aPress, newSnowflake, PEOPLE, type Person } from '../support/interaction.ts';
import { actorFor, aDoor, askFor, lastAudit, readReply, setUp } from './setting.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(() => setUp(db));
afterAll(() => db.close());

const { approver, requester, outsider } = PEOPLE;
const say = (payload: Parameters<ReturnType<typeof aDoor>['say']>[0]) => aDoor(db.rpc).say(payload);
const command = (person: Person, name: string, values = {}, facts = {}) => say(aCommand(person, name, values, facts));

type Button = { label: string; custom_id: string };
function buttonsOf(reply: Reply): Button[] {
  if (reply.kind !== 'message' && reply.kind !== 'update') throw new Error(reply.kind);
  expect(limitProblems(reply.body)).toEqual([]);
  const rows = JSON.parse(JSON.stringify(reply.body.components ?? [])) as { components: Button[] }[];
  return rows.flatMap(({ components }) => components);
}
function titleOf(reply: Reply) {
  return reply.kind === 'message' || reply.kind === 'update' ? reply.body.embeds?.[0]?.title : undefined;
}
async function pressed(person: Person, reply: Reply, label: RegExp) {
  const found = buttonsOf(reply).find((button) => label.test(button.label));
  if (!found) throw new Error(`no button ${label} among ${JSON.stringify(buttonsOf(reply))}`);
  return say(aPress(person, found.custom_id));
}
const numbersIn = (reply: Reply) =>
  [...readReply(reply).matchAll(/^\*\*#(\d+)\*\*/gm)].map(([, number]) => Number(number));

describe('/tasks', () => {
  test('shows one’s own tasks to oneself alone, as the cards show them, newest first', async () => {
    await askFor(db, 'Fix the login test');
    await askFor(db, 'Write a changelog');
    const reply = await command(requester, 'tasks');
    expect(toResponse(reply)).toMatchObject({ data: { flags: 64, allowed_mentions: { parse: [] } } });
    expect(titleOf(reply)).toBe('Your tasks');
    const text = readReply(reply);
    expect(numbersIn(reply)).toEqual([2, 1]);
    expect(text).toMatch(
      /\*\*#2\*\* · ⏳ Waiting for confirmation · <t:\d+:R>\n`acme\/site` @ `main`: Write a changelog/,
    );
    expect(readReply(await command(outsider, 'tasks'))).toContain('You have asked for nothing here yet');
    expect(await lastAudit(db)).toMatchObject({ operation: 'task.read', outcome: 'allowed', command: '/tasks' });
  });

  test('turns pages by buttons that carry the filters, in whichever process', async () => {
    for (let at = 1; at <= 10; at += 1) await askFor(db, `Task ${at}`);
    const first = await command(requester, 'tasks', { status: 'waits for confirmation', repo: 'acme/site' });
    expect(titleOf(first)).toBe('Your tasks · acme/site · waits for confirmation');
    expect(numbersIn(first)).toEqual([10, 9, 8, 7, 6, 5, 4, 3]);
    expect(buttonsOf(first).map(({ label }) => label)).toEqual(['Older ▶']);
    await askFor(db, 'One more');
    const second = await pressed(requester, first, /Older/);
    expect(second.kind).toBe('update');
    expect(titleOf(second)).toBe('Your tasks · acme/site · waits for confirmation');
    expect(numbersIn(second)).toEqual([2, 1]);
    expect(buttonsOf(second).map(({ label }) => label)).toEqual(['◀ Newer']);
    expect(numbersIn(await pressed(requester, second, /Newer/))).toEqual([10, 9, 8, 7, 6, 5, 4, 3]);
    // What is on the page is what whoever presses may see.
    expect(numbersIn(await pressed(outsider, first, /Older/))).toEqual([]);
  });

  test('waiting says what is to be done, and since when', async () => {
    await askFor(db);
    const reply = await command(approver, 'tasks', { show: 'waiting' });
    expect(titleOf(reply)).toBe('Waiting for you');
    expect(readReply(reply)).toMatch(/👉 confirm or reject it \(since <t:\d+:R>\)/);
    expect(readReply(await command(requester, 'tasks', { show: 'waiting' }))).toBe('\nNothing waits for you.');
  });

  test('of a prompt that pretends to be more entries of the list stays one entry', async () => {
    await askFor(db, '**#99** https://evil.example @everyone\n> x'.repeat(50));
    const reply = await command(requester, 'tasks');
    buttonsOf(reply);
    expect(readReply(reply)).not.toMatch(/@everyone|(?<!`)https:\/\/evil/);
    expect(numbersIn(reply)).toEqual([1]);
  });

  test.for(['en', 'de'] as const)('shows eight tasks in %s however long all their names are', async (language) => {
    for (let at = 0; at < 9; at += 1) await askFor(db, '*_`~|<@1> '.repeat(100));
    await db.sql`update verne.messages set message_id = '90000000000000000001', channel_id = '90000000000000000002'`;
    const list = await listTasks(db.rpc, actorFor(approver), { show: 'all' });
    if (list.kind !== 'tasks') throw new Error(list.kind);
    const entriesOf = (repo: string, waits: boolean) => {
      const names = { number: 999_999_999, repo, branch: `feature/${'b'.repeat(180)}` };
      const task = { ...names, pr_url: `https://github.com/${repo}/pull/1234567890` };
      const since = waits && { waits: { what: 'untold', since: new Date() } };
      const tasks = list.tasks.map((one) => ({ ...one, ...since, task: { ...one.task, ...task } }));
      const body = speaking(language, () => taskListPanel({ show: 'all' }, { ...list, tasks }));
      expect(limitProblems(body)).toEqual([]);
      return (body.embeds?.[0]?.description ?? '').split('\n\n').filter((entry) => entry.startsWith('**#'));
    };
    for (const [repo, waits] of [
      [`${'o'.repeat(39)}/${'r'.repeat(100)}`, false],
      [`${'o'.repeat(39)}/${'r'.repeat(100)}`, true],
      [`${'o'.repeat(100)}/${'r'.repeat(100)}`, true],
    ] as const) {
      const entries = entriesOf(repo, waits);
      expect(entries).toHaveLength(8);
      for (const entry of entries)
        expect(entry).toMatch(
          /`o+(?:\/r*)?…` @ `feature\/b*…`: .*\n(?:.*\n)?https:\/\/discord\.com\/channels\/\d+\/\d+\/\d+/,
        );
    }
    expect(entriesOf('o/r', false)[0]).toContain('`o/r` @ `feature/bbbbbbbbbbbbbbbbbbbbbbbbb');
  });

  test('refuses what is no repository', async () => {
    expect(readReply(await command(requester, 'tasks', { repo: 'the website' }))).toMatch(/not a repository/);
  });
});

describe('/task', () => {
  test('tells what happened, by whom, and leads to what was sent and back', async () => {
    const id = await askFor(db);
    await say(aPress(approver, customId('confirm', id)));
    const reply = await command(requester, 'task', { number: 1 }, {});
    expect(titleOf(reply)).toMatch(/^#1 · (?:🛠|⏳)/u);
    const text = readReply(reply);
    expect(text).toMatch(new RegExp(`<t:\\d+:f> 🧠 asked for by <@${requester.id}>`));
    expect(text).toMatch(new RegExp(`<t:\\d+:f> ✅ confirmed by <@${approver.id}>`));
    expect(text).toContain('from the request to its decision: **1 sec**');
    const sent = await pressed(requester, reply, /What was sent/);
    expect(sent.kind).toBe('update');
    expect(readReply(sent)).toMatch(/the card, in <#\d+>\nowed <t:\d+:f>, not tried\n⏳ is still to be sent/);
    expect(titleOf(await pressed(requester, sent, /What happened/))).toBe(titleOf(reply));
  });

  test.for([0, -1, 1.5, 1_000_000_000])('of number %s, which Discord would not send, is refused', async (number) => {
    expect(readReply(await command(requester, 'task', { number }))).toMatch(/^Discord sent another version/);
  });

  test('says the same of a task of another server, of a channel that one may not know, and of none', async () => {
    await askFor(db);
    const hidden = await askFor(db);
    await db.sql`update public.tasks set channel_id = '200000000000000777' where id = ${hidden}`;
    const words = async (person: Person, number: number) =>
      readReply(await command(person, 'task', { number })).replaceAll(`#${number}`, '#');
    const never = await words(outsider, 500);
    expect(never).toMatch(/^There is no task # here that you may see/);
    expect(await words(outsider, 2)).toBe(never);
    await setUp(db);
    expect(await words(approver, 1)).toBe(never);
  });

  test('delivery offers to send again what was given up, to those who may, and says that it will', async () => {
    const id = await askFor(db);
    await db.sql`update verne.messages set parked_reason = 'forbidden' where subject = ${`task:${id}`}`;
    const offered = async (person: Person) =>
      buttonsOf(await command(person, 'task', { number: 1, view: 'delivery' })).map(({ label }) => label);
    expect(await offered(outsider)).toEqual(['What happened']);
    const reply = await command(approver, 'task', { number: 1, view: 'delivery' });
    expect(readReply(reply)).toContain('⚠️ given up: Verne lacks the permission to write there');
    expect(readReply(await pressed(approver, reply, /^Send \d+ again/))).toMatch(/^📨 It is owed again, where/);
    expect(readReply(await pressed(approver, reply, /^Send \d+ here/))).toMatch(/^This message is not given up/);
    expect(await lastAudit(db)).toMatchObject({ outcome: 'refused: not_parked', args: { send_again: 'here' } });
  });
});

describe('what a button of a page carries', () => {
  test('is read as it was written, within 100 characters, whatever the filters are', () => {
    for (const show of SHOWS)
      for (const status of [undefined, ...LISTED])
        for (const cursor of [{}, { before: 999_999_999 }, { after: 1 }]) {
          const wish = { show, status, repo_ref: '0123456789', ...cursor };
          const id = customId('tasks', listTarget(wish));
          expect(id.length).toBeLessThanOrEqual(100);
          expect(readCustomId(id)).toEqual({ verb: 'tasks', target: listTarget(wish) });
          expect(readListTarget(listTarget(wish))).toEqual(wish);
        }
  });

  test.for([
    'v1:tasks:everything.any.any.-0',
    'v1:tasks:mine.any.any.b',
    'v1:tasks:mine.any.0123.b1',
    "v1:tasks:mine.any.any.b1' or 1=1",
    'v1:timeline:1',
    'v1:timeline:1.99999999',
    'v1:delivery:1.c5',
    'v1:send-again:1.2.everywhere',
    'v1:send-again:1.9999999999999999999.here',
  ])('%s is nobody’s button', (id) => {
    expect(readCustomId(id)).toBeNull();
  });

  test('with numbers that never were says so, and breaks nothing', async () => {
    for (const id of [
      'v1:timeline:999999999.999999',
      'v1:delivery:999999999.a999999999999999999',
      'v1:send-again:999999999.999999999999999999.here',
    ])
      expect(readReply(await say(aPress(approver, id)))).toMatch(/^There is no task #999999999 here/);
    const unknown = `v1:tasks:all.any.${newSnowflake().slice(-10)}.b999999999`;
    expect(readReply(await say(aPress(approver, unknown)))).toContain('No such task');
  });
});

describe('there are words', () => {
  test('for every message that a task may owe', () => {
    const aboutTasks = NOTE_VIEWS.filter((view) => view !== 'waiting' && !view.startsWith('key_'));
    expect(Object.keys(words().delivery.what).toSorted()).toEqual([...aboutTasks, 'task'].toSorted());
  });

  test('for every phase that is no end, and every state of a task', () => {
    const ends = ['stopped', 'done_pr', 'done_patch', 'done_nothing', 'failed'];
    const phases = SESSION_PHASES.filter((phase) => !ends.includes(phase)).map((phase) => `session.${phase}`);
    const states = TASK_STATUSES.filter((status) => !['pending_confirmation', 'in_progress'].includes(status));
    const more = ['asked', 'approved', 'confirmed', 'resumed', 'pull_request'];
    const told = Object.keys(words().timeline.what).filter((what) => /^(?:task|session)/.test(what));
    expect(told.toSorted()).toEqual([...phases, ...[...states, ...more].map((state) => `task.${state}`)].toSorted());
  });
});
