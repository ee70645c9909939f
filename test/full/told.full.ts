import type { Sql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordFigure } from '../support/figures.ts';
import { IMPATIENT, type RunningSandbox, type State, startSandbox } from '../support/sandbox.ts';
import { dataFolder, defectsOf, type LogLine, logOf, openDatabase } from '../support/sandbox-data.ts';
import { seeded } from '../support/seeded.ts';
import { confirmOnce } from '../support/steadfast.ts';
import { cardOf, type Story } from '../support/story.ts';
import { buttonOf, fateOf, heardBy, TELLING, type Telling, type Told, tellFrom } from '../support/teller.ts';

/**
 * People tell Jules things of all kinds while the bot is killed: at random, and right at the steps of telling. Jules
 * answers errors before and after its effect, breaks connections and hears some of it late. VERNE_SEED and VERNE_KILLS
 * choose another run.
 */
const SEED = Number(process.env['VERNE_SEED'] ?? 20261120);
const KILLS = Number(process.env['VERNE_KILLS'] ?? 60);
/** So many at least: more are asked for while there are kills to come. */
const TASKS = Number(process.env['VERNE_TASKS'] ?? 36);
const PER_TASK = 6;
const REPLIES = 2;
/** So long it may work at most before somebody waits for the moment of the next kill. */
const LIFE_MS = 2000;
/** A machine that runs all of this at once may take longer than a second to answer. */
const ENV = { ...IMPATIENT, VERNE_DISCORD_TIMEOUT_MS: '3000', VERNE_DISCORD_INTENT_MS: '4000' };
/** So many people at once. */
const AT_ONCE = 9;

let sandbox: RunningSandbox;
let sql: Sql;
let data: Awaited<ReturnType<typeof dataFolder>>;
beforeAll(async () => {
  data = await dataFolder();
  sandbox = await startSandbox({ data: data.folder, env: ENV });
  sql = await openDatabase(data.folder);
  await sandbox.drive('faults', { limits: 'off', latencyMs: 5 });
  await sandbox.drive('jules', { settings: { planExpiresMs: 40_000_000 } });
}, 60_000);
afterAll(async () => {
  await sql?.end({ timeout: 5 });
  await sandbox?.stop();
  await data.remove();
});

const random = seeded(SEED);
const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));
const storyOf = (at: number): Story => ({
  prompt: `Told ${at} of seed ${SEED}; sandbox:${at % 2 === 0 ? 'question' : 'slow'}`,
});

/** The next thing that somebody does at a card; undefined where it waits for Jules. */
function nextOf(state: State, story: Story, said: number): Telling | 'approve_plan' | undefined {
  const card = cardOf(state, story);
  const replies = told.filter((one) => one.kind === 'steer' && one.story.prompt === story.prompt).length;
  const wanted = (verb: Telling) => verb !== 'reply' || replies < REPLIES;
  const offered = (Object.keys(TELLING) as Telling[]).filter((verb) => wanted(verb) && buttonOf(card, verb));
  if (buttonOf(card, 'approve_plan') && said > 0) return 'approve_plan';
  return offered[0];
}

const told: Told[] = [];
/** Of these nobody knows whether they were kept. */
const unsure: Told[] = [];
/** Says one thing where the card offers it, or approves the plan; true where it was kept. */
async function sayNext(story: Story, { said, word }: { said: number; word: string }): Promise<boolean> {
  const state = await sandbox.state();
  const next = nextOf(state, story, said);
  const card = cardOf(state, story);
  if (!next || !card) {
    await pause(60);
    return false;
  }
  if (next === 'approve_plan') {
    await sandbox.drive('press', { as: 'approver', message: card.id, custom_id: buttonOf(card, next) });
    await pause(800);
    return false;
  }
  const one = { story, kind: TELLING[next], text: word };
  const answer = await tellFrom(sandbox, { card, verb: next, text: word });
  // Whoever is not answered says it anew, in other words: the first may have been heard.
  if (answer === 'unanswered') unsure.push(one);
  if (answer === 'kept') told.push(one);
  else await pause(200);
  return answer === 'kept';
}

async function stateOf({ prompt }: Story): Promise<string> {
  const rows = await sql`select t.status, s.phase, s.jules_state, i.kind, i.state, i.attempts, i.attempted_at
    from public.tasks t left join verne.sessions s on s.task_id = t.id left join verne.instructions i on i.task_id = t.id
    where t.prompt = ${prompt}`;
  return JSON.stringify(rows);
}

async function tellStory(at: number): Promise<void> {
  const story = storyOf(at);
  while (!(await askedFor(story))) await pause(200);
  await confirmOnce(sandbox, story, 120_000);
  const deadline = Date.now() + 450_000;
  for (let [said, tries] = [0, 0]; said < PER_TASK; tries += 1) {
    if (Date.now() > deadline)
      throw new Error(`"${story.prompt}" came no further than ${said}: ${await stateOf(story)}`);
    said += Number(await sayNext(story, { said, word: `Word ${at}.${tries}.` }));
  }
}

/** Its plan is read first, so that changes can be asked for. */
async function askedFor(story: Story): Promise<boolean> {
  const found = await sql`select 1 from public.tasks where prompt = ${story.prompt}`;
  if (found.length > 0) return true;
  const options = { prompt: story.prompt, plan: 'read' };
  const { error } = await sandbox.drive('command', { as: 'requester', name: 'jules', options });
  if (error) await pause(300);
  return false;
}

