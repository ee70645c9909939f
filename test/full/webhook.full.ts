import { afterAll, beforeAll, expect, test } from 'vitest';
import { report } from '../support/report.ts';
import { type RunningSandbox, startSandbox } from '../support/sandbox.ts';
import { ask, cardOf, confirm, outcomesOf, sessionsOf } from '../support/story.ts';

/** With an hour between the bot's own looks at Jules, whatever it learns here it learns from the webhook. */
const HOUR = '3600000';
const HOURLY = { VERNE_SWEEP_MS: HOUR, VERNE_FOLLOW_MS: HOUR, VERNE_FOLLOW_SOON_MS: HOUR };
const PROMISED_MS = 2000;
const STORIES = 10;

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ env: HOURLY });
  // Ten stories in one channel would wait for Discord's own limit of five messages in five seconds.
  await sandbox.drive('faults', { limits: 'off' });
  await sandbox.drive('jules', { settings: { planExpiresMs: 4_000_000 } });
}, 60_000);
afterAll(() => sandbox?.stop());

test(`of ${STORIES} signed calls each puts its link into the channel within two seconds, with the sweep set to an hour`, async () => {
  const door = (await sandbox.state()).bot.http ?? '';
  const tookMs: number[] = [];
  for (let at = 1; at <= STORIES; at += 1) {
    const story = { prompt: `Report story ${at};` };
    await ask(sandbox, story);
    await confirm(sandbox, story);
    const plan = await sandbox.until('a plan', (state) =>
      sessionsOf(state, story).find((one) => one.state === 'AWAITING_PLAN_APPROVAL'),
    );
    await report(door, { id: `plan ${plan.id}`, session: plan.id });
    await sandbox.until('a pull request at Jules', (state) => sessionsOf(state, story)[0]?.pullRequest);
    const calledAt = performance.now();
    await report(door, { id: `done ${plan.id}`, session: plan.id });
    await sandbox.until('the link', (state) => {
      const card = cardOf(state, story);
      return card && outcomesOf(state, card)[0];
    });
    tookMs.push(performance.now() - calledAt);
  }
  expect(Math.max(...tookMs)).toBeLessThan(PROMISED_MS);
});
