import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** When a process started, in ticks since boot: with it a pid that was given again is told from the first one. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name in parentheses may hold anything; the fields are counted after it.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

async function identity(): Promise<string> {
  return `${process.pid} ${(await startOf(process.pid)) ?? ''}`;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function isAlive(written: string): Promise<boolean> {
  const [pid = '', start = ''] = written.trim().split(' ');
  if (!/^\d+$/.test(pid) || !exists(Number(pid))) return false;
  return start === '' || start === (await startOf(Number(pid)));
}

const readText = (path: string) => readFile(path, 'utf8').catch(() => undefined);

/** Linking gives the lock its content at once: nobody reads a half written one. */
async function tryLock(lock: string, mine: string): Promise<boolean> {
  const draft = `${lock}.${process.pid}.${sequence++}`;
  await writeFile(draft, mine, { mode: 0o600 });
  try {
    await link(draft, lock);
    return true;
  } catch {
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Takes away a dead holder's lock. Between our look and our move it may have become somebody else's: then it is put back. */
async function breakLock(lock: string) {
  const holder = await readText(lock);
  if (holder === undefined || (await isAlive(holder))) return;
  const aside = `${lock}.${process.pid}.${sequence++}`;
  await rename(lock, aside).catch(() => {});
  const moved = await readText(aside);
  if (moved !== undefined && (await isAlive(moved))) await link(aside, lock).catch(() => {});
  await rm(aside, { force: true });
}

let sequence = 0;
const LOCK_TIMEOUT_MS = 60_000;

/** Runs `work` while no other process on this machine does so for the same folder. */
export async function withLock<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const lock = join(folder, 'lock');
  const mine = `${await identity()} ${sequence++}`;
  const deadline = performance.now() + LOCK_TIMEOUT_MS;
  while (!(await tryLock(lock, mine))) {
    if (performance.now() > deadline) {
      throw new Error(
        `Another process holds ${lock} for longer than a minute. End it (its number stands in the file) and start again.`,
      );
    }
    await breakLock(lock);
    await sleep(20);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Says that this process uses the folder. The answer takes it back. Call it under the lock. */
export async function attach(folder: string): Promise<() => Promise<void>> {
  const attached = join(folder, 'attached');
  await mkdir(attached, { recursive: true, mode: 0o700 });
  const file = join(attached, `${process.pid}.${sequence++}`);
  await writeFile(file, await identity(), { mode: 0o600 });
  return () => rm(file, { force: true });
}

/** How many living processes use the folder; the files of dead ones are cleared away. Call it under the lock. */
export async function countAttached(folder: string): Promise<number> {
  const attached = join(folder, 'attached');
  const files = await readdir(attached).catch(() => []);
  let living = 0;
  for (const file of files) {
    if (await isAlive((await readText(join(attached, file))) ?? '')) living++;
    else await rm(join(attached, file), { force: true });
  }
  return living;
}
