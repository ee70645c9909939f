import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** With this exit code the bot says that its configuration is wrong: starting it again would not help. */
const EXIT_CONFIG = 78;
/** Killed from outside it is always started again; ending by itself so often in a row, it will not come up. */
const MAX_CRASHES = 3;
const RESTART_MS = 500;
const STOP_MS = 15_000;

export type BotOptions = {
  readonly env: Readonly<Record<string, string>>;
  /** Its log lines, one a call. */
  readonly onLine: (line: string) => void;
  readonly onExit: (end: { readonly how: string; readonly isFinal: boolean }) => void;
};

type Bot = { stop(): Promise<void> };

function startBot({ env, onLine }: BotOptions): ChildProcess {
  // A group of its own: Ctrl-C reaches the sandbox, which stops the bot in its order. The channel tells the bot when
  // the sandbox itself was killed.
  const child = spawn(process.execPath, [MAIN], {
    env: { ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
  }
  return child;
}

/** The bot as a child process, started again when it dies: it may be killed at any moment to see what it promises. */
export function superviseBot(options: BotOptions): Bot {
  let child = startBot(options);
  let stopping = false;
  let restart: NodeJS.Timeout | undefined;
  let crashes = 0;

  function watch() {
    child.once('exit', (code, signal) => {
      if (stopping) return;
      // Code 0 is a bot that somebody told to stop.
      crashes = signal || code === 0 ? 0 : crashes + 1;
      options.onExit({ how: signal ?? `exit code ${code}`, isFinal: code === EXIT_CONFIG || crashes >= MAX_CRASHES });
      if (code === EXIT_CONFIG || crashes >= MAX_CRASHES) return;
      restart = setTimeout(() => {
        child = startBot(options);
        watch();
      }, RESTART_MS);
    });
  }
  watch();

  return {
    stop: async () => {
      stopping = true;
      clearTimeout(restart);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await gone;
      clearTimeout(late);
    },
  };
}
