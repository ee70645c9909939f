import type { Log } from '#kernel/log.ts';
import { attach, countAttached, withLock } from './attached.ts';
import { findBinaries } from './binaries.ts';
import { type Cluster, ensureRunning, stopCluster } from './cluster.ts';
import { makeOutage, type Outage } from './outage.ts';
import { preparePlace } from './place.ts';
import { passwordOf, readSettings, SUPERUSER, urlOf } from './settings.ts';
import { clearThrowaways, removeFolder } from './throwaways.ts';

export type EmbeddedWish = {
  readonly dataDir: string;
  /** A fresh database in a temporary folder that is deleted at the end; `dataDir` is then not looked at. */
  readonly throwaway: boolean;
  readonly log: Log;
};

export type Embedded = {
  /** The folder that is really used: as root it can be another than the wanted one. */
  readonly dataDir: string;
  adminUrl(database?: string): string;
  urlFor(role: string, database?: string): string;
  passwordFor(role: string): string;
  /** Runs work that no other process may do at the same time to this database. */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result>;
  readonly outage: Outage;
  stop(): Promise<void>;
};

/**
 * The life of an embedded Postgres: it belongs to its data directory, not to a process. The first process starts it,
 * each further one attaches, the last one out stops it. One that was killed without stopping leaves Postgres running,
 * and the next to come adopts it; a Postgres that was killed itself is started again and recovers from its log.
 */
export async function startEmbedded({ dataDir, throwaway, log }: EmbeddedWish): Promise<Embedded> {
  const binaries = await findBinaries(log);
  if (throwaway) await clearThrowaways(binaries);
  const place = await preparePlace({ dataDir, throwaway, runAs: binaries.runAs }, log);
  const cluster: Cluster = { place, binaries, throwaway };
  const enter = () =>
    withLock(place.home, async () => ({
      settings: await ensureRunning(cluster, await readSettings(place.home), log),
      detach: await attach(place.home),
    }));
  const { settings, detach } = await enter().catch(async (error: unknown) => {
    if (throwaway) await removeFolder(place.dataDir);
    throw error;
  });
  const leave = () =>
    withLock(place.home, async () => {
      await detach();
      if ((await countAttached(place.home)) > 0) return;
      await stopCluster(cluster);
      if (throwaway) await removeFolder(place.dataDir);
    });
  let stopping: Promise<void> | undefined;
  return {
    dataDir: place.dataDir,
    adminUrl: (database = 'postgres') => urlOf(settings, SUPERUSER, database),
    urlFor: (role, database = 'postgres') => urlOf(settings, role, database),
    passwordFor: (role) => passwordOf(settings, role),
    exclusively: (work) => withLock(place.home, work),
    outage: makeOutage(cluster, log),
    stop: () => {
      stopping ??= leave();
      return stopping;
    },
  };
}
