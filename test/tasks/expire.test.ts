import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { changeSettings, type SettingsChange } from '#guilds/settings.ts';
import { done } from '#kernel/handler.ts';
import { taskId } from '#kernel/ids.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { expireTask } from '#tasks/expire-task.ts';
import type { TaskDecision } from '#tasks/task.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aDelivery, anAdmin, anApprover, aRequester, aServer, aTask } from '../support/tasks.ts';

let db: TestDatabase;
let guild = '930000000000000000';
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(async () => {
  guild = String(BigInt(guild) + 1n);
  await aServer(db, { guild, perDay: 10_000, atOnce: 10_000 });
});
afterAll(() => db.close());

const HOUR_MS = 3_600_000;
const policy = (changes: SettingsChange) => changeSettings(db.rpc, anAdmin({ guild }), changes);
const requester = () => aRequester({ guild });
const decide = (id: string, verb: TaskDecision = 'confirm') =>
  decideTask(db.rpc, verb === 'cancel' ? requester() : anApprover({ guild }), {
    taskId: taskId(id),
    verb,
    reason: 'no',
  });
const expire = (id: string) => expireTask({ rpc: db.rpc }, aDelivery('task', id));

async function stateOf(id: string) {
  const [task] = await db.sql`select status, decided_by, ended_by from public.tasks where id = ${id}`;
  return task;
}
const notesOf = (id: string) =>
  db.sql`select view, place, place_id from verne.messages where subject = ${`task:${id}`} and kind = 'note'`;
const factsOf = async (id: string) => {
  const rows = await db.sql`select topic from verne.events where key = ${`task:${id}`} order by id`;
  return rows.map(({ topic }) => String(topic));
};

describe('a task that nobody decides', () => {
  test('expires after its server’s hours, with a notice to who asked', async () => {
    await policy({ expire_hours: 2 });
    const task = await aTask(db, requester());
    const answer = await expire(task.id);
    expect(answer).toEqual({ kind: 'wait', until: task.policy.expires_at });
    await moveClock(db.sql, 2 * HOUR_MS - 60_000);
    expect(await expire(task.id)).toMatchObject({ kind: 'wait' });
    await moveClock(db.sql, 60_001);
    expect(await expire(task.id)).toEqual(done);
    expect(await stateOf(task.id)).toMatchObject({ status: 'expired', decided_by: null, ended_by: null });
    expect(await notesOf(task.id)).toEqual([{ view: 'expiry', place: 'channel', place_id: task.channel_id }]);
    expect(await expire(task.id)).toEqual(done);
    expect((await factsOf(task.id)).filter((topic) => topic === 'task.expired')).toHaveLength(1);
    expect(await notesOf(task.id)).toHaveLength(1);
  });

  test('keeps the hours that held when it was asked for', async () => {
    await policy({ expire_hours: 100 });
    const task = await aTask(db, requester());
    await policy({ expire_hours: 1 });
    await moveClock(db.sql, 2 * HOUR_MS);
    expect(await expire(task.id)).toMatchObject({ kind: 'wait' });
    const strict = await aTask(db, requester());
    await policy({ expire_hours: 720 });
    await moveClock(db.sql, HOUR_MS + 1);
    expect(await expire(strict.id)).toEqual(done);
    expect(await stateOf(strict.id)).toMatchObject({ status: 'expired' });
  });

  test('has expired after its hours even if nobody has noticed: who decides then is too late', async () => {
    await policy({ expire_hours: 1 });
    for (const verb of ['confirm', 'reject', 'cancel'] as const) {
      const { id } = await aTask(db, requester());
      await moveClock(db.sql, HOUR_MS + 1);
      expect(await decide(id, verb)).toMatchObject({ kind: 'too_late', task: { status: 'expired' } });
      expect(await notesOf(id)).toMatchObject([{ view: 'expiry' }]);
      expect(await expire(id)).toEqual(done);
      expect((await factsOf(id)).filter((topic) => topic === 'task.expired')).toHaveLength(1);
    }
  });

  test('of another server is not expired by a press from outside', async () => {
    await policy({ expire_hours: 1 });
    const { id } = await aTask(db, requester());
    await moveClock(db.sql, HOUR_MS + 1);
    const elsewhere = String(BigInt(guild) + 1_000_000n);
    await aServer(db, { guild: elsewhere });
    const stranger = anApprover({ guild: elsewhere });
    expect(await decideTask(db.rpc, stranger, { taskId: taskId(id), verb: 'confirm' })).toEqual({
      kind: 'unknown_task',
    });
    expect(await stateOf(id)).toMatchObject({ status: 'pending_confirmation' });
  });
});

