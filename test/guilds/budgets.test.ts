import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Budget, changeBudget, raiseBudget } from '#guilds/budgets.ts';
import type { Actor } from '#kernel/actor.ts';
import { taskId } from '#kernel/ids.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { requestTask } from '#tasks/request-task.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { anAdmin, anApprover, aRequester, aServer, CREATE_ROLE } from '../support/tasks.ts';

let db: TestDatabase;
let guild = '910000000000000000';
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(async () => {
  guild = String(BigInt(guild) + 1n);
  await aServer(db, { guild, perDay: 10_000, atOnce: 10_000 });
  // What the admin sets binds others: this entry of their own stands before it.
  await changeBudget(db.rpc, anotherAdmin(), { kind: 'person', id: admin().id, per_day: 100_000 });
});
afterAll(() => db.close());

const HOUR_MS = 3_600_000;
const OTHER_ROLE = '300000000000000009';
const admin = () => anAdmin({ guild });
const anotherAdmin = (facts: Partial<Actor> = {}) => anAdmin({ guild, id: '100000000000000094', ...facts });
const approver = (facts: Partial<Actor> = {}) => anApprover({ guild, ...facts });
const requester = (facts: Partial<Actor> = {}) => aRequester({ guild, ...facts });

const limit = (budget: Partial<Budget>) =>
  changeBudget(db.rpc, admin(), { kind: 'person', id: '', per_day: null, at_once: null, ...budget });
const raise = (actor: Actor, person: string | null, extra = 1) => raiseBudget(db.rpc, actor, { person, extra });

let asked = 0;
const ask = (actor = requester()) =>
  requestTask(db.rpc, actor, { requestKey: `budget-${++asked}`, prompt: 'Fix the test' });
async function askTimes(times: number, actor?: Actor) {
  const kinds: string[] = [];
  for (let at = 0; at < times; at += 1) kinds.push((await ask(actor)).kind);
  return kinds;
}
const taken = (kinds: readonly string[]) => kinds.filter((kind) => kind === 'requested').length;

async function asTask(actor?: Actor) {
  const outcome = await ask(actor);
  if (outcome.kind !== 'requested') throw new Error(`refused: ${JSON.stringify(outcome)}`);
  return outcome.task;
}
const decide = (id: string, verb: 'confirm' | 'reject' | 'cancel', actor: Actor = approver()) =>
  decideTask(db.rpc, actor, { taskId: taskId(id), verb, reason: 'because' });

