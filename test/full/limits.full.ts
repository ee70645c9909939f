import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Actor } from '#kernel/actor.ts';
import type { TaskView } from '#tasks/task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { recordFigure } from '../support/figures.ts';
import { answerOf, askedTask, callOf, RIVALS, wayOf } from '../support/plan-rivals.ts';
import { startPlanWorld } from '../support/plan-world.ts';
import { type Call, type Outcome, type Racers, startRacers } from '../support/races.ts';
import { seeded } from '../support/seeded.ts';
import { anAdmin, anApprover, aRequester, aServer, aTask } from '../support/tasks.ts';

/** A tenth of the numbers is told by VERNE_SCALE=0.1: for looking, not for the page. */
const SCALE = Number(process.env['VERNE_SCALE'] ?? 1);
const record = async (row: string, figure: string) => {
  if (SCALE === 1) await recordFigure(row, figure);
  else console.info(`${row}: ${figure}`);
};
const scaled = (count: number) => Math.max(1, Math.round(count * SCALE));

let db: TestDatabase;
let racers: Racers;
let guild = '940000000000000000';
const moveOn = async () => {
  guild = String(BigInt(guild) + 1n);
  await aServer(db, { guild, perDay: 100_000, atOnce: 100_000 });
};
beforeAll(async () => {
  db = await freshDatabase();
  racers = await startRacers(db.workerUrl, { processes: 2, connections: 16 });
});
beforeEach(moveOn);
afterAll(async () => {
  await racers?.stop();
  await db.close();
});

const person = (at: number) => String(100_000_000_000_010_000n + BigInt(at));
const approver = (at: number) => anApprover({ guild, id: person(at) });
const requester = (facts: Partial<Actor> = {}) => aRequester({ guild, ...facts });
const decide = (actor: Actor, task: TaskView, verb: string): Call => ({
  name: 'decide_task',
  args: { actor, task_id: task.id, verb, reason: 'because' },
});
let asked = 0;
const ask = (actor: Actor): Call => ({
  name: 'request_task',
  args: { actor, request_key: `full-${++asked}`, wish: { prompt: 'Fix the test' } },
});
const kinds = (outcomes: readonly Outcome[], kind: string) => outcomes.filter((one) => one.kind === kind);
const count = (number: number) => number.toLocaleString('en-US');

const DECISIONS = ['task.confirmed', 'task.rejected', 'task.cancelled', 'task.expired'];
async function factsOf(tasks: readonly TaskView[]) {
  const [found] = await db.sql<{ most: number; least: number; sessions: number }[]>`
    select max(x.decisions)::int as most, min(x.decisions)::int as least, max(x.sessions)::int as sessions from (
      select (select count(*) from verne.events e where e.key = 'task:' || t.id and e.topic = any (${DECISIONS})) as decisions,
        (select count(*) from verne.sessions s where s.task_id = t.id) as sessions
      from public.tasks t where t.id = any (${tasks.map(({ id }) => id)})) x`;
  return found;
}

const ROUNDS = scaled(2000);
const APPROVERS = 50;
test('R01: of approvers who press at once one wins, and the others are told who', async () => {
  const tasks: TaskView[] = [];
  let told = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (round % 100 === 99) await moveOn();
    const task = await aTask(db, requester());
    tasks.push(task);
    const outcomes = await racers.race(
      Array.from({ length: APPROVERS }, (_, at) => decide(approver(at), task, 'confirm')),
    );
    const [winner, ...others] = kinds(outcomes, 'decided');
    expect(others).toEqual([]);
    const late = kinds(outcomes, 'too_late').filter((one) => one.task?.decided_by === winner?.task?.decided_by);
    expect(late).toHaveLength(APPROVERS - 1);
    told += late.length;
  }
  expect(await factsOf(tasks)).toEqual({ most: 1, least: 1, sessions: 1 });
  await record(
    'R01',
    `${count(ROUNDS)} rounds × ${APPROVERS} approvers from 2 processes: 1 winner each, 1 session to approve each, ${count(told)} losers told who won`,
  );
});

