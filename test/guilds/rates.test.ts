import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '#config.ts';
import { readSettings } from '#guilds/settings.ts';
import type { Actor } from '#kernel/actor.ts';
import { taskId } from '#kernel/ids.ts';
import { mayDecide } from '#tasks/may-decide.ts';
import { anActor } from '../support/actors.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

const HOUR_MS = 3_600_000;
const FREE = 1_000_000;
let ids = 100_000_000_000_000_000n;
const newId = () => String(++ids);
/** Somebody, and a server, whom no test has met. */
const somebody = (facts: Partial<Actor> = {}) => anActor({ id: newId(), guild: newId(), ...facts });

type Rates = { person?: number; person_in_server?: number; server?: number };
const setRates = (rates: Rates) =>
  db.rpc('set_rates', { per_minute: { person: FREE, person_in_server: FREE, server: FREE, ...rates } });

/** 20 a minute: 10 at once, then one in 3 s. */
const RATE = 20;
const BURST = RATE / 2;
const STEP_MS = 60_000 / RATE;

const waitOf = async (actor: Actor) => {
  const outcome = await readSettings(db.rpc, actor);
  return outcome.kind === 'too_fast' ? outcome.wait_ms : 0;
};

/** How many of these pass, and how many more the time that they took may have allowed. */
async function passing(actors: readonly Actor[], how: 'at once' | 'in turn' = 'in turn') {
  const startedAt = performance.now();
  const waits: number[] = [];
  if (how === 'at once') waits.push(...(await Promise.all(actors.map(waitOf))));
  else for (const actor of actors) waits.push(await waitOf(actor));
  const earned = Math.ceil((performance.now() - startedAt) / STEP_MS);
  return { passed: waits.filter((wait) => wait === 0).length, earned };
}

const times = (count: number, actor: Actor) => Array.from({ length: count }, () => actor);

async function expectAllowance(actors: readonly Actor[], allowance: number, how?: 'at once') {
  const { passed, earned } = await passing(actors, how);
  expect(passed).toBeGreaterThanOrEqual(allowance);
  expect(passed).toBeLessThanOrEqual(allowance + earned);
}

describe('D06: a person acts as often as allowed, and no more', () => {
  test('a look before a dialog takes nothing, and is refused where the act would be', async () => {
    await setRates({ person: RATE });
    const who = somebody();
    const look = () => mayDecide(db.rpc, who, { taskId: taskId(crypto.randomUUID()), verb: 'reject' });
    for (let at = 0; at < BURST + 5; at += 1) expect((await look()).kind).toBe('not_permitted');
    await expectAllowance(times(30, who), BURST);
    expect(await look()).toMatchObject({ kind: 'too_fast', whose: 'person' });
  });

  test.each([
    ['person', 'anywhere'],
    ['person_in_server', 'in a server'],
    ['server', 'as one of many there'],
  ])('%s: half a minute’s at once, then one a step, %s', async (scope) => {
    await setRates({ [scope]: RATE });
    const guild = newId();
    const who = somebody({ guild });
    const actors = scope === 'server' ? Array.from({ length: 30 }, () => somebody({ guild })) : times(30, who);
    await expectAllowance(actors, BURST);
    await moveClock(db.sql, 4 * STEP_MS);
    await expectAllowance(actors.slice(0, 10), 4);
    await moveClock(db.sql, 100 * STEP_MS);
    await expectAllowance(actors, BURST);
  });

  test('a hundred at once are counted as a hundred one by one', async () => {
    await setRates({ person: RATE });
    await expectAllowance(times(100, somebody()), BURST, 'at once');
  });

  test('a hundred people who press at once take what their server is allowed', async () => {
    await setRates({ server: RATE });
    const guild = newId();
    const crowd = Array.from({ length: 100 }, () => somebody({ guild }));
    await expectAllowance(crowd, BURST, 'at once');
  });

  test('the refusal names the time to wait, to the moment', async () => {
    await setRates({ person: RATE });
    const actor = somebody();
    await passing(times(BURST, actor));
    const waitMs = await waitOf(actor);
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(STEP_MS);
    await moveClock(db.sql, waitMs);
    expect(await waitOf(actor)).toBe(0);
  });

  test('who is too fast takes nothing from the others of their server', async () => {
    await setRates({ person_in_server: RATE, server: 2 * RATE });
    const spammer = somebody();
    await passing(times(60, spammer));
    const others = Array.from({ length: BURST }, () => somebody({ guild: spammer.guild }));
    expect((await passing(others)).passed).toBe(BURST);
  });

  test('who is too fast in one server keeps what they are allowed in another', async () => {
    await setRates({ person: 2 * RATE, person_in_server: RATE });
    const spammer = somebody();
    await passing(times(60, spammer));
    expect((await passing(times(BURST, { ...spammer, guild: newId() }))).passed).toBe(BURST);
  });

  test('a refusal says whether the person or the server was too fast', async () => {
    await setRates({ person: RATE });
    const actor = somebody();
    await passing(times(BURST, actor));
    expect(await readSettings(db.rpc, actor)).toMatchObject({ kind: 'too_fast', whose: 'person' });
    await setRates({ server: RATE });
    const guild = newId();
    await passing(Array.from({ length: BURST }, () => somebody({ guild })));
    expect(await readSettings(db.rpc, somebody({ guild }))).toMatchObject({ kind: 'too_fast', whose: 'server' });
  });

  test('a flood of refusals leaves one entry in the audit, until something passes again', async () => {
    await setRates({ person: RATE });
    const actor = somebody();
    const { passed } = await passing(times(60, actor));
    const entries = () => db.sql`select outcome from verne.audit where guild_id = ${actor.guild} order by seq`;
    const refusals = (await entries()).filter(({ outcome }) => outcome === 'refused: too_fast');
    expect(refusals.length).toBeGreaterThan(0);
    expect(refusals.length).toBeLessThanOrEqual(1 + passed - BURST);
    await db.rpc('record_refusal', { actor, operation: 'task.create', code: 'malformed_repo' });
    expect((await entries()).some(({ outcome }) => outcome === 'refused: malformed_repo')).toBe(false);
    await moveClock(db.sql, HOUR_MS);
    await db.rpc('record_refusal', { actor, operation: 'task.create', code: 'malformed_repo' });
    expect((await entries()).at(-1)?.outcome).toBe('refused: malformed_repo');
  });
});

