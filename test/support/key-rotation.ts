import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TestDatabase } from './database.ts';
import { aRing, ringText, storeKeys } from './key-rows.ts';
import type { Seeded } from './seeded.ts';

const CHILD = fileURLToPath(new URL('./key-child.ts', import.meta.url));

function startChild(mode: 'rotate' | 'open', url: string, ring: string, input = '') {
  const child = spawn(process.execPath, [CHILD, mode, url, ring], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => {}).end(input);
  const told: Record<string, number> = {};
  const began = Promise.withResolvers<void>();
  createInterface(child.stdout).on('line', (line) => {
    Object.assign(told, JSON.parse(line));
    began.resolve();
  });
  child.once('exit', () => began.resolve());
  return { child, told, began: began.promise };
}

async function kill(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return false;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  return true;
}

const under = async ({ sql }: TestDatabase, version: string) =>
  (await sql`select from verne.keys where revoked_at is null and kek_version <> ${version}`).length;

export type RotationWish = { readonly rows: number; readonly kills: number; readonly random: Seeded };

/**
 * Processes open keys all the time, while others put them under ever newer master keys and are killed at random. When
 * all kills are spent a last one comes to its end; the master keys before it are then taken away.
 */
export async function rotateUnderKills(db: TestDatabase, { rows, kills, random }: RotationWish) {
  const keys = await storeKeys(db, aRing('r0'), rows);
  const versions = Array.from({ length: kills + 2 }, (_, at) => `r${at}`);
  const all = ringText(...versions);
  const ids = JSON.stringify(keys.map(({ id }) => id));
  const openers = [1, 2].map(() => startChild('open', db.workerUrl, all, ids));
  let version = 1;
  let killed = 0;
  let whole = 0;
  try {
    while (killed < kills) {
      const ring = ringText(`r${version}`, ...versions.slice(0, version).toReversed());
      const { child, began } = startChild('rotate', db.workerUrl, ring);
      await began;
      await pause(random.next() * Math.min(400, 20 + rows / 4));
      if (await kill(child)) killed += 1;
      if ((await under(db, `r${version}`)) === 0) {
        version += 1;
        whole += 1;
      }
    }
    const last = startChild(
      'rotate',
      db.workerUrl,
      ringText(`r${version}`, ...versions.slice(0, version).toReversed()),
    );
    await once(last.child, 'exit');
    return {
      keys,
      killed,
      whole,
      left: await under(db, `r${version}`),
      broken: last.told['broken'],
      ring: aRing(`r${version}`),
      opened: openers.reduce((sum, { told }) => sum + (told['opened'] ?? 0), 0),
      failed: openers.reduce((sum, { told }) => sum + (told['failed'] ?? 0), 0),
    };
  } finally {
    await Promise.all(openers.map(({ child }) => kill(child)));
  }
}
