import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCrowdStory, type RunningStory } from '../support/crowd-story.ts';
import { p95 } from '../support/fair-world.ts';
import { seeded } from '../support/seeded.ts';

const GUILDS = 4;
const random = seeded(7);
let story: RunningStory;
beforeAll(async () => {
  story = await aCrowdStory({
    random,
    sandbox: { speed: 40 },
    crowd: { guilds: GUILDS, members: 40, channels: 3, approvers: 2, trainees: 3 },
    faults: { limits: 'off', latencyMs: 2 },
    scenario: 'happy',
    lookEveryMs: 50,
  });
}, 60_000);
afterAll(() => story?.stop());

test('members of four servers that share accounts are served in turns, no limit is passed, and every card is true (J90)', async () => {
  const asks = await story.minute({ counts: [5, 1, 1, 1], trainees: 2, withinMs: 1000 }, 75);
  expect(asks).toHaveLength(16);
  await story.untilTold(0, 60_000);
  expect(await story.judge([])).toEqual([]);
  const met = new Map((await story.accounts()).map((one) => [one.name, one]));
  expect(met.get('Free')).toMatchObject({ mostPerDay: 2 * GUILDS, refused: 0 });
  // The trainees’ account, and one or both of the others.
  expect(new Set((await story.rides()).map(({ account }) => account)).size).toBeGreaterThanOrEqual(2);
  expect(p95(story.cards().lateMs)).toBeLessThan(10_000);
}, 90_000);
