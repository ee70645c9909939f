import { expect, inject, test } from 'vitest';
import { reportLines, runChaos } from './chaos.ts';
import { FINDINGS } from './check.ts';

/** As many kills as the run of all tests has time for; `test/full/chaos.full.ts` and `npm run chaos` have more. */
const KILLS = 6;

const nothing = Object.fromEntries(Object.keys(FINDINGS).map((kind) => [kind, []]));

test(`${KILLS} kills under faults lose nothing and do nothing twice`, { timeout: 300_000 }, async () => {
  const wish = { kills: KILLS, seed: 20_261_120, minutes: 1, atOnce: 6, guilds: 1, transport: 'postgres' } as const;
  const report = await runChaos({ ...wish, database: inject('sandboxDatabase') }, { say: () => {} });
  expect(report.findings, reportLines(report).join('\n')).toEqual(nothing);
  expect(report.havoc.kills).toBeGreaterThan(0);
  expect(report.tasks).toBeGreaterThan(0);
});
