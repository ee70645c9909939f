/** `npm run bench [-- --rounds N --seconds N]`: Verne beside its peers, on this machine. Writes `bench/results.md`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { absoluteTable, type Facts, ratioTable, resultsPage } from './results.ts';
import { type Pace, type Round, runRounds } from './rounds.ts';
import { type Subject, startSubjects } from './subjects.ts';
import { openWorld, type World } from './world.ts';

const LEAD_MS = 500;

function readPace(): Pace {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { rounds: text, seconds: text } });
  const rounds = Number(values.rounds ?? 5);
  const seconds = Number(values.seconds ?? 5);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 20) throw new Error('--rounds is a number from 1 to 20');
  if (!(seconds >= 1 && seconds <= 30)) throw new Error('--seconds is a number from 1 to 30');
  return { rounds, forMs: seconds * 1000, leadMs: LEAD_MS };
}

const versionAt = (path: string) =>
  (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }).version;

function versionsOf(world: World): string[] {
  const own = ['fastify', 'discord-interactions', 'undici', 'postgres', 'tweetnacl'];
  const theirs = ['slash-create', 'fastify', 'tweetnacl'];
  const named = (folder: string, names: readonly string[]) =>
    names.map((name) => `${name} ${versionAt(`${folder}/node_modules/${name}/package.json`)}`).join(', ');
  return [
    `Node ${process.versions.node}, ${world.versions}`,
    `verne ${versionAt('../package.json')}; ${named('..', own)}`,
    `Beside slash-create: ${named('./peers/slash-create', theirs)}`,
  ];
}

const recordedIn = (rounds: readonly Round[]) =>
  rounds
    .flatMap(({ legs }) => legs)
    .filter(({ name, work }) => name === 'verne' && work === 'command')
    .reduce((sum, { right }) => sum + right, 0);

async function measure(world: World, subjects: readonly Subject[], pace: Pace): Promise<Facts> {
  const startedAt = new Date();
  const loadAtStart = loadavg()[0] ?? 0;
  const { warmUp, rounds } = await runRounds(subjects, pace, console.log);
  const all = [warmUp, ...rounds];
  const wrong = all.flatMap(({ legs }) => legs).flatMap((leg) => leg.wrong.map((answer) => ({ leg, answer })));
  for (const { leg, answer } of wrong.slice(0, 5)) console.error('wrong:', leg.name, leg.work, answer);
  return {
    rounds,
    pace,
    startedAt,
    loadAtStart,
    versions: versionsOf(world),
    recorded: recordedIn(all),
    stored: await world.countTasks(),
    wrong: wrong.length,
  };
}

const pace = readPace();
const world = await openWorld();
let subjects: readonly Subject[] = [];
try {
  subjects = await startSubjects(world);
  const facts = await measure(world, subjects, pace);
  console.log([...ratioTable(facts), '', ...absoluteTable(facts)].join('\n'));
  writeFileSync(new URL('./results.md', import.meta.url), resultsPage(facts));
  if (facts.wrong > 0 || facts.stored !== facts.recorded) {
    console.error(`${facts.wrong} wrong answers; recorded ${facts.recorded}, stored ${facts.stored}.`);
    process.exitCode = 1;
  }
} finally {
  for (const subject of subjects) await subject.stop();
  await world.stop();
}