describe('a budget', () => {
  test('of a day stops hard, and says when there is room again', async () => {
    await limit({ per_day: 3 });
    const before = Date.now();
    expect(await askTimes(4)).toEqual(['requested', 'requested', 'requested', 'over_budget']);
    const refused = await ask();
    expect(refused).toMatchObject({ whose: 'person', limit: 'per_day', allowed: 3, used: 3 });
    const againAt = refused.kind === 'over_budget' ? refused.again_at?.getTime() : undefined;
    expect(againAt).toBeGreaterThanOrEqual(before + 24 * HOUR_MS - 1000);
    expect(againAt).toBeLessThanOrEqual(Date.now() + 24 * HOUR_MS);
    await moveClock(db.sql, 24 * HOUR_MS + 1);
    expect(taken(await askTimes(4))).toBe(3);
  });

  test('what is refused leaves no task, no card and no fact, only its entry in the audit', async () => {
    await limit({ per_day: 0 });
    const counts = async () => {
      const [found] = await db.sql`select (select count(*) from public.tasks)::int as tasks,
        (select count(*) from verne.messages)::int as messages,
        (select count(*) from verne.events where topic like 'task.%')::int as events`;
      return found;
    };
    const before = await counts();
    expect((await ask()).kind).toBe('over_budget');
    expect(await counts()).toEqual(before);
    const [last] = await db.sql`select outcome from verne.audit where guild_id = ${guild} order by seq desc limit 1`;
    expect(last?.outcome).toBe('refused: over_budget');
  });

  test('of what is open gives its place back when one ends, however it ends', async () => {
    await limit({ at_once: 1 });
    for (const verb of ['reject', 'cancel'] as const) {
      const { id } = await asTask();
      expect(await ask()).toMatchObject({ kind: 'over_budget', limit: 'at_once', used: 1, allowed: 1 });
      await decide(id, verb);
    }
    const { id } = await asTask();
    await decide(id, 'confirm');
    expect((await ask()).kind).toBe('over_budget');
    await decide(id, 'cancel');
    expect((await ask()).kind).toBe('requested');
  });

  test('what was rejected or expired is given back to the day; what was cancelled is not', async () => {
    await limit({ per_day: 1 });
    await decide((await asTask()).id, 'reject');
    const { id } = await asTask();
    await db.sql`update public.tasks set expires_at = verne.now() where id = ${id}`;
    await db.rpc('expire_task', { task_id: id });
    await decide((await asTask()).id, 'cancel');
    expect((await ask()).kind).toBe('over_budget');
  });

  test('of the server binds everybody together, also approvers', async () => {
    await limit({ kind: 'server', per_day: 2 });
    expect(taken(await askTimes(1, requester({ id: '100000000000000091' })))).toBe(1);
    expect(taken(await askTimes(2, approver()))).toBe(1);
    expect(await ask(requester())).toMatchObject({ kind: 'over_budget', whose: 'server', used: 2 });
  });

  test('a person’s own counts before that of their roles, the most generous of those, that before everybody’s', async () => {
    const person = requester({ roles: [CREATE_ROLE, OTHER_ROLE] });
    await limit({ per_day: 1 });
    expect(taken(await askTimes(2, person))).toBe(1);
    await limit({ kind: 'role', id: CREATE_ROLE, per_day: 2 });
    expect(taken(await askTimes(2, person))).toBe(1);
    await limit({ kind: 'role', id: OTHER_ROLE, per_day: 3 });
    expect(taken(await askTimes(2, person))).toBe(1);
    await limit({ id: person.id, per_day: 2 });
    expect(await ask(person)).toMatchObject({ kind: 'over_budget', allowed: 2, used: 3 });
    expect(taken(await askTimes(2, requester({ id: '100000000000000092', roles: [CREATE_ROLE] })))).toBe(2);
  });

  test('of another server is none of this one', async () => {
    await limit({ per_day: 0 });
    const elsewhere = String(BigInt(guild) + 1_000_000n);
    await aServer(db, { guild: elsewhere });
    expect((await ask(requester({ guild: elsewhere }))).kind).toBe('requested');
    const nothing = { kind: 'person', id: '', per_day: 0, at_once: null } as const;
    await changeBudget(db.rpc, anAdmin({ guild: elsewhere }), nothing);
    await limit({ per_day: 100 });
    expect((await ask(requester({ guild: elsewhere }))).kind).toBe('over_budget');
  });

  test('of 0 lets nothing through and names no time, of 100,000 is a limit like any', async () => {
    await limit({ per_day: 0 });
    expect(await ask()).toMatchObject({ kind: 'over_budget', allowed: 0, used: 0, again_at: null });
    await limit({ per_day: 100_000, at_once: 100_000 });
    expect((await ask()).kind).toBe('requested');
    await expect(limit({ per_day: 1_000_000 })).rejects.toThrow('per_day_is_sensible');
    await expect(limit({ at_once: -1 })).rejects.toThrow('at_once_is_sensible');
  });

  test('a budget that is taken away lets everything through again', async () => {
    await limit({ per_day: 0 });
    await limit({});
    expect((await ask()).kind).toBe('requested');
  });

  test('of which two limits are set at once by two people keeps both', async () => {
    for (let round = 1; round <= 5; round += 1) {
      await Promise.all([
        changeBudget(db.rpc, admin(), { kind: 'server', id: '', per_day: round }),
        changeBudget(db.rpc, anAdmin({ guild, id: '100000000000000095' }), { kind: 'server', id: '', at_once: round }),
      ]);
      const left =
        await db.sql`select per_day, at_once from verne.budgets where guild_id = ${guild} and kind = 'server'`;
      expect(left).toEqual([{ per_day: round, at_once: round }]);
    }
  });
});

describe('who is bound by a budget', () => {
  const bound = () => anotherAdmin({ id: '100000000000000096', roles: [CREATE_ROLE] });
  const setBy = (actor: Actor, budget: Partial<Budget>) =>
    changeBudget(db.rpc, actor, { kind: 'role', id: CREATE_ROLE, ...budget });

  test('by a role does not raise it, nor takes it away, but may lower it; whom it does not bind may raise it', async () => {
    await setBy(admin(), { per_day: 1, at_once: 5 });
    for (const more of [{ per_day: 100 }, { at_once: 6 }, { per_day: null }, { per_day: null, at_once: null }]) {
      expect(await setBy(bound(), more)).toEqual({ kind: 'own_budget' });
    }
    const [last] = await db.sql`select outcome from verne.audit where guild_id = ${guild} order by seq desc limit 1`;
    expect(last?.['outcome']).toBe('refused: own_budget');
    expect(taken(await askTimes(2, bound()))).toBe(1);
    expect(await setBy(bound(), { per_day: 0 })).toEqual({ kind: 'changed' });
    expect(await setBy(admin(), { per_day: 3 })).toEqual({ kind: 'changed' });
    expect(taken(await askTimes(3, bound()))).toBe(2);
  });

  test('by that of everybody makes no way around it: by no entry of a role, nor by taking it away', async () => {
    await limit({ per_day: 0 });
    expect(await setBy(bound(), { per_day: 100 })).toEqual({ kind: 'own_budget' });
    expect(await setBy(bound(), { kind: 'person', id: '', per_day: null })).toEqual({ kind: 'own_budget' });
    expect(await setBy(bound(), { kind: 'person', id: requester().id, per_day: 7 })).toEqual({ kind: 'changed' });
    expect(await setBy(bound(), { id: OTHER_ROLE, per_day: 7 })).toEqual({ kind: 'changed' });
    expect((await ask(bound())).kind).toBe('over_budget');
  });

  test('of the whole server sets it where they may change its settings', async () => {
    await limit({ kind: 'server', per_day: 0 });
    expect(await setBy(bound(), { kind: 'server', id: '', per_day: 1 })).toEqual({ kind: 'changed' });
  });

  test('whoever runs the service is bound by none', async () => {
    await limit({ per_day: 0 });
    const operator = anotherAdmin({ id: 'operator', door: 'operator' });
    expect(await setBy(operator, { kind: 'person', id: '', per_day: 9 })).toEqual({ kind: 'changed' });
  });
});

