import type { Sql } from 'postgres';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { IMPATIENT, type Message, type RunningSandbox, type State, startSandbox } from '../support/sandbox.ts';
import { dataFolder, defectsOf, logOf, openDatabase } from '../support/sandbox-data.ts';
import { askOnce, confirmOnce } from '../support/steadfast.ts';
import {
  cardOf,
  expectToldOnce,
  outcomesOf,
  type Story,
  sessionsOf,
  threadsOf,
  titleOf,
  untilTold,
} from '../support/story.ts';
import { buttonOf, fateOf, heardBy, tellFrom } from '../support/teller.ts';

/**
 * The bot is killed at each step of the straight path. Where a step is a call to somebody else, that call is made slow,
 * so that the kill falls between its effect and our record of it.
 */
let sandbox: RunningSandbox;
let sql: Sql;
let lastKillAt = 0;
let data: Awaited<ReturnType<typeof dataFolder>>;

/** Wide enough to fall into, short enough for the timeouts of an impatient bot. */
const SLOW_MS = 800;

beforeAll(async () => {
  data = await dataFolder();
  sandbox = await startSandbox({ data: data.folder, env: IMPATIENT });
  sql = await openDatabase(data.folder);
  await sandbox.drive('jules', { settings: { planExpiresMs: 4_000_000 } });
}, 60_000);
afterAll(async () => {
  await sql?.end({ timeout: 5 });
  await sandbox?.stop();
  await data.remove();
});

/** Without limits and latency the kills come sooner, and Discord's limits are shown elsewhere. */
const quicken = () => sandbox.drive('faults', { clear: true, limits: 'off', latencyMs: 2 });
afterEach(quicken);

/** More than one call, since earlier stories may still be on their way. */
const slowPost = (path: string, method = 'POST', times = 10) =>
  sandbox.drive('faults', { rest: { match: { method, path }, kind: 'slow', delayMs: SLOW_MS, times } });
const slowJules = (on: string, kind = 'slow') =>
  sandbox.drive('faults', { jules: { on, kind, ms: SLOW_MS, times: 0 } });

type Step = {
  readonly at: string;
  /** Makes the call slow in which the kill is to fall; `card` is there once the task is asked for. */
  readonly before?: (card: Message | undefined) => Promise<unknown>;
  readonly after?: 'ask' | 'card' | 'confirm' | 'thread' | 'question';
  /** The instant to kill at; left out: at once. */
  readonly when?: (state: State, story: Story) => unknown;
};

const card = (state: State, story: Story) => cardOf(state, story);
const session = (state: State, story: Story) => sessionsOf(state, story)[0];
const thread = (state: State, story: Story) => {
  const found = cardOf(state, story);
  return found && threadsOf(state, found)[0];
};

const ALL_STEPS: readonly Step[] = [
  { at: 'the request was answered', after: 'ask' },
  { at: 'its card is being posted', before: () => slowPost('/messages'), when: card },
  { at: 'its card is there', after: 'card' },
  { at: 'it was confirmed', after: 'confirm' },
  { at: 'its thread is being opened', after: 'card', before: () => slowPost('/threads'), when: thread },
  {
    at: 'Jules was asked for a session, and has made none yet',
    before: () => slowJules('create', 'late_landing'),
    when: (state, story) => /opening a session/.test(card(state, story)?.embeds[0]?.description ?? ''),
  },
  { at: 'Jules made the session, and did not say so yet', before: () => slowJules('create'), when: session },
  { at: 'the plan waits', when: (state, story) => session(state, story)?.state === 'AWAITING_PLAN_APPROVAL' },
  {
    at: 'the plan is being approved',
    before: () => slowJules('approve'),
    when: (state, story) => session(state, story)?.approved,
  },
  {
    at: 'progress is being told',
    when: (state, story) =>
      state.messages.filter(({ channel_id }) => channel_id === thread(state, story)?.id).length > 2,
  },
  { at: 'Jules has finished, and nobody wrote it down', when: (state, story) => session(state, story)?.pullRequest },
  {
    at: 'Jules was told an answer, and did not say so yet',
    after: 'question',
    before: () => slowJules('message'),
    when: (state, story) => heardBy(state, story).length > 0,
  },
  {
    at: 'the link is being posted',
    after: 'thread',
    before: (posted) => slowPost(`/channels/${posted?.channel_id}/messages`),
    when: (state, story) => {
      const found = card(state, story);
      return found && outcomesOf(state, found).length > 0;
    },
  },
  {
    at: 'the card is being edited for the last time',
    after: 'card',
    before: (posted) => slowPost(`/messages/${posted?.id}`, 'PATCH', 100),
    when: (state, story) => titleOf(card(state, story)).startsWith('✅'),
  },
];

/** `npm test` has time for those where an effect and our record of it part, `npm run test:full` for all. */
const BRIEF =
  /its card is being posted|it was confirmed|did not say so yet|told an answer|plan is being approved|link is being posted/;