const INTERLEAVINGS = scaled(1000);
test('R02: confirm, reject, cancel and expire at once take one decision that ends the wait', async () => {
  const tasks: TaskView[] = [];
  const ways = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('confirm', 'reject', 'cancel', 'expire'), { minLength: 3, maxLength: 8 }),
      fc.integer({ min: 0, max: 80 }),
      async (presses, expiresMs) => {
        const task = await aTask(db, requester());
        tasks.push(task);
        await db.sql`update public.tasks set expires_at = clock_timestamp() + ${expiresMs} * interval '1 ms' where id = ${task.id}`;
        const calls = presses.map((press, at) =>
          press === 'expire'
            ? { name: 'expire_task', args: { task_id: task.id } }
            : decide(press === 'cancel' ? requester() : approver(at), task, press),
        );
        const outcomes = await racers.race(calls);
        await db.sql`update public.tasks set expires_at = clock_timestamp() where id = ${task.id} and status = 'pending_confirmation'`;
        await db.rpc('expire_task', { task_id: task.id });
        expect(kinds(outcomes, 'threw')).toEqual([]);
        const rows =
          await db.sql`select topic from verne.events where key = ${`task:${task.id}`} and topic = any (${DECISIONS}) order by id`;
        const way = rows.map(({ topic }) => String(topic)).join(' → ');
        ways.set(way, (ways.get(way) ?? 0) + 1);
        // What was confirmed may be cancelled afterwards; nothing else follows anything.
        expect(way).toMatch(/^(?:task\.(?:confirmed|rejected|cancelled|expired)|task\.confirmed → task\.cancelled)$/);
      },
    ),
    { numRuns: INTERLEAVINGS, seed: 20_261_120 },
  );
  const told = [...ways].sort(([, one], [, other]) => other - one).map(([way, times]) => `${way} ${count(times)}`);
  await record(
    'R02',
    `${count(INTERLEAVINGS)} interleavings on Postgres from 2 processes: 1 decision each (${told.join(', ')})`,
  );
});

const PLAN_ROUNDS = scaled(200);
const ANSWERERS = 50;
test('R02: of approvals, wishes for changes and a cancellation of a plan at once one has its way', async () => {
  const world = await startPlanWorld(db);
  const random = seeded(20_261_120);
  const ways = new Map<string, number>();
  for (let round = 0; round < PLAN_ROUNDS; round += 1) {
    const task = await world.planned();
    const rivals = Array.from({ length: 3 + random.below(6) }, (_, at) => callOf(random.pick(RIVALS), task, at));
    const way = wayOf(await racers.race(rivals));
    expect(way).toMatch(/^(?:approved|changed|cancelled)/);
    ways.set(way, (ways.get(way) ?? 0) + 1);
  }
  let answered = 0;
  for (; answered < PLAN_ROUNDS / 10; answered += 1) {
    const task = await askedTask(world, 'Which way?');
    const outcomes = await racers.race(Array.from({ length: ANSWERERS }, (_, at) => answerOf(task, at)));
    expect([kinds(outcomes, 'told').length, kinds(outcomes, 'answered').length]).toEqual([1, ANSWERERS - 1]);
  }
  await world.close();
  const told = [...ways].sort(([, one], [, other]) => other - one).map(([way, times]) => `${way} ${count(times)}`);
  await record(
    'R02',
    `${count(PLAN_ROUNDS)} plans pressed at once from 2 processes: never approved and changed (${told.join(', ')}); ${count(answered)} questions answered by ${ANSWERERS} at once: 1 answer each`,
  );
});

const SLOT_ROUNDS = scaled(1000);
const PARALLEL = 100;
test('R09: the last place of a budget is given once', async () => {
  let given = 0;
  for (let round = 0; round < SLOT_ROUNDS; round += 1) {
    const limit = 1 + (round % 20);
    if (limit === 1) await moveOn();
    const which = round % 40 < 20 ? 'per_day' : 'at_once';
    const whose = round % 80 < 40 ? 'person' : 'server';
    await db.sql`delete from verne.budgets where guild_id = ${guild}`;
    const budget = { kind: whose, id: '', [which]: limit };
    await db.rpc('change_budget', { actor: anAdmin({ guild }), budget });
    const people = Array.from({ length: PARALLEL }, (_, at) => requester(whose === 'server' ? { id: person(at) } : {}));
    const outcomes = await racers.race(people.map(ask));
    const taken = kinds(outcomes, 'requested').length;
    expect(taken).toBe(1);
    expect(kinds(outcomes, 'over_budget')).toHaveLength(PARALLEL - 1);
    given += taken;
  }
  await record(
    'R09',
    `${count(SLOT_ROUNDS)} rounds × ${PARALLEL} parallel requests from 2 processes, limits of 1 to 20 a day or at once, of a person or a server: never one more than allowed, never one less (${count(given)} given)`,
  );
});

