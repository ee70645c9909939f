import { readFileSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../support/seeded.ts';
import { check, FINDINGS, type Findings, straysOf } from './check.ts';
import { failpoints, type Havoc, wreak } from './havoc.ts';
import { readRestless, readTables } from './tables.ts';
import { readTruth } from './truth.ts';
import { type ChaosWorld, startWorld, type WorldWish } from './world.ts';

export type ChaosWish = WorldWish & {
  readonly kills: number;
  readonly minutes: number;
  /** How many tasks people keep open. */
  readonly atOnce: number;
  /** Where logs and truth are kept after the end. */
  readonly keepIn?: string | undefined;
};

export type ChaosReport = {
  readonly wish: ChaosWish;
  readonly havoc: Havoc;
  readonly findings: Findings;
  readonly tasks: number;
  readonly acknowledged: number;
  readonly strays: number;
  readonly instructions: number;
  readonly givenBack: number;
  readonly faultsMet: number;
  /** What processes took for their own fault. */
  readonly defects: readonly string[];
  readonly seconds: number;
  readonly restS: number;
};

type Say = (line: string) => void;
/** `broken` breaks off the run, which then leaves nothing behind. */
type Listening = { readonly say: Say; readonly broken?: Promise<never> };

const SAY_MS = 10_000;
const MINUTE_MS = 60_000;
/** What has not moved for so long is stuck: longer than any intent, retry and start of a process. */
const STILL_MS = 40_000;
const FAULT_EVERY_MS = 120;
const GAP_MS = 150;

/** Waits until nothing moves any more and nobody waits for anything; says what still does when nothing came of it. */
async function comeToRest({ people, sql, slowness }: ChaosWorld, say: Say): Promise<readonly string[]> {
  let [movedAt, saidAt, before] = [Date.now(), Date.now(), ''];
  for (let quiet = 0; ; ) {
    await sleep(300);
    const { open } = await people.state();
    const restless = [...(open > 0 ? [`${open} people wait for something`] : []), ...(await readRestless(sql))];
    const now = restless.filter((what) => !what.endsWith('is due')).join();
    if (now !== before) movedAt = Date.now();
    before = now;
    if (Date.now() - saidAt > SAY_MS) {
      saidAt = Date.now();
      say(`${restless.length} things move: ${restless.slice(0, 3).join(', ')}`);
    }
    quiet = restless.length === 0 ? quiet + 1 : 0;
    if (quiet === 3 || Date.now() - movedAt > STILL_MS * slowness) return restless;
  }
}

type LogLine = {
  readonly level: number;
  readonly msg?: string;
  readonly event?: string;
  readonly error?: string;
  readonly err?: { readonly message?: string };
};
const ERROR = 50;

function defectsIn(folder: string): string[] {
  return readFileSync(join(folder, 'bot.log'), 'utf8')
    .split('\n')
    .flatMap((text) => {
      if (!text.startsWith('{')) return text ? [text] : [];
      try {
        const { level, msg, event, error, err } = JSON.parse(text) as LogLine;
        const words = [msg ?? event, error ?? err?.message].filter(Boolean).join(': ');
        return level >= ERROR ? [words] : [];
      } catch {
        // The last line of a process that was killed while it wrote.
        return [];
      }
    });
}

const keepLogs = (folder: string, to: string) =>
  cp(folder, to, { recursive: true, filter: (path) => !/\/(postgres|compiled)$/.test(path) });

/** Faults, kills and people at once; then calm, until all has come to rest; then the checker. */
export async function runChaos(
  wish: ChaosWish,
  { say, broken = new Promise(() => {}) }: Listening,
): Promise<ChaosReport> {
  const startedAt = Date.now();
  const random = seeded(wish.seed + 2);
  const points = failpoints(random);
  const world = await startWorld(wish, points.onPoint);
  try {
    say(
      `up after ${((Date.now() - startedAt) / 1000).toFixed(1)} s in ${world.folder}, all times × ${world.slowness.toFixed(1)}`,
    );
    await world.people.begin(wish.atOnce);
    await world.storm(FAULT_EVERY_MS);
    const havoc = await Promise.race([
      wreak(world, points, random, {
        kills: wish.kills,
        untilMs: startedAt + wish.minutes * MINUTE_MS,
        gapMs: GAP_MS,
        zombieEvery: 3,
        crashEvery: 8,
        withOutage: wish.kills >= 10,
      }),
      world.fleet.failed,
      broken,
    ]);
    const restFrom = Date.now();
    say(`${havoc.kills} kills after ${((restFrom - startedAt) / 1000).toFixed(1)} s; now everything may come to rest`);
    const faultsMet = await world.calm();
    await world.people.end();
    const restless = await Promise.race([comeToRest(world, say), broken]);
    const [truth, tables] = [readTruth(world.folder), await readTables(world.sql)];
    const checked = check(truth, tables);
    const findings = { ...checked, stuck: [...checked.stuck, ...restless.map((what) => `no rest: ${what}`)] };
    const isBroken = Object.values(findings).some((found) => found.length > 0);
    const keptIn = wish.keepIn ?? (isBroken ? `${world.folder}-logs` : undefined);
    if (keptIn) await keepLogs(world.folder, keptIn);
    if (keptIn) say(`truth logs, tables and the log of the bot are in ${keptIn}`);
    if (keptIn) await writeFile(join(keptIn, 'tables.json'), JSON.stringify(tables, null, 1));
    return {
      wish,
      havoc,
      findings,
      tasks: tables.tasks.length,
      acknowledged: truth.deeds.filter(({ kind, heard }) => kind === 'asked' && heard === 'taken').length,
      strays: straysOf({ truth, tables }).length,
      instructions: tables.instructions.length,
      givenBack: tables.instructions.filter(({ state }) => state === 'refused').length,
      faultsMet,
      defects: defectsIn(world.folder),
      seconds: (Date.now() - startedAt) / 1000,
      restS: (Date.now() - restFrom) / 1000,
    };
  } finally {
    await world.stop();
  }
}

export const isClean = ({ findings }: ChaosReport) => Object.values(findings).every((found) => found.length === 0);

const MOST_SHOWN = 20;

/** All figures, then each finding in a line, and one line that sums it up. */
export function reportLines(report: ChaosReport): string[] {
  const { wish, havoc, findings, tasks } = report;
  const names = Object.entries(FINDINGS) as [keyof Findings, string][];
  const found = names.flatMap(([kind, name]) =>
    findings[kind].slice(0, MOST_SHOWN).map((finding) => `${name}: ${finding}`),
  );
  const zeros = names.map(([kind, name]) => `${findings[kind].length} ${name}`).join(', ');
  return [
    `transport ${wish.transport}; ${tasks} tasks, ${report.acknowledged} of them acknowledged to who asked; ${report.instructions} messages for Jules, ${report.givenBack} given back; ${report.faultsMet} calls met a fault of a service`,
    `${havoc.kills} kills, ${havoc.hits} of them of a process with work under way, at ${havoc.reached.length} of ${havoc.passed.length} failpoints; ${havoc.cuts} connections cut, ${havoc.zombies} processes stopped past their lease, ${havoc.crashes} crashes of the database, ${havoc.outages} outages of 15 minutes, while ${havoc.plansThen} plans waited`,
    `${report.strays} strays, of which ${report.strays - findings.hiddenStrays.length} were found; ${report.defects.length} faults that a process logged as its own`,
    `${report.seconds.toFixed(0)} s in all, ${report.restS.toFixed(0)} s of them until everything was at rest`,
    ...[...new Set(report.defects)].slice(0, MOST_SHOWN).map((line) => `own fault: ${line}`),
    ...found,
    `${isClean(report) ? 'CLEAN' : 'BROKEN'} seed ${wish.seed}, ${havoc.kills} kills, ${tasks} tasks: ${zeros}`,
  ];
}