const ILLS = [
  { kind: 'slow', ms: 600 },
  { kind: 'slow', ms: 600 },
  { kind: 'error_before', status: 500 },
  { kind: 'error_after', status: 500 },
  { kind: 'drop_before' },
  { kind: 'drop_after' },
  { kind: 'reset_body' },
  { kind: 'late_landing', ms: 1200 },
] as const;

const waits = (what: 'intent' | 'record') =>
  what === 'intent'
    ? sql`select 1 from verne.instructions where state = 'waiting' and attempted_at is not null limit 1`
    : sql`select 1 from verne.messages where view = 'told' and message_id is null and parked_reason is null limit 1`;

/** When to kill: at random, or as soon as Jules has heard something, an intent is recorded, or somebody is to be told. */
const MOMENTS = ['random', 'effect', 'intent', 'record'] as const;
async function untilMoment(moment: (typeof MOMENTS)[number]): Promise<void> {
  if (moment === 'random') {
    await pause(random.next() * 2500);
    return;
  }
  const heard = async () =>
    (await sandbox.state()).sessions.flatMap(({ messages }) => messages.filter(({ from }) => from === 'user')).length;
  const before = moment === 'effect' ? await heard() : 0;
  const until = Date.now() + 2500;
  while (Date.now() < until) {
    if (moment === 'effect' ? (await heard()) > before : (await waits(moment)).length > 0) return;
    await pause(moment === 'effect' ? 20 : 5);
  }
}

/** Who never comes to work tells nothing of being killed at it. */
async function untilBack(killed: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const pid = await sandbox.botPid();
    const isReady = ({ msg, pid: of }: LogLine) => msg === 'The gateway is ready' && of === pid;
    if (pid !== undefined && pid !== killed && (await logOf(data.folder)).some(isReady)) return;
    if (Date.now() > deadline) throw new Error('the bot did not come back');
    await pause(50);
  }
}

let over = false;
const kills = { random: 0, effect: 0, intent: 0, record: 0 };
const killCount = () => Object.values(kills).reduce((sum, one) => sum + one);
async function killOn(): Promise<void> {
  while (killCount() < KILLS && !over) {
    const ill = random.pick(ILLS);
    await sandbox.drive('faults', { jules: { on: 'message', ...ill, times: 1 + random.below(2) } });
    const moment = random.pick(MOMENTS);
    await untilMoment(moment);
    const pid = await sandbox.botPid();
    if (pid === undefined) continue;
    process.kill(pid, 'SIGKILL');
    kills[moment] += 1;
    await untilBack(pid);
    await pause(1500 + random.next() * LIFE_MS);
  }
}

test(`K15: what people tell Jules under ${KILLS} kills (seed ${SEED}) reaches it once and in order, and they are told`, async () => {
  let isKilling = true;
  const killing = killOn().finally(() => {
    isKilling = false;
  });
  let tasks = 0;
  const work = async () => {
    while (tasks < TASKS || isKilling) await tellStory(tasks++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  over = true;
  await killing;
  const done = async () => (await sql`select 1 from verne.instructions where state = 'waiting'`).length === 0;
  await expect.poll(done, { timeout: 120_000, interval: 200 }).toBe(true);
  const isTold = async () => {
    const state = await sandbox.state();
    return told.every((one) => fateOf(state, one).told + fateOf(state, one).givenBack > 0);
  };
  await expect.poll(isTold, { timeout: 60_000, interval: 500 }).toBe(true);
  await pause(Number(ENV.VERNE_DISCORD_INTENT_MS) + Number(ENV.VERNE_JULES_INTENT_MS));

  const kept = new Set((await sql`select text from verne.instructions`).map(({ text }) => String(text)));
  expect(told.filter(({ text }) => !kept.has(text))).toEqual([]);
  const heardAnyway = unsure.filter(({ text }) => kept.has(text));
  told.push(...heardAnyway);
  const state = await sandbox.state();
  const fates = told.map((one) => ({ ...one, ...fateOf(state, one) }));
  const wrong = fates.filter(({ heard, told: yes, givenBack }) => !(heard === yes && yes + givenBack === 1));
  expect(wrong).toEqual([]);
  const wordOf = (text: string) => Number(/Word \d+\.(\d+)\./.exec(text)?.[1]);
  for (let at = 0; at < tasks; at += 1) {
    const heard = heardBy(state, storyOf(at)).map(wordOf);
    expect(heard).toEqual(heard.toSorted((one, other) => one - other));
  }
  expect(await defectsOf(data.folder)).toEqual([]);
  const kinds = Object.entries(Object.groupBy(fates, ({ kind }) => kind)).map(
    ([kind, all]) => `${all?.length} ${kind}`,
  );
  const back = fates.filter(({ givenBack }) => givenBack > 0).length;
  const moments = Object.entries(kills).map(([moment, times]) => `${times} ${moment}`);
  const figure = `${told.length} instructions (${kinds.join(', ')}) of ${tasks} tasks under ${killCount()} kills (${moments.join(', ')}; seed ${SEED}) and errors of Jules before and after its effect, ${heardAnyway.length} of them never acknowledged: 0 lost, 0 doubled, 0 out of order; ${told.length - back} told and said to be, ${back} given back unsent`;
  if (told.length >= 200 && killCount() >= 20) await recordFigure('K15', figure);
  else console.info(figure);
});
