import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RemoteFailure } from '#kernel/errors.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { laterFor, openStage, type Stage, TIMES, waitOf } from './stage.ts';

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
const pinging = () => stage.messagesIn(stage.channel.id).filter(({ mention_roles }) => mention_roles.length > 0);

async function threeCards() {
  const tasks = [await stage.aTask(), await stage.aTask(), await stage.aTask()];
  for (const task of tasks) await stage.bot.show(task.id);
  return tasks;
}

describe('approvers', () => {
  test('are mentioned by the first card; those that follow soon are announced together', async () => {
    await threeCards();
    expect(pinging()).toHaveLength(1);
    const wait = waitOf(stage, await stage.bot.announce(stage.channel.id));
    expect(wait).toBeGreaterThan(TIMES.approverBatchMs - 10_000);
    await stage.pass(wait);
    expect(await stage.bot.announce(stage.channel.id)).toEqual(done);
    expect(await stage.bot.announce(stage.channel.id)).toEqual(done);
    await stage.bot.showChannel(stage.channel.id);
    await stage.bot.showChannel(stage.channel.id);
    const [, note, ...more] = pinging();
    expect(more).toEqual([]);
    const [, second, third] = stage.messagesIn(stage.channel.id);
    expect(note?.content).toContain('2 more tasks wait');
    for (const card of [second, third]) {
      expect(note?.content).toContain(`https://discord.com/channels/${stage.guild.id}/${stage.channel.id}/${card?.id}`);
    }
  });

  test('do not hear of cards that were decided meanwhile', async () => {
    const tasks = await threeCards();
    for (const task of tasks) await stage.decide(task, 'confirm');
    await stage.pass(TIMES.approverBatchMs);
    expect(await stage.bot.announce(stage.channel.id)).toEqual(done);
    expect(await stage.bot.showChannel(stage.channel.id)).toEqual(done);
    expect(stage.messagesIn(stage.channel.id)).toHaveLength(3);
    await stage.bot.show((await stage.aTask()).id);
    expect(pinging()).toHaveLength(2);
  });

  test('of two channels are mentioned in each', async () => {
    await stage.bot.show((await stage.aTask()).id);
    await stage.bot.show((await stage.aTask({ at: stage.other.id })).id);
    expect(stage.messagesIn(stage.other.id)[0]?.mention_roles).toEqual([stage.confirmRole]);
  });

  test('are mentioned once where two workers post two cards at the same moment', async () => {
    const tasks = [await stage.aTask(), await stage.aTask(), await stage.aTask(), await stage.aTask()];
    await Promise.all(tasks.map(({ id }) => stage.aBot().show(id)));
    expect(stage.messagesIn(stage.channel.id)).toHaveLength(4);
    expect(pinging()).toHaveLength(1);
  });

  test('are announced a card that was found after its post was in doubt', async () => {
    await stage.bot.show((await stage.aTask()).id);
    const task = await stage.aTask();
    stage.trouble('POST', 'reset_after');
    expect(await stage.bot.show(task.id)).toEqual(laterFor('network'));
    expect(await stage.bot.show(task.id)).toEqual(done);
    const facts = await stage.db.sql`select from verne.events
      where topic = 'card.unannounced' and key = ${`channel:${stage.channel.id}`}`;
    expect(facts).toHaveLength(1);
    await stage.pass(TIMES.approverBatchMs);
    await stage.bot.announce(stage.channel.id);
    await stage.bot.showChannel(stage.channel.id);
    expect(pinging()).toHaveLength(2);
  });

  test('are announced later while the database is away, for as long as it takes', async () => {
    const rpc: Rpc = () =>
      Promise.reject(new RemoteFailure('No database.', { service: 'database', code: 'ECONNREFUSED', retry: 'soon' }));
    expect(await stage.aBot({ rpc }).announce(stage.channel.id)).toEqual(laterFor('No database'));
    expect(await stage.aBot({ rpc }).show(crypto.randomUUID())).toEqual(laterFor('No database'));
  });

  test('are woken by a fact when a card came without its mention', async () => {
    await threeCards();
    const facts = await stage.db.sql`select key from verne.events
      where topic = 'card.unannounced' and key = ${`channel:${stage.channel.id}`}`;
    expect(facts.map(({ key }) => key)).toEqual([`channel:${stage.channel.id}`, `channel:${stage.channel.id}`]);
  });
});