const OURS = { person: 60, person_in_server: 40, server: 600 };
const LIFTED = { person: 1_000_000, person_in_server: 1_000_000, server: 1_000_000 };
const rates = (per_minute: object) => db.rpc('set_rates', { per_minute });
const read = (actor: Actor): Call => ({ name: 'read_settings', args: { actor } });
const passed = (outcomes: readonly Outcome[]) => kinds(outcomes, 'settings').length;
const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));
const p95 = (times: number[]) => times.sort((one, other) => one - other)[Math.floor(times.length * 0.95)] ?? 0;

/** What each of some quiet people waits for an answer while `noise` goes on. */
async function quietPeople(noise: Promise<unknown>) {
  let isOver = false;
  void noise.then(() => (isOver = true));
  const times: number[] = [];
  let refused = 0;
  for (let at = 0; !isOver; at += 1) {
    const startedAt = performance.now();
    const outcome = (await db.rpc('read_settings', { actor: requester({ id: person(5000 + (at % 40)) }) })) as Outcome;
    times.push(performance.now() - startedAt);
    refused += Number(outcome.kind !== 'settings');
    await pause(150);
  }
  return { p95Ms: p95(times), refused, asked: times.length };
}

const SPAM_S = Math.max(5, scaled(30));
test('D06: who spams has their own allowance, and nobody else less', async () => {
  await rates(OURS);
  const before = await quietPeople(pause(4000));
  const spammer = requester({ id: person(9000) });
  let [sent, through] = [0, 0];
  const spam = async () => {
    const startedAt = performance.now();
    for (let second = 1; second <= SPAM_S; second += 1) {
      const outcomes = await racers.race(Array.from({ length: 100 }, () => read(spammer)));
      sent += outcomes.length;
      through += passed(outcomes);
      await pause(Math.max(0, startedAt + second * 1000 - performance.now()));
    }
    return (performance.now() - startedAt) / 1000;
  };
  const spamming = spam();
  const during = await quietPeople(spamming);
  const allowed = OURS.person_in_server / 2 + ((await spamming) * OURS.person_in_server) / 60;
  expect(Math.abs(through - allowed)).toBeLessThanOrEqual(1.5);
  expect(during.refused).toBe(0);

  await moveOn();
  const startedAt = performance.now();
  const crowd = Array.from({ length: 1000 }, (_, at) => read(requester({ id: person(10_000 + (at % 100)) })));
  const crowdThrough = passed(await racers.race(crowd));
  const earned = ((performance.now() - startedAt) / 60_000) * OURS.server;
  expect(crowdThrough).toBeGreaterThanOrEqual(OURS.server / 2 - 1);
  expect(crowdThrough).toBeLessThanOrEqual(OURS.server / 2 + earned + 1);
  await rates(LIFTED);
  await record(
    'D06',
    `one person, ${count(sent)} commands at 100/s: ${through} pass, ${allowed.toFixed(1)} are allowed; ${during.asked} commands of others meanwhile: ${during.refused} refused, p95 ${during.p95Ms.toFixed(0)} ms (${before.p95Ms.toFixed(0)} ms without the spam); 100 people × 10 at once: ${crowdThrough} pass, ${OURS.server / 2} and ${earned.toFixed(1)} earned meanwhile are allowed`,
  );
});

const HOPS = Math.max(200, scaled(1000));
test('D09: who hops from server to server has one allowance', async () => {
  await rates(OURS);
  const startedAt = performance.now();
  const outcomes = await racers.race(
    Array.from({ length: HOPS }, (_, at) =>
      read(requester({ id: person(20_000), guild: String(950_000_000_000_000_000n + BigInt(at)) })),
    ),
  );
  const earned = (performance.now() - startedAt) / 1000;
  expect(passed(outcomes)).toBeGreaterThanOrEqual(OURS.person / 2);
  expect(passed(outcomes)).toBeLessThanOrEqual(OURS.person / 2 + earned + 1);
  await rates(LIFTED);
  await record(
    'D09',
    `one person in ${count(HOPS)} servers at once: ${passed(outcomes)} commands pass, ${OURS.person / 2} and ${earned.toFixed(1)} earned meanwhile are allowed; 0 past the limit`,
  );
});
