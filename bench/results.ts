import { cpus, release, totalmem } from 'node:os';
import { CONNECTIONS, type Leg, type Pace, type Round } from './rounds.ts';
import type { Work } from './signed.ts';
import { NAMES, type Name } from './subjects.ts';

type Figure = 'perSecond' | 'loopP99Ms';
type Side = readonly [Name, Work];

type Ratio = {
  readonly what: string;
  readonly of: Side;
  readonly to: Side;
  readonly figure: Figure;
  readonly aim?: { readonly least?: number; readonly most?: number; readonly whyMissed: string };
};

export type Facts = {
  readonly rounds: readonly Round[];
  readonly pace: Pace;
  readonly versions: readonly string[];
  readonly startedAt: Date;
  readonly loadAtStart: number;
  readonly recorded: number;
  readonly stored: number;
  readonly wrong: number;
};

const DURABLE =
  'One transaction writes task, card, event, delivery and audit to the disk, with Postgres and the client on the same two cores; the peer keeps nothing.';
const DOOR =
  'Both verify on the thread pool, which takes most of the time. What the cached key saves is spent on what the minimal handler does not do: security headers, correlation id, counters, age of the signature, memory of repeated ids. The rounds differ by more than that.';
const LOADED = 'The machine was busy with other work; see the range and the load.';

const RATIOS: readonly Ratio[] = [
  {
    what: 'durable answer of Verne : deferred answer of slash-create, which stores nothing',
    of: ['verne', 'command'],
    to: ['slash-create', 'command'],
    figure: 'perSecond',
    aim: { least: 10, whyMissed: DURABLE },
  },
  {
    what: 'verify only: Verne : slash-create',
    of: ['verne', 'ping'],
    to: ['slash-create', 'ping'],
    figure: 'perSecond',
    aim: { least: 40, whyMissed: LOADED },
  },
  {
    what: 'verify only: Verne : discord-interactions',
    of: ['verne', 'ping'],
    to: ['discord-interactions', 'ping'],
    figure: 'perSecond',
    aim: { least: 1.15, whyMissed: DOOR },
  },
  {
    what: 'event-loop delay p99 under a flood of bad signatures: Verne : slash-create',
    of: ['verne', 'forged'],
    to: ['slash-create', 'forged'],
    figure: 'loopP99Ms',
    aim: { most: 0.1, whyMissed: LOADED },
  },
  {
    what: 'bad signatures refused: Verne : slash-create',
    of: ['verne', 'forged'],
    to: ['slash-create', 'forged'],
    figure: 'perSecond',
  },
  {
    what: 'bad signatures refused: Verne : discord-interactions',
    of: ['verne', 'forged'],
    to: ['discord-interactions', 'forged'],
    figure: 'perSecond',
  },
  {
    what: 'durable answer of Verne : its verify only',
    of: ['verne', 'command'],
    to: ['verne', 'ping'],
    figure: 'perSecond',
  },
];

const WORK_NAMES: Record<Work, string> = {
  ping: 'verify only (PING)',
  command: '`/jules`',
  forged: 'bad signatures',
};

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

const short = (value: number) => (value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3))));
const legOf = ({ legs }: Round, [name, work]: Side) => legs.find((leg) => leg.name === name && leg.work === work);
const figureOf = (round: Round, side: Side, figure: Figure) => legOf(round, side)?.[figure] ?? Number.NaN;

function aimOf({ aim }: Ratio): string {
  if (!aim) return '';
  return aim.least === undefined ? `≤ ${aim.most}` : `≥ ${aim.least}`;
}

function ratioRow(ratio: Ratio, rounds: readonly Round[]): string {
  const { of, to, figure, aim } = ratio;
  const perRound = rounds.map((round) => figureOf(round, of, figure) / figureOf(round, to, figure));
  const middle = median(perRound);
  const isMissed = aim !== undefined && (middle < (aim.least ?? 0) || middle > (aim.most ?? Number.POSITIVE_INFINITY));
  const shown = isMissed ? `**${short(middle)}** missed. ${aim.whyMissed}` : short(middle);
  const range = `${short(Math.min(...perRound))} … ${short(Math.max(...perRound))}`;
  return `| ${ratio.what} | ${aimOf(ratio)} | ${shown} | ${range} |`;
}

