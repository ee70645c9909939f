import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '#kernel/log.ts';
import { withLock } from './attached.ts';
import { type Cluster, ensureRunning, stopCluster } from './cluster.ts';
import { readSettings } from './settings.ts';

type OutageState = 'running' | 'stopped' | 'paused';

/**
 * An embedded Postgres that fails on order, to see what its users do: `stop` ends it, so every connection breaks and
 * none can be made; `pause` freezes all its processes, so it holds its connections and answers nothing; `start` mends
 * both.
 */
export type Outage = {
  state(): OutageState;
  turn(to: 'stop' | 'pause' | 'start'): Promise<void>;
};

/** Postgres and everything that it started. */
async function processesOf({ place }: Cluster): Promise<readonly number[]> {
  const [first = ''] = (await readFile(join(place.cluster, 'postmaster.pid'), 'utf8')).split('\n');
  const children = await readFile(`/proc/${first}/task/${first}/children`, 'utf8');
  return [Number(first), ...children.trim().split(' ').filter(Boolean).map(Number)];
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // A connection may end between our look and our signal.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function signalAll(cluster: Cluster, name: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  for (const pid of await processesOf(cluster)) signal(pid, name);
}

export function makeOutage(cluster: Cluster, log: Log): Outage {
  const { home } = cluster.place;
  let state: OutageState = 'running';
  const thaw = async () => {
    if (state !== 'paused') return;
    await signalAll(cluster, 'SIGCONT');
    state = 'running';
  };
  const turns = {
    stop: async () => {
      await thaw();
      await withLock(home, () => stopCluster(cluster));
      state = 'stopped';
    },
    pause: async () => {
      await turns.start();
      await signalAll(cluster, 'SIGSTOP');
      state = 'paused';
    },
    start: async () => {
      await thaw();
      if (state === 'stopped') await withLock(home, async () => ensureRunning(cluster, await readSettings(home), log));
      state = 'running';
    },
  };
  return { state: () => state, turn: (to) => turns[to]() };
}
