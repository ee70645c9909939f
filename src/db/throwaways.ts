import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countAttached, withLock } from './attached.ts';
import type { Binaries } from './binaries.ts';
import { stopCluster } from './cluster.ts';
import { placeIn, THROWAWAY_PREFIX } from './place.ts';

/** Another process may look into the folder while it goes, which makes a removal of its parent fail now and then. */
export const removeFolder = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 5 });

async function clearOne(folder: string, binaries: Binaries) {
  const place = placeIn(folder);
  // Without this folder somebody is just about to start there.
  const { uid } = await stat(join(place.home, 'attached'));
  if (uid !== process.getuid?.()) return;
  await withLock(place.home, async () => {
    if ((await countAttached(place.home)) > 0) return;
    await stopCluster({ place, binaries, throwaway: true });
    await removeFolder(folder);
  });
}

/** A process that was killed could not take its throwaway database with it; the next one does. */
export async function clearThrowaways(binaries: Binaries) {
  const folders = (await readdir(tmpdir())).filter((name) => name.startsWith(THROWAWAY_PREFIX));
  // One that cannot be cleared, because it is somebody else's or is going away right now, is no reason not to start.
  await Promise.allSettled(folders.map((name) => clearOne(join(tmpdir(), name), binaries)));
}
