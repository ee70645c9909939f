import { MessageFlags } from 'discord-api-types/v10';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { customId } from '#discord/custom-id.ts';
import { type Reply, toResponse } from '#discord/reply.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { limitProblems } from '../support/discord-limits.ts';
import { aCommand, aModal, aPress, here, newSnowflake, PEOPLE, type Person, ROLES } from '../support/interaction.ts';
import { aDoor, askFor, lastAudit, readReply, setUp, tasksOf } from './setting.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(() => setUp(db));
afterAll(() => db.close());

const say = (payload: Parameters<ReturnType<typeof aDoor>['say']>[0]) => aDoor(db.rpc).say(payload);
const command = async (person: Person, name: string, values = {}) => {
  const reply = await say(aCommand(person, name, values));
  expectPrivate(reply);
  return readReply(reply);
};
const { admin, approver, requester, outsider } = PEOPLE;
const press = (person: Person, task: string) => say(aPress(person, customId('confirm', task)));
const second: Person = { id: newSnowflake(), roles: [ROLES.confirm] };

/** For the eyes of one, within the limits of Discord, without a ping. */
function expectPrivate(reply: Reply) {
  if (reply.kind !== 'message') throw new Error(`no message but ${reply.kind}`);
  expect(limitProblems(reply.body)).toEqual([]);
  expect(toResponse(reply)).toMatchObject({
    data: { flags: MessageFlags.Ephemeral, allowed_mentions: { parse: [] } },
  });
}

const OWN_BUDGET =
  'Nobody sets their own budget, nor any other so that they may ask for more themselves. Nothing was changed; somebody else with Manage Server must do it.';

describe('/limits show', () => {
  it('says that there are none', async () => {
    expect(await command(outsider, 'limits show')).toMatch(/^No budgets are set/);
  });

  it('names each, and counts those that do not fit', async () => {
    await command(admin, 'limits set', { server: true, per_day: 50 });
    await command(admin, 'limits set', { per_day: 5, at_once: 1 });
    await command(admin, 'limits set', { role: ROLES.create, at_once: 3 });
    const text = await command(outsider, 'limits show');
    expect(text).toContain('• **Everybody else**: 5 tasks in 24 hours, 1 open at once');
    expect(text).toContain(`• <@&${ROLES.create}>: 3 open at once`);
    expect(text).toContain('• **The whole server**: 50 tasks in 24 hours (0 used)');
    for (let at = 0; at < 20; at += 1) {
      await command(admin, 'limits set', { person: newSnowflake(), per_day: 100_000, at_once: 100_000 });
      await command(approver, 'limits raise', { person: newSnowflake(), by: 1000 });
    }
    expect(await command(outsider, 'limits show')).toContain('… and 28 more');
  });

  it('says what is used of each, what was raised and until when, and what the one who asks has left', async () => {
    await command(admin, 'limits set', { server: true, per_day: 50, at_once: 9 });
    await command(admin, 'limits set', { person: requester.id, per_day: 2, at_once: 2 });
    await command(admin, 'limits set', { per_day: 5 });
    await command(approver, 'limits raise', { person: requester.id, by: 3 });
    await command(admin, 'limits raise', { by: 10 });
    const [rejected] = [await askFor(db), await askFor(db), await askFor(db)];
    await say(aModal(approver, customId('reject-reason', rejected), 'no'));
    await command(approver, 'jules', { prompt: 'mine' });
    const text = await command(requester, 'limits show');
    expect(text).toContain(`• <@${requester.id}>: 2 tasks in 24 hours (2 used), 2 open at once (2 now)`);
    expect(text).toContain('• **The whole server**: 50 tasks in 24 hours (3 used), 9 open at once (3 now)');
    expect(text).toMatch(new RegExp(`• raised for <@${requester.id}>: 3 more, which ends <t:\\d+:R>`));
    expect(text).toMatch(/• raised for the whole server: 10 more, which ends <t:\d+:R>/);
    expect(text).toContain('**You** have used 2 of 5 in 24 hours; 2 of 5 open now.');
    expect(await command(approver, 'limits show')).toContain('**You** have used 1 of 5 in 24 hours; 1 open now.');
    await moveClock(db.sql, 24 * 3_600_000 + 1);
    const later = await command(requester, 'limits show');
    expect(later).not.toContain('raised for');
    expect(later).toContain('**You** have used 0 of 2 in 24 hours; 2 of 2 open now.');
  });
});

