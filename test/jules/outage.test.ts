import { expect, test } from 'vitest';
import { liveThrough } from '../support/outage.ts';
import { seeded } from '../support/seeded.ts';

test('while Jules is down one probe a time is made, and what waits then drains without a stampede (O01)', async () => {
  const [downMs, openMs] = [600_000, 30_000];
  const seen = await liveThrough({ tasks: 100, downMs, openMs, random: seeded(20_261_120) });
  expect(seen).toMatchObject({ opened: 100, after: 100 });
  expect(seen.leastGapMs).toBeGreaterThanOrEqual(openMs);
  expect(seen.probes).toBeLessThanOrEqual(downMs / openMs);
  expect(seen.drainedMs).toBeLessThan(4 * openMs);
  expect(seen.peakPerSecond).toBeLessThanOrEqual(10);
});
