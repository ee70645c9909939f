import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { superviseBot } from './bot.ts';

export type ProcessesWish = {
  readonly door: 'gateway' | 'http';
  /** 0: one process does everything; else one keeps the doors, and so many others work. */
  readonly workers: number;
  readonly dataDir: string;
  /** For every process. */
  readonly env: Readonly<Record<string, string>>;
  /** For the one that keeps the doors. */
  readonly doorEnv: Readonly<Record<string, string>>;
  readonly complain: (line: string) => void;
  /** Tells where the bot's HTTP door is, again after each of its starts. */
  readonly onListening: (address: string) => void;
};

export type Processes = {
  /** Breaks when one of them will not come up. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
};

/** Whatever takes requests; webhooks come by HTTP also where interactions come over the gateway. */
const DOORS = { gateway: 'gateway,http', http: 'http' } as const;

function rolesOf({ door, workers }: ProcessesWish): { readonly name: string; readonly roles: string }[] {
  if (workers === 0) return [{ name: 'The bot', roles: `${DOORS[door]},worker` }];
  const working = Array.from({ length: workers }, (_, at) => ({ name: `Worker ${at + 1}`, roles: 'worker' }));
  return [{ name: 'The door', roles: DOORS[door] }, ...working];
}

/** The port in the bot's own log line: it takes any, so that it can never find the one of its last life taken. */
function portIn(line: string): number | undefined {
  if (!line.includes('"http.listening"')) return undefined;
  const { port } = JSON.parse(line) as { port?: unknown };
  return typeof port === 'number' ? port : undefined;
}

/** The bot in one process or several, each started again when it dies. All of them write one `bot.log`. */
export function startProcesses(wish: ProcessesWish): Processes {
  const log = createWriteStream(join(wish.dataDir, 'bot.log'), { flags: 'a' });
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const bots = rolesOf(wish).map(({ name, roles }) => {
    let last = '';
    return superviseBot({
      env: { ...wish.env, ...(roles !== 'worker' && wish.doorEnv), VERNE_ROLES: roles },
      onLine: (line) => {
        log.write(`${line}\n`);
        last = line || last;
        const port = portIn(line);
        if (port !== undefined) wish.onListening(`http://127.0.0.1:${port}`);
        // What is not a log line is the bot refusing to start: that must be seen.
        if (line && !line.startsWith('{')) wish.complain(`bot: ${line}`);
      },
      onExit: ({ how, isFinal }) => {
        wish.complain(`${name} ended (${how}). It last said: ${last}`);
        if (isFinal) failed.reject(new Error('the bot does not start'));
      },
    });
  });
  return {
    failed: failed.promise,
    stop: async () => void (await Promise.all(bots.map((bot) => bot.stop()))),
  };
}
