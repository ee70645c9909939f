import { readdir, readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { beginMessage, parkMessage, readMessages, recordMessage } from '#discord/outbox.ts';
import { DISCORD_TOPICS } from '#discord/topics.ts';
import type { TaskView } from '#tasks/task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { openStage, type Stage } from './stage.ts';

let db: TestDatabase;
let stage: Stage;
let task: TaskView;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  stage = await openStage(db);
  task = await stage.aTask();
});
afterEach(() => stage.close());

async function theCard() {
  const { messages } = await readMessages(db.rpc, `task:${task.id}`);
  const [card] = messages;
  if (!card) throw new Error('there is no card');
  return card;
}
const begin = async (seen: { sending_since: string | null; is_post: boolean }) =>
  beginMessage(db.rpc, { id: (await theCard()).id, windowMs: 20_000, seen });
const fresh = { sending_since: null, is_post: true };

describe('an intent', () => {
  test('is begun by one who saw the row as it is, and by nobody else', async () => {
    expect(await begin(fresh)).toMatchObject({ kind: 'begun', settles: false, unsure_until: null });
    expect(await begin(fresh)).toEqual({ kind: 'stale' });
    const { sending_since } = await theCard();
    expect(await begin({ sending_since, is_post: true })).toMatchObject({ kind: 'begun' });
  });

  test('to post is not begun for a message that was posted meanwhile', async () => {
    const { id } = await theCard();
    await recordMessage(db.rpc, id, { channel_id: stage.channel.id, message_id: '1300000000000000001' });
    expect(await begin(fresh)).toEqual({ kind: 'stale' });
  });

  test('is not begun for a message that was parked', async () => {
    await parkMessage(db.rpc, { id: (await theCard()).id, reason: 'forbidden' });
    expect(await begin(fresh)).toEqual({ kind: 'stale' });
  });

  test('that follows one in doubt keeps that doubt until its window is over', async () => {
    const first = await begin(fresh);
    if (first.kind !== 'begun') throw new Error('not begun');
    await stage.pass(5000);
    const second = await begin({ sending_since: (await theCard()).sending_since, is_post: true });
    if (second.kind !== 'begun') throw new Error('not begun');
    expect(second.unsure_until).toEqual(new Date(new Date(first.intent).getTime() + 20_000));
    expect(second.settles).toBe(false);
    await stage.pass(20_000);
    const third = await begin({ sending_since: (await theCard()).sending_since, is_post: true });
    expect(third).toMatchObject({ kind: 'begun', settles: true });
  });

  test('is cleared by its owner, not by one who was overtaken', async () => {
    const { id } = await theCard();
    const mine = await begin(fresh);
    if (mine.kind !== 'begun') throw new Error('not begun');
    await stage.pass(5000);
    await begin({ sending_since: mine.intent, is_post: true });
    await recordMessage(db.rpc, id, { intent: mine.intent });
    const { sending_since } = await theCard();
    expect(sending_since).not.toBeNull();
    await recordMessage(db.rpc, id, { intent: sending_since ?? '' });
    expect((await theCard()).sending_since).toBeNull();
  });
});

test('of two cards that want to mention approvers at the same moment, one may', async () => {
  const other = await stage.aTask();
  const cardOf = async ({ id }: TaskView) => (await readMessages(db.rpc, `task:${id}`)).messages[0]?.id ?? '';
  const [first, second] = [await cardOf(task), await cardOf(other)];
  const asked = await db.sql.begin(async (sql) => {
    const [row] = await sql`select public.begin_message(${first}, 20000, ${sql.json(fresh)}, 120000) as begun`;
    expect(row).toMatchObject({ begun: { announced: true } });
    let isOver = false;
    const begun = beginMessage(db.rpc, { id: second, windowMs: 20_000, seen: fresh, announceWithinMs: 120_000 });
    void begun.finally(() => {
      isOver = true;
    });
    const isHeldUp = async () => {
      const waiting = await db.sql`select from pg_locks where locktype = 'advisory' and not granted`;
      return isOver || waiting.length > 0;
    };
    await expect.poll(isHeldUp, { interval: 10 }).toBe(true);
    return { begun };
  });
  expect(await asked.begun).toMatchObject({ kind: 'begun', announced: false });
});

test('a message keeps the first id that it was given', async () => {
  const { id } = await theCard();
  for (const message_id of ['1300000000000000001', '1300000000000000002']) {
    await recordMessage(db.rpc, id, { channel_id: stage.channel.id, message_id });
  }
  expect((await theCard()).message_id).toBe('1300000000000000001');
});

test('what SQL publishes here is what topics.ts names', async () => {
  const folder = new URL('../../supabase/schemas/discord/', import.meta.url);
  const texts = await Promise.all((await readdir(folder)).map((file) => readFile(new URL(file, folder), 'utf8')));
  const published = texts.flatMap((text) => [...text.matchAll(/publish_event\('([^']+)'/g)].map(([, topic]) => topic));
  expect(new Set(published)).toEqual(new Set(DISCORD_TOPICS));
});
