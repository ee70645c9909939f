import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { MASTER_KEYS } from './tasks.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const WARN = 40;

type Line = { readonly level: number; readonly event?: string; readonly port?: number; readonly msg?: string };

export type HttpProcess = {
  readonly port: number;
  readonly pid: number;
  /** Lines of warnings and worse, as they were logged. */
  readonly warnings: readonly Line[];
  isAlive(): boolean;
  /** How much more memory was resident at the worst moment of `work` than before it, in megabytes. */
  growthMb(work: () => Promise<unknown>): Promise<number>;
  stop(): Promise<void>;
};

/** From the kernel: `VmRSS` is resident now, `VmHWM` was resident at most since `clear_refs` was told 5. */
async function residentMb(pid: number, name: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

/** A process of the bot as it runs beside workers of its own: `src/main.ts` with the role `http` alone. */
export async function startHttpProcess(env: Record<string, string>): Promise<HttpProcess> {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      VERNE_HTTP_HOST: '127.0.0.1',
      VERNE_ROLES: 'http',
      DISCORD_APP_ID: '1300000000000000090',
      VERNE_MASTER_KEYS: MASTER_KEYS,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const warnings: Line[] = [];
  const listening = Promise.withResolvers<number>();
  const { pid } = child;
  if (pid === undefined) throw new Error('no process was started');
  createInterface(child.stdout).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    if (line.level >= WARN) warnings.push(line);
    if (line.event === 'http.listening' && line.port) listening.resolve(line.port);
  });
  child.once('exit', (code) => listening.reject(new Error(`the bot ended with ${code}`)));
  return {
    port: await listening.promise,
    pid,
    warnings,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async growthMb(work) {
      const before = await residentMb(pid, 'VmRSS');
      await writeFile(`/proc/${pid}/clear_refs`, '5');
      await work();
      return (await residentMb(pid, 'VmHWM')) - before;
    },
    stop: () => stopChild(child),
  };
}
