import { chmod, chown, mkdir, mkdtemp, realpath, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Log } from '#kernel/log.ts';
import { isReachable, keyOf, ownDirectory, type RunAs } from './binaries.ts';

export type Place = {
  /** The folder in use; the wanted one, or its reachable stand-in. */
  readonly dataDir: string;
  /** Our files about the cluster: settings, lock, who is attached, log. */
  readonly home: string;
  /** The cluster itself, which belongs to the user that runs Postgres. */
  readonly cluster: string;
  readonly logFile: string;
};

export type PlaceWish = {
  readonly dataDir: string;
  readonly throwaway: boolean;
  readonly runAs: RunAs | undefined;
  /** Where to go when the wanted folder cannot be reached, best first. */
  readonly standIns?: readonly string[];
};

export function placeIn(dataDir: string): Place {
  const home = join(dataDir, 'postgres');
  return { dataDir, home, cluster: join(home, 'cluster'), logFile: join(home, 'postgres.log') };
}

/** Where a database goes that root wants under a private folder; the first keeps its files when the machine starts anew. */
const STAND_INS = ['/var/lib', tmpdir()];

async function standIn(wanted: string, parents: readonly string[]): Promise<string> {
  for (const parent of parents) {
    const isFolder = await stat(parent).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isFolder) return ownDirectory(join(parent, `verne-${keyOf(wanted)}`));
  }
  throw new Error(`${wanted} cannot be reached by the user that runs Postgres. Name another folder in VERNE_DATA_DIR.`);
}

/** Another user may pass through to the cluster, but not look around. */
async function openPath(folder: string, runAs: RunAs | undefined) {
  if (runAs) await chmod(folder, 0o711);
}

async function wantedPlace({ dataDir, runAs, standIns = STAND_INS }: PlaceWish, log: Log): Promise<string> {
  const wanted = resolve(dataDir);
  const firstMade = await mkdir(wanted, { recursive: true, mode: 0o700 });
  for (let made = wanted; firstMade && made.startsWith(firstMade); made = dirname(made)) await openPath(made, runAs);
  if (!runAs || (await isReachable(wanted, runAs))) return wanted;
  const used = await standIn(wanted, standIns);
  log.warn(
    { wanted, used },
    `Postgres runs as ${runAs.name}, who cannot reach the data folder; the database is kept in the other one.`,
  );
  return used;
}

export const THROWAWAY_PREFIX = 'verne-throwaway-';

async function throwawayPlace(runAs: RunAs | undefined): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), THROWAWAY_PREFIX));
  await openPath(folder, runAs);
  return folder;
}

/** Makes the folders. Other files in the data directory are left alone: everything of ours lies in `postgres`. */
export async function preparePlace(wish: PlaceWish, log: Log): Promise<Place> {
  const { runAs } = wish;
  // Postgres names its directory without symbolic links; so do we, to compare the two.
  const used = await realpath(wish.throwaway ? await throwawayPlace(runAs) : await wantedPlace(wish, log));
  const place = placeIn(used);
  await mkdir(place.home, { recursive: true, mode: 0o700 });
  await openPath(place.home, runAs);
  return place;
}

export async function giveTo(path: string, runAs: RunAs | undefined) {
  if (runAs) await chown(path, runAs.uid, runAs.gid);
}
