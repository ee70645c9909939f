import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Attacked, startAttacked, warm } from '../http/attacks/bot.ts';
import { AMBIGUOUS, brokenBy, say } from '../http/attacks/desync.ts';
import { bytesOf, openLine } from '../http/attacks/line.ts';
import { mb, ms, tryBombs, tryEndless, tryFlood, tryPoison, trySlow } from '../http/attacks/trials.ts';
import { recordFigure } from '../support/figures.ts';
import { seeded } from '../support/seeded.ts';

/** What `test/http` does in short, in full: against a process of the bot, attacked from this one. The seed chooses. */
const SEED = Number(process.env['VERNE_SEED'] ?? 20261120);

let attacked: Attacked;
beforeAll(async () => {
  attacked = await startAttacked();
  await warm(attacked, 20_000);
}, 60_000);
afterAll(() => attacked?.stop());

test('compressed bodies, nested ones too, are 415 everywhere and cost no memory (D02)', async () => {
  const { count, growthMb } = await tryBombs(attacked);
  await recordFigure('D02', `${count} bombs of 10 MB: all 415, resident memory at most + ${mb(growthMb)}`);
});

test('bodies of 100 MB, without an end or of another length are cut off and cost no memory (D03)', async () => {
  const { count, growthMb, mostSent } = await tryEndless(attacked, { times: 10, isPatient: true });
  const sent = mb(mostSent / 1_048_576);
  await recordFigure('D03', `${count} at once: all ended, at most ${sent} left a sender, memory + ${mb(growthMb)}`);
});

test('2,000 connections that send slowly are cut off in time and cost little memory, while commands are recorded (D01)', async () => {
  const { headersMs, bodyMs, growthMb, busyGrowthMb, heard } = await trySlow(attacked, { count: 2000 });
  // What the attacker's own clock adds, which had two thousand timers to serve.
  expect(headersMs).toBeLessThan(5250);
  expect(bodyMs).toBeLessThan(10_250);
  const told = `${heard.answers.length} commands at 50 a second: 0 refused, p99 ${ms(heard.p99Ms)}`;
  await recordFigure(
    'D01',
    `2,000 sockets: headers ended within ${ms(headersMs)}, bodies within ${ms(bodyMs)}, memory + ${mb(growthMb)}; ${told}, memory + ${mb(busyGrowthMb)}`,
  );
});

test('a flood of 2,000 unsigned requests a second keeps no command from being recorded (D05)', async () => {
  const { refusedPerSecond, lines, heard } = await tryFlood(attacked, {
    perSecond: 2000,
    forMs: 20_000,
    maxP99Ms: 1000,
  });
  const told = `${heard.answers.length} commands at 50 a second: 0 refused, p50 ${ms(heard.p50Ms)}, p99 ${ms(heard.p99Ms)}`;
  await recordFigure('D05', `${refusedPerSecond} refused a second, 0 to the database, ${lines} log lines; ${told}`);
});

test('two hundred thousand poisoned bodies break nothing, and are read only if they are signed (D04)', async () => {
  const { count, worstMs, statuses } = await tryPoison(attacked, { count: 200_000, seed: SEED });
  const told = [...statuses].sort(([one], [other]) => one - other).map(([status, times]) => `${status}: ${times}`);
  await recordFigure(
    'D04',
    `${count} bodies (seed ${SEED}): 0 crashes, 0 unsigned read, slowest answer ${ms(worstMs)} (${told.join(', ')})`,
  );
});

test('what two readers could read differently ends the connection, in whatever pieces it comes (D07)', async () => {
  const random = seeded(SEED);
  const { port } = attacked.bot;
  let count = 0;
  for (let round = 0; round < 40; round += 1) {
    const cuts = Array.from({ length: random.below(6) }, () => random.below(20_000));
    const said = await Promise.all(
      Object.entries(AMBIGUOUS).map(async ([name, text]) => [name, await say(port, text, cuts)] as const),
    );
    for (const [name, text] of said) expect(brokenBy(text), `${name}, cut at ${cuts}`).toBeUndefined();
    count += said.length;
  }
  const forms = Object.keys(AMBIGUOUS).length;
  await recordFigure(
    'D07',
    `${forms} forms in 40 ways of being cut (seed ${SEED}), ${count} connections: all ended, 0 hidden requests answered`,
  );
});

test('a limit counts by the address that our proxy tells, whatever the caller writes (D08)', async () => {
  const random = seeded(SEED);
  const line = openLine(attacked.bot.port);
  const spoof = () => random.pick(['', '127.0.0.1, ', 'unknown, ', '::1, ', `10.0.0.${random.below(256)}, `, '<x>, ']);
  const statuses: number[] = [];
  for (let at = 0; at < 5000; at += 1) {
    const headers = [
      ['x-forwarded-for', `${spoof()}198.51.100.7`],
      ['x-real-ip', `10.0.0.${at & 255}`],
      ['forwarded', `for=10.0.0.${at & 255}`],
    ] as const;
    const { status } = await line.send(bytesOf({ path: '/webhook/jules', headers, body: Buffer.from('{}') }));
    statuses.push(status);
  }
  line.close();
  expect(statuses.filter((status) => status === 401)).toHaveLength(600);
  expect(statuses.filter((status) => status === 429)).toHaveLength(4400);
  await recordFigure(
    'D08',
    '5,000 reports with made-up addresses: 600 looked at, the limit of one minute, and 4,400 refused',
  );
});

test('after all of this the process is alive and has logged no defect of the door', () => {
  expect(attacked.bot.isAlive()).toBe(true);
  expect(attacked.bot.warnings.filter(({ event }) => event === 'http.failed')).toEqual([]);
});