const STEPS = ALL_STEPS.filter(({ at }) => process.env['VERNE_LONG_RUN'] === '1' || BRIEF.test(at));

/** Kills at once when it is so: what is between looking and killing is a millisecond or two. */
async function killWhen(step: Step, story: Story): Promise<number> {
  const pid = await sandbox.botPid();
  if (pid === undefined) throw new Error('there is no bot to kill');
  const deadline = Date.now() + 15_000;
  while (step.when && !step.when(await sandbox.state(), story)) {
    if (Date.now() > deadline) throw new Error(`never came to: ${step.at}`);
  }
  process.kill(pid, 'SIGKILL');
  lastKillAt = Date.now();
  return pid;
}

/** A gateway is lost and won again where a busy machine keeps its lease waiting, so each process counts by itself. */
async function isReady(pid: number | undefined): Promise<boolean> {
  return (await logOf(data.folder)).some((line) => line.msg === 'The gateway is ready' && line.pid === pid);
}

/** Back is who hears people again. */
async function untilBack(killed: number): Promise<void> {
  const heir = async () => {
    const pid = await sandbox.botPid();
    return pid !== undefined && pid !== killed && (await isReady(pid));
  };
  await expect.poll(heir, { timeout: 20_000, interval: 30 }).toBe(true);
}

/** Tells the story as far as the kill is to come, and kills. */
async function tellUntilKilled(step: Step, story: Story): Promise<{ pid: number; isConfirmed: boolean }> {
  const { after = 'ask', before } = step;
  if (after === 'ask') await before?.(undefined);
  const isEarly = after === 'ask' && (step.when === undefined || step.when === card);
  await askOnce(sandbox, sql, story);
  if (isEarly) return { pid: await killWhen(step, story), isConfirmed: false };
  const posted = await sandbox.until('the card', (state) => card(state, story));
  if (after === 'card') await before?.(posted);
  if (after === 'card' && step.when === undefined) return { pid: await killWhen(step, story), isConfirmed: false };
  await confirmOnce(sandbox, story);
  if (after === 'thread') {
    await sandbox.until('the thread', (state) => thread(state, story));
    await before?.(posted);
  }
  if (after === 'question') await answerQuestion(step, story);
  return { pid: await killWhen(step, story), isConfirmed: true };
}

const ANSWER = 'The green one, please.';
async function answerQuestion({ before }: Step, story: Story): Promise<void> {
  const asking = await sandbox.until('a question', (state) => {
    const found = card(state, story);
    return found && buttonOf(found, 'answer') !== undefined && found;
  });
  await before?.(asking);
  expect(await tellFrom(sandbox, { card: asking, verb: 'answer', text: ANSWER })).toBe('kept');
}

const storyOf = (step: Step): Story => ({
  prompt: `Story ${STEPS.indexOf(step) + 1} of the kills${step.after === 'question' ? ', sandbox:question' : ''}`,
});

test.for(STEPS)('killed when $at, the bot comes back and the story goes on', { timeout: 60_000 }, async (step) => {
  const story = storyOf(step);
  await quicken();
  const { pid, isConfirmed } = await tellUntilKilled(step, story);
  await quicken();
  await untilBack(pid);
  if (!isConfirmed) await confirmOnce(sandbox, story);
});

test.for(STEPS)('what was asked when it was killed as $at ends right, once', async (step) => {
  await untilTold(sandbox, storyOf(step), 15_000);
});

test('nothing of all that is done a second time later', async () => {
  // Until then an heir might still think that something has to be repeated.
  const intentsMs = Number(IMPATIENT.VERNE_DISCORD_INTENT_MS) + Number(IMPATIENT.VERNE_JULES_INTENT_MS);
  const state = await sandbox.until('the end of all intents', (now) => Date.now() > lastKillAt + intentsMs && now);
  for (const step of STEPS) expectToldOnce(state, storyOf(step));
  expect(state.sessions.filter(({ approved }) => approved)).toHaveLength(STEPS.length);
  expect(state.messages.filter(({ content }) => content.startsWith('✅ PR ready'))).toHaveLength(STEPS.length);
});

test('K15: what was told when it was killed reached Jules once, and the thread says so once', async () => {
  const steps = STEPS.filter(({ after }) => after === 'question');
  expect(steps).toHaveLength(1);
  const state = await sandbox.state();
  const fates = steps.map((step) => fateOf(state, { story: storyOf(step), kind: 'answer', text: ANSWER }));
  expect(fates).toEqual([{ heard: 1, told: 1, givenBack: 0 }]);
});

test('the kills fell between effect and record: what was posted was found, and not posted again', async () => {
  const found = (await logOf(data.folder)).filter(({ msg }) => msg === 'A message of unknown outcome was found');
  expect(found.length).toBeGreaterThanOrEqual(2);
  expect(await defectsOf(data.folder)).toEqual([]);
});
