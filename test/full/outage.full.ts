import { expect, test } from 'vitest';
import { recordFigure } from '../support/figures.ts';
import { liveThrough } from '../support/outage.ts';
import { seeded } from '../support/seeded.ts';

test('O01: Jules is down for half an hour while 500 tasks wait', async () => {
  const [tasks, downMs, openMs] = [500, 1_800_000, 30_000];
  const seen = await liveThrough({ tasks, downMs, openMs, random: seeded(20_261_120) });
  expect(seen).toMatchObject({ opened: tasks, after: tasks });
  expect(seen.leastGapMs).toBeGreaterThanOrEqual(openMs);
  await recordFigure(
    'O01',
    `${tasks} tasks in one worker, 30 minutes down in a test's own time: ${seen.beforeOpen} calls until the breaker opened, then ${seen.probes} probes, at least ${(seen.leastGapMs / 1000).toFixed(1)} s apart; up again, all ${seen.opened} opened once in ${Math.round(seen.drainedMs / 1000)} s, at most ${seen.peakPerSecond} calls in a second`,
  );
});
