import type { Sql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IMPATIENT, type RunningSandbox, startSandbox } from '../support/sandbox.ts';
import { dataFolder, defectsOf, openDatabase } from '../support/sandbox-data.ts';
import { askOnce, confirmOnce } from '../support/steadfast.ts';
import { cardOf, expectToldOnce, sessionsOf, titleOf } from '../support/story.ts';

/**
 * Kills at random instants, while tasks keep coming. The seed decides when; it is told, so that a run can be had again:
 * VERNE_SEED and VERNE_KILLS choose another.
 */
const SEED = Number(process.env['VERNE_SEED'] ?? 20261120);
const KILLS = Number(process.env['VERNE_KILLS'] ?? 100);
const KILLS_PER_TASK = 2;
const MAX_LIFE_MS = 2500;

let sandbox: RunningSandbox;
let sql: Sql;
let data: Awaited<ReturnType<typeof dataFolder>>;
beforeAll(async () => {
  data = await dataFolder();
  sandbox = await startSandbox({ data: data.folder, env: IMPATIENT });
  sql = await openDatabase(data.folder);
  await sandbox.drive('faults', { limits: 'off', latencyMs: 20 });
  await sandbox.drive('jules', { settings: { planExpiresMs: 4_000_000 } });
}, 60_000);
afterAll(async () => {
  await sql?.end({ timeout: 5 });
  await sandbox?.stop();
  await data.remove();
});

/** mulberry32: the same numbers on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));
const storyOf = (at: number) => ({ prompt: `Random story ${at} of seed ${SEED};` });
const TASKS = Math.ceil(KILLS / KILLS_PER_TASK);

async function killAtRandom(random: () => number): Promise<number> {
  let killed = 0;
  while (killed < KILLS) {
    await pause(random() * MAX_LIFE_MS);
    const pid = await sandbox.botPid();
    if (pid === undefined) continue;
    process.kill(pid, 'SIGKILL');
    killed += 1;
  }
  return killed;
}

test(`${KILLS} kills at random (seed ${SEED}) lose nothing and do nothing twice`, { timeout: 1_800_000 }, async () => {
  const killing = killAtRandom(randomFrom(SEED));
  for (let at = 0; at < TASKS; at += 1) {
    await askOnce(sandbox, sql, storyOf(at));
    await confirmOnce(sandbox, storyOf(at));
  }
  expect(await killing).toBe(KILLS);
  for (let at = 0; at < TASKS; at += 1) {
    const ended = (card = '') => /^✅ PR ready/.test(card);
    await sandbox.until(`the end of story ${at}`, (state) => ended(titleOf(cardOf(state, storyOf(at)))), 120_000);
  }
  await pause(Number(IMPATIENT.VERNE_DISCORD_INTENT_MS) + Number(IMPATIENT.VERNE_JULES_INTENT_MS));
  const state = await sandbox.state();
  for (let at = 0; at < TASKS; at += 1) {
    expectToldOnce(state, storyOf(at));
    expect(sessionsOf(state, storyOf(at)).filter(({ approved }) => approved)).toHaveLength(1);
  }
  expect(state.messages.filter(({ content }) => content.startsWith('✅ PR ready'))).toHaveLength(TASKS);
  expect(await defectsOf(data.folder)).toEqual([]);
});