describe('the clock is set', () => {
  test('back: a task waits until its instant, no longer', async () => {
    await policy({ expire_hours: 1 });
    const task = await aTask(db, requester());
    await moveClock(db.sql, -HOUR_MS);
    expect(await expire(task.id)).toEqual({ kind: 'wait', until: task.policy.expires_at });
    await moveClock(db.sql, HOUR_MS);
    expect(await expire(task.id)).toMatchObject({ kind: 'wait' });
    await moveClock(db.sql, HOUR_MS);
    expect(await expire(task.id)).toEqual(done);
    expect(await stateOf(task.id)).toMatchObject({ status: 'expired' });
  });

  test('on and back: what expired stays expired', async () => {
    await policy({ expire_hours: 1 });
    const { id } = await aTask(db, requester());
    await moveClock(db.sql, 2 * HOUR_MS);
    await expire(id);
    await moveClock(db.sql, -2 * HOUR_MS);
    expect(await decide(id)).toMatchObject({ kind: 'too_late', task: { status: 'expired' } });
  });
});

describe('a decision in time', () => {
  test.each(['confirm', 'reject', 'cancel'] as const)('%s ends the wait for good', async (verb) => {
    const { id } = await aTask(db, requester());
    await decide(id, verb);
    const [wait] = await db.sql`select due_at <= verne.now() as is_due from verne.deliveries
      where subscriber = 'tasks.expire' and key = ${`task:${id}`} and state = 'open'`;
    expect(wait).toEqual({ is_due: true });
    await moveClock(db.sql, 1000 * HOUR_MS);
    expect(await expire(id)).toEqual(done);
    expect(await stateOf(id)).not.toMatchObject({ status: 'expired' });
    await moveClock(db.sql, -1000 * HOUR_MS);
  });
});

describe('R02: confirm, reject, cancel and expire at once', () => {
  const DECISIONS = ['confirm', 'reject', 'cancel', 'expire'] as const;
  const STATE = { confirm: 'in_progress', reject: 'rejected', cancel: 'cancelled', expire: 'expired' } as const;
  const FACT = { confirm: 'task.confirmed', reject: 'task.rejected', cancel: 'task.cancelled', expire: 'task.expired' };

  test('in any order and any number, one decision is taken, and the others are told which', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...DECISIONS), { minLength: 2, maxLength: 6 }), async (presses) => {
        // What may follow what: who asked, or an approver, stops a task that was confirmed.
        const only = presses.includes('confirm') ? presses.filter((one) => one !== 'cancel') : presses;
        const { id } = await aTask(db, requester());
        if (only.includes('expire')) {
          await db.sql`update public.tasks set expires_at = clock_timestamp() + interval '3 ms' where id = ${id}`;
        }
        await Promise.all(only.map((one) => (one === 'expire' ? expire(id) : decide(id, one))));
        await expire(id);
        const facts = (await factsOf(id)).filter((topic) => Object.values(FACT).includes(topic));
        expect(facts).toHaveLength(1);
        const taken = DECISIONS.find((one) => FACT[one] === facts[0]);
        expect(await stateOf(id)).toMatchObject({ status: STATE[taken ?? 'expire'] });
      }),
      { numRuns: 20 },
    );
  });
});
