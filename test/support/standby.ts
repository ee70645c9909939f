import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Process } from './sandbox.ts';
import type { LogLine } from './sandbox-data.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export type Standby = {
  readonly pid: number;
  happened(event: string): boolean;
  until(event: string, withinMs: number): Promise<void>;
  /** Nobody starts it again. */
  end(signal: NodeJS.Signals): Promise<void>;
};

/** One more gateway beside that of a sandbox, with the same environment, as while two releases overlap. */
export async function startStandby({ env }: Process): Promise<Standby> {
  const child = spawn(process.execPath, [MAIN], {
    env: { ...env, VERNE_ROLES: 'gateway' },
    // By the channel it learns that whoever started it is gone.
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  });
  const gone = once(child, 'exit');
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const lines = () =>
    said
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine);
  const happened = (event: string) => lines().some((line) => line.event === event || line.msg === event);
  const until = async (event: string, withinMs: number) => {
    const deadline = performance.now() + withinMs;
    while (!happened(event)) {
      if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${event}\n${said}`);
      await new Promise((resume) => setTimeout(resume, 30));
    }
  };
  await until('verne.started', 20_000);
  return {
    pid: child.pid ?? 0,
    happened,
    until,
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await gone;
    },
  };
}
