import { expect, inject, test } from 'vitest';
import { reportLines, runChaos } from '../chaos/chaos.ts';
import { FINDINGS } from '../chaos/check.ts';

const KILLS = 30;
const nothing = Object.fromEntries(Object.keys(FINDINGS).map((kind) => [kind, []]));

test.for(['postgres', 'supabase'] as const)(
  `${KILLS} kills, zombies, crashes of the database and an outage lose nothing and do nothing twice (%s)`,
  async (transport) => {
    const wish = { kills: KILLS, seed: 20_261_120, minutes: 10, atOnce: 12, guilds: 2, transport };
    const report = await runChaos({ ...wish, database: inject('sandboxDatabase') }, { say: console.info });
    console.info(reportLines(report).join('\n'));
    expect(report.findings).toEqual(nothing);
    expect(report.havoc).toMatchObject({ kills: KILLS, outages: 1 });
    expect(report.havoc.hits).toBeGreaterThan(KILLS / 3);
  },
);
