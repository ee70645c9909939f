import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** With this exit code the bot says that its configuration is wrong. */
const EXIT_CONFIG = 78;
const RESTART_MS = 100;

export type MemberName = 'http' | 'gateway' | 'worker-1' | 'worker-2';
export const MEMBERS: readonly MemberName[] = ['http', 'gateway', 'worker-1', 'worker-2'];

export type Fleet = {
  pid(name: MemberName): number | undefined;
  /** Whether it has said that it started; until then it has nothing under way. */
  isUp(name: MemberName): boolean;
  /** How long the last start took that came to its end. */
  bootMs(): number;
  signal(name: MemberName, signal: NodeJS.Signals): boolean;
  /** Kills all and starts none until `release`. */
  hold(): Promise<void>;
  release(): void;
  /** Breaks when a process will not come up. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
};

/**
 * Whoever is killed keeps nothing of what it compiled, so that is done once, by one that refuses to start and ends. How
 * long that takes tells how busy the machine is.
 */
export async function compileOnce(folder: string) {
  const env: Readonly<Record<string, string>> = {
    PATH: process.env['PATH'] ?? '',
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  };
  const startedAt = performance.now();
  await once(spawn(process.execPath, [MAIN], { env, stdio: 'ignore' }), 'exit');
  return { env, tookMs: performance.now() - startedAt };
}

type Seat = { child: ChildProcess | undefined; isUp: boolean };

/** The processes of the bot, each started again when it dies. All write one log. */
export function startFleet(folder: string, envOf: (name: MemberName) => Readonly<Record<string, string>>): Fleet {
  const log = createWriteStream(join(folder, 'bot.log'), { flags: 'a' });
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const seats = new Map<MemberName, Seat>(MEMBERS.map((name) => [name, { child: undefined, isUp: false }]));
  let state: 'running' | 'held' | 'stopped' = 'running';
  let bootMs = 1000;
  const seatOf = (name: MemberName) => {
    const seat = seats.get(name);
    if (!seat) throw new Error(`there is no ${name}`);
    return seat;
  };

  function start(name: MemberName): void {
    const seat = seatOf(name);
    if (state !== 'running' || seat.child) return;
    // By the channel it learns that whoever started it is gone.
    const child = spawn(process.execPath, [MAIN], {
      env: { ...envOf(name) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    seat.child = child;
    seat.isUp = false;
    const startedAt = performance.now();
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log.write(text);
        said = `${said}${text}`.slice(-4000);
        if (seat.isUp || !said.includes('"verne.started"')) return;
        seat.isUp = true;
        bootMs = performance.now() - startedAt;
      });
    }
    child.once('exit', (code) => {
      seat.child = undefined;
      seat.isUp = false;
      if (code === EXIT_CONFIG) failed.reject(new Error(`${name} does not start: ${said}`));
      else setTimeout(() => start(name), RESTART_MS);
    });
  }
  for (const name of MEMBERS) start(name);

  async function endAll(signal: NodeJS.Signals): Promise<void> {
    const living = [...seats.values()].flatMap(({ child }) => child ?? []);
    const gone = living.map((child) => once(child, 'exit'));
    for (const child of living) {
      child.kill('SIGCONT');
      child.kill(signal);
    }
    await Promise.all(gone);
  }

  return {
    pid: (name) => seatOf(name).child?.pid,
    isUp: (name) => seatOf(name).isUp,
    bootMs: () => bootMs,
    signal: (name, signal) => seatOf(name).child?.kill(signal) ?? false,
    hold: async () => {
      state = 'held';
      await endAll('SIGKILL');
    },
    release: () => {
      state = 'running';
      for (const name of MEMBERS) start(name);
    },
    failed: failed.promise,
    stop: async () => {
      state = 'stopped';
      await endAll('SIGKILL');
      log.end();
    },
  };
}
