import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Answer, sendOne } from './client.ts';
import type { Probe } from './probe.ts';
import { PUBLIC_KEY, signedRequests } from './signed.ts';
import type { World } from './world.ts';

export const NAMES = ['verne', 'discord-interactions', 'slash-create'] as const;
export type Name = (typeof NAMES)[number];

export type Subject = {
  readonly name: Name;
  readonly origin: string;
  /** What it answers to a command of which everything went well. */
  readonly isDone: (answer: Answer) => boolean;
  reset(): void;
  read(): Promise<Probe>;
  stop(): Promise<void>;
};

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const SLASH_CREATE = here('./peers/slash-create');
const FILES: Record<Name, string> = {
  verne: here('../src/main.ts'),
  'discord-interactions': here('./minimal.ts'),
  'slash-create': join(SLASH_CREATE, 'server.js'),
};
const READY_WITHIN_MS = 30_000;
const ANSWERS_WITHIN_MS = 10_000;
const STOP_WITHIN_MS = 10_000;

const typeOf = ({ text }: Answer) => (JSON.parse(text) as { type?: number }).type;
const isDeferred = (answer: Answer) => answer.status === 200 && typeOf(answer) === 5;
const isRecorded = (answer: Answer) =>
  answer.status === 200 && typeOf(answer) === 4 && answer.text.includes('recorded. It waits for an approver.');
export const isPong = (answer: Answer) => answer.status === 200 && typeOf(answer) === 1;
export const isRefused = ({ status }: Answer) => status === 401;

/** Fastify 4 and Fastify 5 cannot live in one folder. */
async function installPeer(): Promise<void> {
  if (existsSync(join(SLASH_CREATE, 'node_modules'))) return;
  const npm = spawn('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: SLASH_CREATE });
  const [code] = await once(npm, 'exit');
  if (code !== 0) throw new Error(`slash-create could not be installed: npm ci ended with ${code}.`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('This machine gives no free port.');
  return address.port;
}

/** Started means: a signed PING is answered as Discord wants it, and a forged one is not. */
async function untilRight(child: ChildProcess, origin: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  const [ping] = signedRequests('ping', 1);
  const [forged] = signedRequests('forged', 1);
  if (!ping || !forged) throw new Error('nothing was signed');
  for (;;) {
    const answer = await sendOne(origin, ping).catch(() => undefined);
    if (answer && isPong(answer)) break;
    const isGone = child.exitCode !== null || Date.now() > deadline;
    if (isGone) throw new Error(`${child.spawnargs.at(-1)} did not start: ${answer?.text ?? 'no answer'}`);
    await sleep(50);
  }
  if (!isRefused(await sendOne(origin, forged))) throw new Error(`${child.spawnargs.at(-1)} believes a forged request`);
}

async function readProbe(child: ChildProcess): Promise<Probe> {
  const answered = once(child, 'message', { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
  child.send('read');
  const [probe] = (await answered) as [Probe];
  return probe;
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await gone;
  clearTimeout(late);
}

/** Verne as it runs beside workers of its own: the role `http` alone, its log at its usual level, into a file. */
async function startSubject(name: Name, world: World): Promise<Subject> {
  const port = await freePort();
  const log = openSync(join(world.folder, `${name}.log`), 'w');
  const child = spawn(process.execPath, ['--import', new URL('./probe.ts', import.meta.url).href, FILES[name]], {
    env: {
      PORT: String(port),
      VERNE_HTTP_HOST: '127.0.0.1',
      VERNE_ROLES: 'http',
      DISCORD_APP_ID: '1300000000000000090',
      DISCORD_PUBLIC_KEY: PUBLIC_KEY,
      DATABASE_URL: world.databaseUrl,
      VERNE_MASTER_KEYS: `1:${Buffer.alloc(32, 1).toString('base64')}`,
      NODE_ENV: 'production',
    },
    stdio: ['ignore', log, 'inherit', 'ipc'],
  });
  const origin = `http://127.0.0.1:${port}`;
  try {
    await untilRight(child, origin);
  } catch (error) {
    await stopChild(child);
    throw error;
  }
  return {
    name,
    origin,
    isDone: name === 'verne' ? isRecorded : isDeferred,
    reset: () => void child.send('reset'),
    read: () => readProbe(child),
    stop: () => stopChild(child),
  };
}

export async function startSubjects(world: World): Promise<Subject[]> {
  await installPeer();
  const subjects: Subject[] = [];
  try {
    for (const name of NAMES) subjects.push(await startSubject(name, world));
    return subjects;
  } catch (error) {
    for (const subject of subjects) await subject.stop();
    throw error;
  }
}
