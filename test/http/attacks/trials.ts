import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { seeded } from '../../support/seeded.ts';
import { endless, liars, push, sendBombs } from './bodies.ts';
import { type Attacked, PAYLOADS } from './bot.ts';
import { type Answer, bytesOf, pour } from './line.ts';
import { atRate, type Heard } from './pace.ts';
import { poison } from './poison.ts';
import { asDiscord, asReporter, secondsNow } from './signing.ts';
import { type Cut, slowSockets } from './slow.ts';

const MB = 1_048_576;
/** What one attack may cost in resident memory. */
const MAX_GROWTH_MB = 20;

export const mb = (value: number) => `${value.toFixed(1)} MB`;
export const ms = (value: number) => `${Math.round(value)} ms`;

/** D02. Gives back how many there were and what they cost. */
export async function tryBombs({ bot }: Attacked) {
  let statuses: readonly number[] = [];
  const growthMb = await bot.growthMb(async () => {
    statuses = await sendBombs(bot.port);
  });
  expect(new Set(statuses)).toEqual(new Set([415]));
  expect(growthMb).toBeLessThan(MAX_GROWTH_MB);
  return { count: statuses.length, growthMb };
}

/** D03. `times` of each at once; `isPatient` also waits for those who stop in the middle. */
export async function tryEndless({ bot }: Attacked, { times, isPatient }: { times: number; isPatient: boolean }) {
  const repeat = Array.from({ length: times });
  const pushes = repeat.flatMap(() => [
    ...endless(bot.port),
    ...liars(bot.port).filter((one) => isPatient || one.total > 10),
  ]);
  let pushed: Awaited<ReturnType<typeof push>>[] = [];
  const growthMb = await bot.growthMb(async () => {
    pushed = await Promise.all(pushes.map(push));
  });
  // 200 where no body is read at all: the answer is not about it, and the connection ends all the same.
  for (const { status } of pushed) expect([0, 200, 400, 401, 404, 408, 413]).toContain(status);
  const mostSent = Math.max(...pushed.map(({ sent }) => sent));
  // What the kernels of both sides keep in between is sent, and never read.
  expect(mostSent).toBeLessThan(16 * MB);
  expect(growthMb).toBeLessThan(MAX_GROWTH_MB);
  return { count: pushed.length, growthMb, mostSent };
}

/** Of the right form, and by nobody. */
const forged = (timestamp: string) =>
  [
    ['x-signature-ed25519', randomBytes(64).toString('hex')],
    ['x-signature-timestamp', timestamp],
  ] as const;

type Judged = { readonly count: number; readonly worstMs: number; readonly statuses: ReadonlyMap<number, number> };

/** D04. Signed bodies get an answer that is no defect of the door's; forged ones are not looked at. */
export async function tryPoison({ bot }: Attacked, { count, seed }: { count: number; seed: number }): Promise<Judged> {
  const random = seeded(seed);
  const interaction = poison(random, PAYLOADS, 256 * 1024);
  const report = { id: 'r', at: new Date().toISOString(), session: '17753085909492805070', state: 'COMPLETED' };
  const reported = poison(random, [report], 64 * 1024);
  const statuses = new Map<number, number>();
  const unsigned = new WeakSet<Buffer>();
  let sent = 0;
  let worstMs = 0;
  function next(): Buffer | undefined {
    sent += 1;
    if (sent > count) return undefined;
    if (sent % 4 === 0) return asReporter(reported(), `10.0.${(sent >> 8) & 255}.${sent & 255}`);
    const body = interaction();
    if (sent % 10 !== 1) return asDiscord(body);
    const request = bytesOf({ path: '/interactions', headers: forged(secondsNow()), body });
    unsigned.add(request);
    return request;
  }
  function heard({ status, body, tookMs }: Answer, request: Buffer): void {
    const right = unsigned.has(request) ? [401] : [200, 202, 400, 404, 422];
    if (!right.includes(status)) throw new Error(`${status} ${body} for ${request.toString('latin1').slice(0, 2000)}`);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    worstMs = Math.max(worstMs, tookMs);
  }
  await pour({ port: bot.port, connections: 16, next, heard });
  expect(bot.isAlive()).toBe(true);
  return { count, worstMs, statuses };
}

/** Refused by their form, their age, their signature, their address; at no cost but this. */
function unsignedRequests(): () => Buffer {
  const body = Buffer.from(JSON.stringify({ id: '1', type: 2, text: 'x'.repeat(1500) }));
  let at = 0;
  return () => {
    at += 1;
    const path = '/interactions';
    if (at % 5 === 0) return bytesOf({ path, headers: [], body });
    if (at % 5 === 1) return bytesOf({ path, headers: forged('1500000000'), body });
    if (at % 5 === 2)
      return bytesOf({ path: '/webhook/jules', headers: [['x-forwarded-for', `10.1.${at & 255}.1`]], body });
    return bytesOf({ path, headers: forged(secondsNow()), body });
  };
}

