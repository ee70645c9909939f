import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discordHandlers } from '#discord/handlers.ts';
import { eventHandlers } from '#events/handlers.ts';
import { guildHandlers } from '#guilds/handlers.ts';
import { makeLog } from '#kernel/log.ts';
import { taskHandlers } from '#tasks/handlers.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aDelivery, aRequester, aServer, aTask } from '../support/tasks.ts';

const DAY_MS = 86_400_000;
const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
const table = page.split('| What | Kept for |')[1]?.split('\n\n')[0] ?? '';

/** What the operator is told, row by row; null days: not by its age. */
const told = [...table.matchAll(/^\| (.+) \| (?:(\d+) days?)?.* \|$/gm)]
  .slice(1)
  .map(([, what = '', days]) => ({ what, days: days ? Number(days) : null }));
const daysOf = (what: RegExp) => {
  const found = told.filter((row) => what.test(row.what));
  if (found.length !== 1) throw new Error(`${what} is in ${found.length} rows of the table`);
  return found[0]?.days ?? null;
};

/** One row of each kind that grows old, of this moment, and how it is found again. */
const OLD = [
  {
    what: /^Settled deliveries/,
    add: `insert into verne.deliveries (subscriber, key, event_id, state, due_at, settled_at)
      select 'discord.show', 'old:1', min(id), 'done', verne.now(), verne.now() from verne.events`,
    found: `select from verne.deliveries where key = 'old:1'`,
  },
  {
    what: /^Events/,
    add: `insert into verne.events (topic, key) values ('old.told', 'old:1')`,
    found: `select from verne.events where topic = 'old.told'`,
  },
  {
    what: /^Notes/,
    add: `insert into verne.messages (subject, kind, view, place, place_id, dedupe, message_id, posted_at)
      values ('old:1', 'note', 'x', 'channel', '1', 'old', '1', verne.now())`,
    found: `select from verne.messages where dedupe = 'old'`,
  },
  {
    what: /^Notes/,
    add: `insert into verne.messages (subject, kind, view, place, place_id, dedupe, parked_reason)
      values ('old:1', 'note', 'x', 'channel', '1', 'parked', 'dm_closed')`,
    found: `select from verne.messages where dedupe = 'parked'`,
  },
  {
    what: /rates/,
    add: `insert into verne.rates values ('old', verne.now())`,
    found: `select from verne.rates where key = 'old'`,
  },
  {
    what: /^Raised/,
    add: `insert into verne.raises (guild_id, extra, raised_by, until) values ('old', 1, 'x', verne.now())`,
    found: `select from verne.raises where guild_id = 'old'`,
  },
  {
    what: /newest patch/,
    add: `insert into verne.patches (task_id, patch, chars) select id, 'diff', 4 from public.tasks limit 1`,
    found: `select from verne.patches`,
  },
  {
    what: /saw a person/,
    add: `insert into verne.members values ('100000000000000777', '100000000000000777', true, verne.now())`,
    found: `select from verne.members where guild_id = '100000000000000777'`,
  },
] as const;

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await aServer(db);
  await aTask(db, aRequester());
});
afterAll(() => db?.close());

const log = makeLog({ level: 'silent', secrets: [] });

/** As each of the four subscriptions does it. */
async function prune() {
  const { rpc } = db;
  const handlers = {
    ...eventHandlers({ rpc }),
    ...guildHandlers({ rpc, log }),
    ...discordHandlers({ rpc, log } as unknown as Parameters<typeof discordHandlers>[0]),
    ...taskHandlers({ rpc } as unknown as Parameters<typeof taskHandlers>[0]),
  };
  const pruning = Object.entries(handlers).filter(([name]) => name.endsWith('.prune'));
  expect(pruning.map(([name]) => name).sort()).toEqual([
    'discord.prune',
    'events.prune',
    'guilds.prune',
    'tasks.prune',
  ]);
  for (const [, handler] of pruning)
    expect(await handler(aDelivery('service', 'verne'))).toMatchObject({ kind: 'wait' });
}

test('every row of the operator’s table that names days is one that is pruned', () => {
  const pruned = told.filter(({ days }) => days !== null).map(({ what }) => what);
  expect(pruned.filter((what) => !OLD.some((row) => row.what.test(what)))).toEqual([]);
  expect(told.length).toBeGreaterThan(pruned.length);
});

describe('what is old', () => {
  test.each(OLD)('is kept for as long as the operator is told, and no longer: $what', async ({ what, add, found }) => {
    const days = daysOf(what) ?? 0;
    await db.sql.unsafe(add);
    await moveClock(db.sql, days * DAY_MS - 60_000);
    await prune();
    expect(await db.sql.unsafe(found)).toHaveLength(1);
    await moveClock(db.sql, 120_000);
    await prune();
    expect(await db.sql.unsafe(found)).toHaveLength(0);
  });

  test('goes a batch at a time, and what somebody holds is left for the next time without waiting for it', async () => {
    await db.sql`insert into verne.rates select 'held' || n, verne.now() - interval '2 days' from generate_series(1, 2500) n`;
    await db.sql`
      insert into verne.messages (subject, kind, view, place, place_id, dedupe, message_id, posted_at, created_at)
      select 'held:1', 'note', 'x', 'channel', '1', 'held' || n, '1', verne.now() - interval '1 year', verne.now() - interval '1 year'
      from generate_series(1, 2500) n`;
    await db.sql.begin(async (tx) => {
      await tx`select from verne.rates where key in ('held7', 'held8') for update`;
      await tx`select from verne.messages where dedupe in ('held7', 'held8') for update`;
      await prune();
      const rates = await db.sql`select key from verne.rates where key like 'held%' order by key`;
      const notes = await db.sql`select dedupe from verne.messages where dedupe like 'held%' order by dedupe`;
      expect([rates.map(({ key }) => key), notes.map(({ dedupe }) => dedupe)]).toEqual([
        ['held7', 'held8'],
        ['held7', 'held8'],
      ]);
    });
    await prune();
    expect(await db.sql`select from verne.rates where key like 'held%'`).toHaveLength(0);
  });

  test('is pruned while people work: a prune that has not ended keeps nobody waiting', async () => {
    await db.sql`insert into verne.rates select 'slow' || n, verne.now() - interval '2 days' from generate_series(1, 500) n`;
    await db.sql`insert into verne.events (topic, key, at) select 'slow.told', 'slow:1', verne.now() - interval '91 days' from generate_series(1, 500)`;
    await db.sql.begin(async (tx) => {
      for (const name of ['prune_limits', 'prune_events', 'prune_messages']) await tx.unsafe(`select public.${name}()`);
      const [held] = await tx`
        select count(*)::int as heavy from pg_locks l where l.pid = pg_backend_pid() and l.locktype = 'relation'
          and l.mode in ('ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock', 'ShareLock')`;
      expect(held?.['heavy']).toBe(0);
      const person = aRequester({ id: '100000000000000555', name: 'works' });
      expect(await aTask(db, person)).toMatchObject({ status: 'pending_confirmation' });
    });
  });
});