describe('/limits set', () => {
  it('is for Manage Server, and says so', async () => {
    for (const person of [outsider, requester, approver]) {
      expect(await command(person, 'limits set', { per_day: 1 })).toMatch(
        /^You may not change the settings.*Manage Server/,
      );
    }
    expect(await command(outsider, 'limits show')).toMatch(/^No budgets/);
  });

  it('saves, and shows what holds now', async () => {
    expect(await command(admin, 'limits set', { person: requester.id, per_day: 0 })).toContain(
      `• <@${requester.id}>: 0 tasks in 24 hours`,
    );
  });

  it('leaves the limit that is not named as it is, and takes one away only by name', async () => {
    const set = (values: object) => command(admin, 'limits set', { server: true, ...values });
    await set({ per_day: 50, at_once: 9 });
    expect(await set({ at_once: 4 })).toContain('50 tasks in 24 hours (0 used), 4 open at once (0 now)');
    expect(await set({ per_day: 60 })).toContain('60 tasks in 24 hours (0 used), 4 open at once (0 now)');
    expect(await set({ remove: 'at_once' })).toMatch(/server\*\*: 60 tasks in 24 hours \(0 used\)$/m);
    expect(await set({ remove: 'per_day', at_once: 2 })).toMatch(/server\*\*: 2 open at once \(0 now\)$/m);
    expect(await set({ remove: 'both' })).toMatch(/^Saved\. No budgets are set/);
  });

  it('of nothing, or of a limit set and removed at once, changes nothing and says what to name', async () => {
    await command(admin, 'limits set', { per_day: 5 });
    expect(await command(admin, 'limits set', {})).toMatch(/^Name `per_day` or `at_once`, or take one away/);
    expect(await command(admin, 'limits set', { per_day: 1, remove: 'both' })).toMatch(
      /^The same limit is set and rem/,
    );
    expect(await command(admin, 'limits show')).toContain('5 tasks in 24 hours');
    expect(await lastAudit(db)).toMatchObject({ operation: 'settings.read' });
  });

  it.each([{ per_day: 1_000_000 }, { per_day: -1 }, { at_once: 1.5 }, { per_day: 'many' }])(
    'with %o, which Discord would not send, changes nothing',
    async (values) => {
      expect(await command(admin, 'limits set', values)).toMatch(/^Discord sent another version of this command/);
      expect(await lastAudit(db)).toMatchObject({ outcome: 'refused: outdated_command' });
    },
  );

  it('of two targets, or of oneself by name, changes nothing and says why', async () => {
    expect(await command(admin, 'limits set', { person: requester.id, server: true, per_day: 1 })).toMatch(
      /Name one of/,
    );
    expect(await command(admin, 'limits set', { person: admin.id, per_day: 1000 })).toBe(OWN_BUDGET);
    expect(await command(outsider, 'limits show')).toMatch(/^No budgets/);
  });
});

it('/limits set by one whom a budget binds does not let them ask for more', async () => {
  await command(admin, 'limits set', { per_day: 1 });
  expect(await command(admin, 'limits set', { per_day: 2 })).toBe(OWN_BUDGET);
  expect(await command(admin, 'limits set', { remove: 'both' })).toBe(OWN_BUDGET);
  expect(await command(admin, 'limits show')).toContain('1 task in 24 hours');
});

describe('/limits raise', () => {
  it('lets somebody else ask for more, and says until when', async () => {
    await command(admin, 'limits set', { per_day: 1 });
    await command(requester, 'jules', { prompt: 'one' });
    expect(await command(requester, 'jules', { prompt: 'two' })).toMatch(
      /^You have used the one task of 24 hours, so nothing was recorded\. There is room again <t:\d+:R>\. An approver can allow more/,
    );
    expect(await command(approver, 'limits raise', { person: requester.id, by: 1 })).toMatch(
      new RegExp(`^<@${requester.id}> may ask for 1 task more; that ends <t:\\d+:R>`),
    );
    expect(await command(requester, 'jules', { prompt: 'two' })).toContain('Task #2 recorded');
    expect(await lastAudit(db)).toMatchObject({ operation: 'task.create', outcome: 'allowed' });
  });

  it('is refused to who it would be for, and to who may not', async () => {
    expect(await command(approver, 'limits raise', { person: approver.id, by: 5 })).toMatch(/^Nobody raises their own/);
    expect(await command(requester, 'limits raise', { person: outsider.id, by: 5 })).toMatch(
      /^You may not raise limits/,
    );
    expect(await command(approver, 'limits raise', { by: 5 })).toMatch(/^You may not change the settings/);
    for (const by of [0, -1, 1001, 1_000_000]) {
      expect(await command(approver, 'limits raise', { person: requester.id, by })).toMatch(/^Discord sent another/);
    }
  });

  it('of 0 says that there is nothing to be had', async () => {
    await command(admin, 'limits set', { per_day: 0 });
    expect(await command(requester, 'jules', { prompt: 'one' })).toMatch(
      /^You may ask for no tasks here, so nothing was recorded\. An approver can allow some/,
    );
  });
});

