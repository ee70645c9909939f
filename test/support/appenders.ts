import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { verdictOn } from './chains.ts';
import type { TestDatabase } from './database.ts';

const CHILD = fileURLToPath(new URL('./append-child.ts', import.meta.url));

type Appender = {
  readonly child: ChildProcess;
  readonly told: string[];
  readonly began: Promise<unknown>;
  said(): string;
};

function startAppender({ workerUrl }: TestDatabase, guild: string): Appender {
  const child = spawn(process.execPath, [CHILD, workerUrl, guild], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const told: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => told.push(line));
  const ended = once(child, 'close').then(() =>
    Promise.reject(new Error(`a process that appends ended before it began: ${said}`)),
  );
  const began = Promise.race([once(lines, 'line'), ended]);
  began.catch(() => {}); // it is waited for later, or not at all
  ended.catch(() => {});
  return { child, told, began, said: () => said };
}

/** One that ended by itself was refused something: that is what must not be. */
async function kill({ child, said }: Appender) {
  if (child.exitCode !== null) throw new Error(`a process that appends ended by itself: ${said()}`);
  const gone = once(child, 'close');
  child.kill('SIGKILL');
  await gone;
}

/** Kills `kills` of the processes that append to one chain, each at some moment of its work, with two at work all the time. */
export async function killAppenders(db: TestDatabase, guild: string, kills: number) {
  const told: string[] = [];
  const running = [startAppender(db, guild), startAppender(db, guild)];
  try {
    for (let n = 0; n < kills; n += 1) {
      running.push(startAppender(db, guild));
      await Promise.all(running.map(({ began }) => began));
      const [victim] = running.splice(0, 1);
      if (victim) await kill(victim);
      told.push(...(victim?.told ?? []));
    }
    for (const last of running) {
      await kill(last);
      told.push(...last.told);
    }
  } finally {
    for (const { child } of running) child.kill('SIGKILL');
  }
  return told.filter((line) => line.length === 36);
}

/** Neither fork nor gap, and nothing that was said to be recorded is missing. Gives back the number of entries. */
export async function expectUnharmed(db: TestDatabase, guild: string, told: readonly string[]): Promise<number> {
  await expect
    .poll(
      () => db.sql`select from pg_stat_activity where datname = ${db.name} and application_name = 'verne test child'`,
      {
        timeout: 20_000,
      },
    )
    .toHaveLength(0);
  const verdict = await verdictOn(db.rpc, guild);
  expect(verdict).toMatchObject({ kind: 'whole' });
  const kept = await db.sql<{ id: string }[]>`
    select correlation_id::text as id from verne.audit where guild_id = ${guild}`;
  const ids = new Set(kept.map(({ id }) => id));
  expect(ids.size).toBe(kept.length);
  expect(told.filter((id) => !ids.has(id))).toEqual([]);
  return kept.length;
}