const isRecorded = ({ status, body }: Answer) => status === 200 && body.includes('recorded. It waits for an approver.');

function expectRecorded({ answers }: Heard): void {
  for (const answer of answers) if (!isRecorded(answer)) throw new Error(`${answer.status} ${answer.body}`);
}

/** When the bot's connections last said anything to the database; that of an earlier test may still be under way. */
async function lastWord({ database }: Attacked): Promise<unknown> {
  const [row] = await database.sql`
    select max(state_change)::text as at from pg_stat_activity
    where datname = ${database.name} and usename = 'verne_worker'`;
  return row?.['at'];
}

async function untilQuiet(attacked: Attacked): Promise<unknown> {
  const deadline = Date.now() + 15_000;
  for (let last = await lastWord(attacked); ; ) {
    await sleep(300);
    const now = await lastWord(attacked);
    if (now === last || Date.now() > deadline) return now;
    last = now;
  }
}

type Flood = { readonly perSecond: number; readonly forMs: number; readonly maxP99Ms: number };

/** D05. First the flood alone, which the database must not hear of; then with honest commands. */
export async function tryFlood(attacked: Attacked, { perSecond, forMs, maxP99Ms }: Flood) {
  const { bot, honest } = attacked;
  const flood = { port: bot.port, perSecond, connections: 64, next: unsignedRequests() };
  const before = await untilQuiet(attacked);
  const alone = await atRate({ ...flood, forMs: forMs / 4 });
  expect(await lastWord(attacked)).toBe(before);
  const warnings = bot.warnings.length;
  const [flooded, heard] = await Promise.all([
    atRate({ ...flood, forMs }),
    atRate({ port: bot.port, perSecond: 50, forMs, connections: 32, next: honest }),
  ]);
  for (const { status } of [...alone.answers, ...flooded.answers]) expect([401, 429, 503]).toContain(status);
  expectRecorded(heard);
  expect(heard.p99Ms).toBeLessThan(maxP99Ms);
  const lines = bot.warnings.length - warnings;
  // One for each kind of refusal and ten seconds.
  expect(lines).toBeLessThanOrEqual(5 * (1 + Math.ceil(forMs / 10_000)));
  return { refused: flooded.answers.length, refusedPerSecond: (flooded.answers.length * 1000) / forMs, lines, heard };
}

const worst = (cuts: readonly Cut[]) => Math.max(...cuts.map(({ tookMs }) => tookMs));

type Slowed = {
  readonly headersMs: number;
  readonly bodyMs: number;
  /** Of the attack alone, and with the commands that are recorded meanwhile: their own garbage is in the second. */
  readonly growthMb: number;
  readonly busyGrowthMb: number;
  readonly heard: Heard;
};

/** D01. Half send their headers slowly, half their bodies; then once more, while honest people work. */
export async function trySlow({ bot, honest }: Attacked, { count }: { count: number }): Promise<Slowed> {
  const half = { port: bot.port, count: count / 2, everyMs: 400 };
  const inHeaders = 'POST /interactions HTTP/1.1\r\nhost: x\r\nx: ';
  const inBody = `POST /interactions HTTP/1.1\r\nhost: x\r\nx-signature-ed25519: ${'0'.repeat(128)}\r\nx-signature-timestamp: ${secondsNow()}\r\ncontent-length: 5000\r\n\r\n`;
  const attack = async () => {
    const both = [inHeaders, inBody].map((head) => slowSockets({ ...half, head }));
    const [headers = [], bodies = []] = await Promise.all(both);
    expect([headers.length, bodies.length]).toEqual([half.count, half.count]);
    for (const { status } of [...headers, ...bodies]) expect(status).toBe(408);
    return { headersMs: worst(headers), bodyMs: worst(bodies) };
  };
  const growthMb = await bot.growthMb(attack);
  expect(growthMb).toBeLessThan(MAX_GROWTH_MB);
  const told = Promise.withResolvers<readonly [Awaited<ReturnType<typeof attack>>, Heard]>();
  const busyGrowthMb = await bot.growthMb(() => {
    const work = atRate({ port: bot.port, perSecond: 50, forMs: 11_500, connections: 32, next: honest });
    // Whoever sends honestly has its connections before the attack begins, as Discord has.
    const attacked = sleep(1500).then(attack);
    told.resolve(Promise.all([attacked, work]));
    return told.promise;
  });
  const [took, heard] = await told.promise;
  expectRecorded(heard);
  expect(heard.p99Ms).toBeLessThan(500);
  return { ...took, growthMb, busyGrowthMb, heard };
}