describe('/config approval', () => {
  it('says what holds, to everybody', async () => {
    const text = await command(outsider, 'config approval');
    expect(text).toMatch(/^\*\*A task starts after one approval\.\*\*/);
    expect(text).toContain('expires after 72 hours');
  });

  it('changes what is named and leaves the rest; only with Manage Server', async () => {
    expect(await command(approver, 'config approval', { approvals: 1 })).toMatch(/^You may not change the settings/);
    const text = await command(admin, 'config approval', { approvals: 2, self_approval: false, expire_hours: 1 });
    expect(text).toMatch(/^Saved\. \*\*A task starts after 2 approvals of different people/);
    expect(text).toContain('Nobody approves what they asked for themselves.');
    expect(text).toContain('expires after 1 hour.');
    expect(await command(admin, 'config approval', { refused_key: 'move' })).toContain('after 2 approvals');
  });

  it.each([{ approvals: 0 }, { approvals: 11 }, { expire_hours: 0 }, { expire_hours: 721 }, { refused_key: 'steal' }])(
    'with %o changes nothing',
    async (values) => {
      expect(await command(admin, 'config approval', values)).toMatch(/^Discord sent another version/);
      expect(await command(admin, 'config approval')).toMatch(/^\*\*A task starts after one approval/);
    },
  );
});

describe('approving with others', () => {
  it('is told to each in private, and the last one starts it', async () => {
    await command(admin, 'config approval', { approvals: 2 });
    expect(await command(requester, 'jules', { prompt: 'x' })).toContain('It waits for 2 approvals.');
    const id = (await tasksOf(db)).at(-1)?.id ?? '';
    const first = await press(approver, id);
    expectPrivate(first);
    expect(readReply(first)).toBe(
      '✅ Your approval of task #1 counts: 1 of 2. It starts after one more, of somebody else.',
    );
    expect(readReply(await press(approver, id))).toBe(readReply(first));
    expect(await press(second, id)).toMatchObject({ kind: 'deferUpdate' });
    const late = await press(approver, id);
    expectPrivate(late);
    expect(readReply(late)).toContain(`Already confirmed by <@${second.id}>`);
  });

  it('of one’s own task is refused where the server wants somebody else, and counts first where it does not', async () => {
    await command(admin, 'config approval', { approvals: 2 });
    expect(await command(approver, 'jules', { prompt: 'x' })).toContain('It waits for 1 approval beside yours.');
    await command(admin, 'config approval', { approvals: 1, self_approval: false });
    expect(await command(approver, 'jules', { prompt: 'y' })).toContain('It waits for an approver.');
    const own = await press(approver, (await tasksOf(db)).at(-1)?.id ?? '');
    expect(readReply(own)).toMatch(/this server wants somebody else to approve it/);
  });

  it('after the hours is told that it had expired', async () => {
    await command(admin, 'config approval', { expire_hours: 1 });
    const id = await askFor(db);
    await moveClock(db.sql, 3_600_001);
    const reply = await press(approver, id);
    expectPrivate(reply);
    expect(readReply(reply)).toMatch(/^Too late for task #1\. It has expired, since nobody decided in time/);
    await moveClock(db.sql, -3_600_001);
  });
});

test('who is too fast hears in private how long to wait, whatever they asked for', async () => {
  const id = await askFor(db);
  await db.rpc('set_rates', { per_minute: { person: 2, person_in_server: 1_000_000, server: 1_000_000 } });
  const fast: Person = { id: newSnowflake(), roles: [ROLES.confirm], permissions: 1n << 5n };
  expect(await command(fast, 'limits show')).toMatch(/^No budgets/);
  const answers = [
    await command(fast, 'jules', { prompt: 'x' }),
    await command(fast, 'limits set', { per_day: 1 }),
    await command(fast, 'config approval', { approvals: 3 }),
    readReply(await press(fast, id)),
  ];
  for (const answer of answers) {
    expect(answer).toMatch(/^That was too fast, so nothing was done\. Try again in \d+ seconds?\.$/);
  }
  expect((await tasksOf(db)).map(({ status }) => status)).toEqual(['pending_confirmation']);
  await db.rpc('set_rates', { per_minute: { person: 1_000_000, server: 2 } });
  here.guild = newSnowflake();
  await command(outsider, 'limits show');
  expect(await command(fast, 'limits show')).toMatch(/^Too much is asked in this server at once.*Try again in/);
  await db.rpc('set_rates', { per_minute: { server: 1_000_000 } });
});