describe('a raise', () => {
  test('by an approver lets so many more through for a day', async () => {
    await limit({ per_day: 1, at_once: 1 });
    await ask();
    expect(await raise(approver(), requester().id, 2)).toMatchObject({ kind: 'raised' });
    expect(await askTimes(3)).toEqual(['requested', 'requested', 'over_budget']);
    await moveClock(db.sql, 24 * HOUR_MS + 1);
    expect(await ask()).toMatchObject({ kind: 'over_budget', limit: 'at_once', allowed: 1, used: 3 });
  });

  test('is never of whom the budget binds, approver or not', async () => {
    await limit({ per_day: 0 });
    expect(await raise(approver(), approver().id)).toEqual({ kind: 'own_budget' });
    expect(await raise(admin(), admin().id)).toEqual({ kind: 'own_budget' });
    expect(await raise(requester(), requester().id)).toMatchObject({
      kind: 'not_permitted',
      operation: 'limits.raise',
    });
    expect((await ask(approver())).kind).toBe('over_budget');
    const entries =
      await db.sql`select outcome from verne.audit where guild_id = ${guild} and operation = 'limits.raise' order by seq`;
    expect(entries.map(({ outcome }) => outcome)).toEqual([
      'refused: own_budget',
      'refused: own_budget',
      'refused: not_permitted',
    ]);
  });

  test('nobody sets the entry that bears their name, nor takes it away, not even with Manage Server', async () => {
    const other = anotherAdmin();
    const own = { kind: 'person', id: admin().id, at_once: null } as const;
    expect(await changeBudget(db.rpc, other, { ...own, per_day: 1 })).toEqual({ kind: 'changed' });
    expect(await changeBudget(db.rpc, admin(), { ...own, per_day: 1000 })).toEqual({ kind: 'own_budget' });
    expect(await changeBudget(db.rpc, admin(), { ...own, per_day: null })).toEqual({ kind: 'own_budget' });
    const left = await db.sql`select per_day from verne.budgets where guild_id = ${guild}`;
    expect(left).toMatchObject([{ per_day: 1 }]);
  });

  test('of the whole server takes Manage Server', async () => {
    await limit({ kind: 'server', per_day: 0 });
    expect(await raise(approver(), null)).toMatchObject({ kind: 'not_permitted', operation: 'settings.change' });
    expect(await raise(admin(), null)).toMatchObject({ kind: 'raised' });
    expect(await askTimes(2)).toEqual(['requested', 'over_budget']);
  });

  test('of one person is none of another, and none of their server', async () => {
    await limit({ per_day: 0 });
    await limit({ kind: 'server', per_day: 1 });
    await raise(approver(), requester().id, 5);
    expect(await ask(requester({ id: '100000000000000093' }))).toMatchObject({ kind: 'over_budget', whose: 'person' });
    expect(await askTimes(1)).toEqual(['requested']);
    expect(await ask()).toMatchObject({ kind: 'over_budget', whose: 'server' });
  });

  test.each([0, -1, 1001, 1_000_000])('by %i is refused by the database', async (extra) => {
    await expect(raise(approver(), requester().id, extra)).rejects.toThrow('extra_is_sensible');
  });
});

describe('R09: the last place', () => {
  const ROUNDS = 4;
  const PARALLEL = 25;

  test.each([
    ['per_day', 'server'],
    ['at_once', 'server'],
    ['per_day', 'person'],
  ] as const)('of %s of a %s is given once, however many reach for it', async (which, whose) => {
    for (let round = 1; round <= ROUNDS; round += 1) {
      await limit({ kind: whose, [which]: round });
      const people = Array.from({ length: PARALLEL }, (_, at) =>
        whose === 'person' ? requester() : requester({ id: `1000000000000002${10 + at}` }),
      );
      const outcomes = await Promise.all(people.map((person) => ask(person)));
      expect(taken(outcomes.map(({ kind }) => kind))).toBe(1);
    }
  });
});