function absoluteRow(side: Side, rounds: readonly Round[]): string {
  const [name, work] = side;
  const legs = rounds.flatMap((round) => legOf(round, side) ?? []);
  const over = (pick: (leg: Leg) => number) => short(median(legs.map(pick)));
  const cells = [
    over((leg) => leg.perSecond),
    over((leg) => leg.p50Ms),
    over((leg) => leg.p99Ms),
    over((leg) => leg.loopP99Ms),
    over((leg) => (leg.cpuMs * 1000) / leg.measured),
    over((leg) => leg.clientShare * 100),
  ];
  return `| ${WORK_NAMES[work]} | ${name} | ${cells.join(' | ')} |`;
}

const WORKS: readonly Work[] = ['command', 'ping', 'forged'];

function machine(): string {
  const [first] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${first?.model ?? 'unknown'}, ${gib} GiB, ${process.platform} ${release()} ${process.arch}`;
}

export function ratioTable({ rounds }: Facts): string[] {
  return [
    '| What | Aim | Median of the rounds | Lowest … highest |',
    '| --- | --- | --- | --- |',
    ...RATIOS.map((ratio) => ratioRow(ratio, rounds)),
  ];
}

export function absoluteTable({ rounds }: Facts): string[] {
  return [
    '| Work | Server | answers/s | p50 ms | p99 ms | loop delay p99 ms | server CPU ms per 1,000 | client, % of a core |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...WORKS.flatMap((work) => NAMES.map((name) => absoluteRow([name, work], rounds))),
  ];
}

/** The page `bench/results.md`, as a run writes it. */
export function resultsPage(facts: Facts): string {
  const { rounds, pace, versions, startedAt, recorded, stored, wrong } = facts;
  const loads = rounds.map(({ loadBefore }) => loadBefore.toFixed(1)).join(', ');
  return [
    '# Results',
    '',
    `Written by \`npm run bench\` on ${startedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC. Ratios compare what ran`,
    'in the same round; absolute figures are of this machine and this hour.',
    '',
    '## Ratios',
    '',
    ...ratioTable(facts),
    '',
    '## Absolute figures',
    '',
    'Medians of the rounds.',
    '',
    ...absoluteTable(facts),
    '',
    '## What was measured',
    '',
    `- ${rounds.length} interleaved rounds of ${pace.forMs / 1000} s for each server and work, ${pace.leadMs / 1000} s before each that does not count, and a round to warm up.`,
    `- A closed loop of ${CONNECTIONS} connections over loopback, each request signed in advance. Servers, Postgres and the client share the machine's cores; nothing is pinned.`,
    '- *verne*: `src/main.ts` with `VERNE_ROLES=http` and its usual log; `/jules` is answered when the task is in a Postgres that was told to write it to the disk, in 16 servers. No worker runs beside it.',
    '- *discord-interactions*: a minimal Fastify 5 handler with `verifyKey`, `bench/minimal.ts`. *slash-create*: its own Fastify 4 server and one command. Both answer `/jules` deferred and store nothing.',
    '- Event-loop delay is read inside each server by `monitorEventLoopDelay` each millisecond: an idle loop shows about 1.',
    `- Every answer was checked: ${wrong} wrong. Tasks told as recorded: ${recorded}; rows in the database afterwards: ${stored}.`,
    '',
    '## Where',
    '',
    `- ${machine()}`,
    `- Load average over one minute: ${facts.loadAtStart.toFixed(1)} at the start, then, the bench itself included, ${loads} before each round.`,
    ...versions.map((version) => `- ${version}`),
    '',
  ].join('\n');
}
