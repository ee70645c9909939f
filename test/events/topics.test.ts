import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { discordHandlers } from '#discord/handlers.ts';
import { DISCORD_TOPICS } from '#discord/topics.ts';
import { eventHandlers } from '#events/handlers.ts';
import { EVENT_TOPICS } from '#events/topics.ts';
import { guildHandlers } from '#guilds/handlers.ts';
import { GUILD_TOPICS } from '#guilds/topics.ts';
import { taskHandlers } from '#tasks/handlers.ts';
import { TASK_TOPICS } from '#tasks/topics.ts';
import { readSchemaFiles } from '../../scripts/compare-functions.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

const TOPICS = [...TASK_TOPICS, ...DISCORD_TOPICS, ...GUILD_TOPICS, ...EVENT_TOPICS];

test('the topics that SQL publishes are those that the folders name, each in one folder', async () => {
  const files = await readSchemaFiles(fileURLToPath(new URL('../../supabase/schemas', import.meta.url)));
  const literal = files.flatMap(({ text }) =>
    [...text.matchAll(/'([a-z_]+\.[a-z_]+)'/g)].flatMap(([, word = '']) =>
      /publish_event|topic/.test(text) ? [word] : [],
    ),
  );
  const transitions = await db.sql`select distinct topic from verne.transitions`;
  const published = new Set(
    [...literal, ...transitions.map((row) => String(row.topic))].filter((word) => !OPERATIONS.has(word)),
  );
  published.add('service.started'); // told by the process itself
  expect([...published].sort()).toEqual([...TOPICS].sort());
  expect(new Set(TOPICS).size).toBe(TOPICS.length);
});

/** Names of operations are dotted words as well. */
const OPERATIONS = new Set([
  'task.create',
  'task.confirm',
  'task.cancel',
  'task.read',
  'task.withdraw',
  'task.edit',
  'task.steer',
  'task.steer_own',
  'task.expire',
  'task.move',
  'settings.read',
  'settings.change',
  'own.change',
  'guild.pause',
  'service.pause',
  'limits.raise',
  'audit.read',
  'person.forget',
]);

test('the subscriptions of the database are the handlers of the code, and each hears something', async () => {
  const nothing = { commands: [] } as never;
  const handlers = {
    ...eventHandlers(nothing),
    ...guildHandlers(nothing),
    ...taskHandlers(nothing),
    ...discordHandlers(nothing),
  };
  const subscriptions = (await db.rpc('read_subscriptions', {})) as { subscriber: string; patterns: string[] }[];
  expect(subscriptions.map(({ subscriber }) => subscriber)).toEqual(Object.keys(handlers).sort());
  for (const { subscriber, patterns } of subscriptions) {
    const heard =
      await db.sql`select 1 from unnest(${TOPICS as unknown as string[]}::text[]) topic where topic ~ verne.matcher(${patterns})`;
    expect([subscriber, heard.length > 0]).toEqual([subscriber, true]);
  }
});
