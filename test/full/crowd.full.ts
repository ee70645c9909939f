import { afterAll, beforeAll, expect, test } from 'vitest';
import { moveClock } from '../support/clock.ts';
import { aCrowdStory, type RunningStory, ridesFor, spread } from '../support/crowd-story.ts';
import { p95, waitsOf } from '../support/fair-world.ts';
import { recordFigure } from '../support/figures.ts';
import { seeded } from '../support/seeded.ts';

const SEED = Number(process.env['VERNE_SEED'] ?? 20_261_120);
/** As the bot runs for people: only Jules is twice as fast as the simulated one of speed 1. */
const ENV = {
  VERNE_EDIT_MS: '3000',
  VERNE_EDIT_OLD_MS: '15000',
  VERNE_PERSON_PER_MINUTE: '60',
  VERNE_PERSON_IN_SERVER_PER_MINUTE: '40',
  VERNE_SERVER_PER_MINUTE: '600',
};
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const APPROVER_MS = 3000;
const TRAINEES = 5;
/** What one account of the free plan leaves of the trainees' requests for another day. */
const LEFT = 8 * TRAINEES - 15;
/** Requests of each server in a minute, beside those of its trainees. */
const CROWDED = [78, 34, 34, 34];
const EVEN = [45, 45, 45, 45];
const HURRY = 30;

const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

let story: RunningStory;
beforeAll(async () => {
  const random = seeded(SEED);
  story = await aCrowdStory({
    random,
    sandbox: { speed: 2, env: ENV },
    crowd: {},
    // Jules needs longer for a task than people need to ask for the next one.
    scenario: 'slow',
    lookEveryMs: 300,
  });
}, 120_000);
afterAll(() => story?.stop(), 60_000);

const ratioOf = (values: readonly number[]) => Math.max(...values) / Math.min(...values);
const told = (ms: readonly number[]) => ms.map((one) => `${(one / 1000).toFixed(0)} s`).join(', ');

type Asks = Awaited<ReturnType<RunningStory['minute']>>;

/** How long 95 of a hundred waited in each server; the trainees have an account of their own. */
async function waitsAmong(asks: Asks): Promise<number[]> {
  const rides = ridesFor(await story.rides(), asks).filter(({ name }) => name !== 'Free');
  const byGuild = waitsOf(rides);
  return story.guilds.map(({ id }) => byGuild.get(id) ?? Number.NaN);
}

/** Servers that ask as much as each other wait as long; one that asks for more waits for its own. */
async function fairness(crowded: Asks, even: Asks): Promise<string> {
  const [crowd = 0, ...others] = await waitsAmong(crowded);
  const likes = await waitsAmong(even);
  expect(ratioOf(others)).toBeLessThanOrEqual(2);
  expect(ratioOf(likes)).toBeLessThanOrEqual(2);
  expect(Math.max(...others)).toBeLessThanOrEqual(crowd);
  return `p95 waits where one server asks for ${CROWDED[0]} and three for ${CROWDED[1]} each: ${told([crowd])}, and ${told(others)} (ratio ${ratioOf(others).toFixed(2)}); where all ask for ${EVEN[0]}: ${told(likes)} (ratio ${ratioOf(likes).toFixed(2)})`;
}

/** By what simulated Jules counted itself; what it refused is nothing, as `judge` sees. */
async function limits(): Promise<string> {
  const accounts = await story.accounts();
  expect(accounts.map(({ name, mostAtOnce }) => [name, mostAtOnce])).toEqual([
    ['Free', 3],
    ['Pro', 15],
    ['Ultra', 60],
  ]);
  expect(accounts[0]).toMatchObject({ mostPerDay: 15, perDay: 15 });
  const most = accounts.map(
    ({ name, mostAtOnce, atOnce, mostPerDay, perDay }) =>
      `${name} ${mostAtOnce} of ${atOnce} at once, ${mostPerDay} of ${perDay} in 24 hours`,
  );
  return `most at Jules: ${most.join('; ')}; refused by it: 0`;
}

function speed(): string {
  const { lateMs, placeAgeMs, waits } = story.cards();
  const of = (what: 'answeredMs' | 'cardMs' | 'confirmedMs') => spread(story.went.map((one) => one[what]));
  const after = story.toldAfterMs();
  // Far above what a machine that does nothing else needs; the figure says how long it was.
  expect(p95(lateMs)).toBeLessThan(30_000);
  expect(p95(after)).toBeLessThan(30_000);
  expect(p95(placeAgeMs)).toBeLessThan(120_000);
  return `answered after ${of('answeredMs')}; card after ${of('cardMs')}; Confirm answered after ${of('confirmedMs')}; a change on its card after ${spread(lateMs)}; the end told after ${spread(after)}; age of a place that others have changed ${spread(placeAgeMs)}; ${waits} waits compared`;
}

test('500 members of four servers ask 200 times in a minute, and once more (J90)', async () => {
  const share = { trainees: TRAINEES, withinMs: MINUTE_MS };
  const hurried = pause(MINUTE_MS / 2).then(() => story.crowd.hurry(story.guild(1), HURRY));
  const crowded = await story.minute({ ...share, counts: CROWDED }, APPROVER_MS);
  // Forty in a minute, half of them at once, and what is earned meanwhile.
  const { answered, slowed } = await hurried;
  expect(answered).toBeGreaterThanOrEqual(20);
  expect(slowed).toBeGreaterThan(0);
  await story.untilTold(TRAINEES * 4, 15 * MINUTE_MS);
  const even = await story.minute({ ...share, counts: EVEN }, APPROVER_MS);
  await story.untilTold(LEFT, 15 * MINUTE_MS);
  expect([crowded.length, even.length]).toEqual([200, 200]);
  expect(story.crowd.unanswered()).toBe(0);
  const left = story.untold();
  expect(left).toHaveLength(LEFT);
  expect(await story.judge(left)).toEqual([]);
  const figure = [await limits(), await fairness(crowded, even), speed()];

  // A day later the places of the free account come back.
  await moveClock(story.sql, DAY_MS);
  await story.sandbox.drive('jules', { advanceMs: DAY_MS });
  await story.untilTold(LEFT - 15, 15 * MINUTE_MS);
  expect(await story.judge(story.untold())).toEqual([]);
  await recordFigure(
    'J90',
    `${crowded.length} and ${even.length} requests in a minute each of 500 members (seed ${SEED}), every end told once, and a day later those of the free account that had to wait for it; of ${HURRY} commands of one person at once ${slowed} told to wait; ${figure.join('. ')}`,
  );
});