test('D09: who hops from server to server has one allowance', async () => {
  await setRates({ person: RATE });
  const id = newId();
  const hops = Array.from({ length: 50 }, () => somebody({ id }));
  await expectAllowance(hops, BURST, 'at once');
});

describe('the clock jumps', () => {
  test('an hour back: nobody waits longer than an empty allowance takes to fill', async () => {
    await setRates({ person: RATE });
    const actor = somebody();
    await passing(times(BURST, actor));
    await moveClock(db.sql, -HOUR_MS);
    const { passed } = await passing(times(10, actor));
    expect(passed).toBeGreaterThanOrEqual(1);
    expect(passed).toBeLessThanOrEqual(2);
    expect(await waitOf(actor)).toBeLessThanOrEqual(STEP_MS);
    await moveClock(db.sql, 4 * STEP_MS);
    await expectAllowance(times(10, actor), 4);
    await moveClock(db.sql, HOUR_MS);
  });

  test('an hour on: everybody has a full allowance, and not more', async () => {
    await setRates({ person: RATE });
    const actor = somebody();
    await passing(times(BURST, actor));
    await moveClock(db.sql, HOUR_MS);
    await expectAllowance(times(30, actor), BURST);
  });
});

describe('what is configured', () => {
  const read = (value: string) =>
    readConfig({
      DISCORD_TOKEN: 'x',
      VERNE_PERSON_PER_MINUTE: value,
      VERNE_PERSON_IN_SERVER_PER_MINUTE: value,
      VERNE_SERVER_PER_MINUTE: value,
    }).rates;

  test('a million a minute is taken, and holds nobody up', async () => {
    const rates = read('1000000');
    expect(rates).toEqual({ person: FREE, person_in_server: FREE, server: FREE });
    await db.rpc('set_rates', { per_minute: rates });
    expect((await passing(times(100, somebody()), 'at once')).passed).toBe(100);
  });

  test('one a minute is taken: one action, then a minute', async () => {
    await db.rpc('set_rates', { per_minute: read('1') });
    const actor = somebody();
    expect(await waitOf(actor)).toBe(0);
    expect(await waitOf(actor)).toBeGreaterThan(30_000);
  });

  test.each(['0', '-1', '1.5', '1000001', 'many'])('%s is refused with a sentence that names the variable', (value) => {
    expect(() => read(value)).toThrow(/VERNE_PERSON_PER_MINUTE: .+ How often a person may act in a minute/);
  });
});
