import { afterAll, beforeAll, expect, test } from 'vitest';
import { report } from '../support/report.ts';
import { type RunningSandbox, type State, startSandbox } from '../support/sandbox.ts';
import { dataFolder, defectsOf } from '../support/sandbox-data.ts';
import { ask, cardOf, confirm, outcomesOf, type Story, sessionsOf, untilTold } from '../support/story.ts';

/** With an hour between the bot's own looks at Jules, whatever it learns here it learns from the webhook. */
const HOUR = '3600000';
const HOURLY = { VERNE_SWEEP_MS: HOUR, VERNE_FOLLOW_MS: HOUR, VERNE_FOLLOW_SOON_MS: HOUR };
/** Of a link that is told within two seconds on an idle machine (`test/full/webhook.full.ts`). */
const QUIET_MS = 2000;

let sandbox: RunningSandbox;
let data: Awaited<ReturnType<typeof dataFolder>>;
beforeAll(async () => {
  data = await dataFolder();
  sandbox = await startSandbox({ data: data.folder, env: HOURLY });
  await sandbox.drive('jules', { settings: { planExpiresMs: 4_000_000 } });
}, 60_000);
afterAll(async () => {
  await sandbox?.stop();
  await data.remove();
});

const doorOf = async () => (await sandbox.state()).bot.http ?? '';

/** Tells the bot by the webhook that there is a plan, and leaves the work to Jules. */
async function untilWorking(story: Story): Promise<string> {
  await ask(sandbox, story);
  await confirm(sandbox, story);
  const waiting = (state: State) =>
    sessionsOf(state, story).find(({ state: now }) => now === 'AWAITING_PLAN_APPROVAL')?.id;
  const session = await sandbox.until('a plan that waits', waiting);
  await report(await doorOf(), { id: `plan ${session}`, session });
  await sandbox.until('its approval', (state) => sessionsOf(state, story)[0]?.approved);
  return session;
}

const untilReady = (story: Story) =>
  sandbox.until('a pull request at Jules', (state) => sessionsOf(state, story)[0]?.pullRequest);

const linksOf = (state: State, story: Story) => {
  const card = cardOf(state, story);
  return card ? outcomesOf(state, card).map(({ content }) => content) : [];
};

const first = { prompt: 'Add a health check' };
const second = { prompt: 'Fix the footer' };
const third = { prompt: 'Translate the page' };

test('with the sweep set to an hour, a signed call puts the link into the channel', async () => {
  const session = await untilWorking(first);
  const link = await untilReady(first);
  expect(linksOf(await sandbox.state(), first)).toEqual([]);
  expect(await report(await doorOf(), { id: 'done', session })).toEqual({ status: 202, kind: 'accepted' });
  await sandbox.until('the link', (state) => linksOf(state, first)[0]);
  expect(linksOf(await sandbox.state(), first)).toEqual([expect.stringContaining(`✅ PR ready: ${link}`)]);
  await untilTold(sandbox, first);
});

test('a forged call posts nothing; the same call fifty times posts the link once', async () => {
  const session = await untilWorking(second);
  await untilReady(second);
  const door = await doorOf();
  const told = { id: 'fifty times', session };
  const forged = await Promise.all(
    Array.from({ length: 10 }, () => report(door, told, 'not-the-secret-of-the-sandbox')),
  );
  expect(forged.map(({ status }) => status)).toEqual(forged.map(() => 401));
  // Had one of them been believed, the link would be there after the time that a true one takes.
  const patience = Date.now() + QUIET_MS;
  const quiet = await sandbox.until('the time of a true one to pass', (state) => Date.now() > patience && state, 5000);
  expect(linksOf(quiet, second)).toEqual([]);

  const answers = await Promise.all(Array.from({ length: 50 }, () => report(door, told)));
  const kinds = answers.map(({ status, kind }) => `${status} ${kind}`).sort();
  expect(kinds).toEqual(['202 accepted', ...Array.from({ length: 49 }, () => '202 known')]);
  await sandbox.until('the link', (state) => linksOf(state, second)[0]);
  await untilTold(sandbox, second);
  expect(await report(door, told)).toEqual({ status: 202, kind: 'known' });
});

test('where Jules names no pull request, the one of the report is told, and none of another repository', async () => {
  await sandbox.drive('jules', { scenario: 'no_pr', match: third.prompt });
  const session = await untilWorking(third);
  await sandbox.until('the end at Jules', (state) => sessionsOf(state, third)[0]?.state === 'COMPLETED');
  const door = await doorOf();
  const pr_url = 'https://github.com/octo-org/website/pull/4711';
  const foreign = { id: 'foreign', session, pr_url: 'https://github.com/evil/website/pull/4711' };
  expect(await report(door, foreign)).toEqual({ status: 422, kind: 'foreign_pull_request' });
  expect(await report(door, { id: 'by hand', session, pr_url })).toEqual({ status: 202, kind: 'accepted' });
  await sandbox.until('the link', (state) => linksOf(state, third)[0]?.includes(pr_url));
  expect(linksOf(await sandbox.state(), third)).toHaveLength(1);
});

test('the bot met nothing that it took for its own fault', async () => {
  expect(await defectsOf(data.folder)).toEqual([]);
});
