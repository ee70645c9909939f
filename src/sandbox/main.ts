/** `npm run sandbox`: Verne in a world of its own, without any account. */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '#kernel/errors.ts';
import { startSandbox } from './sandbox.ts';

const USAGE =
  'npm run sandbox [-- --port N --data DIR --speed X --door gateway|http --workers N --database embedded|env]';

type Wish = {
  readonly port: number;
  readonly speed: number;
  readonly door: 'gateway' | 'http';
  readonly workers: number;
  readonly embedded: boolean;
  readonly data?: string;
};

const MAX_WORKERS = 16;

/** What of an environment the bot needs to run at all. */
const MACHINE = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG'];
/** What names a database, and opens what is sealed in it. */
const DATABASE = [
  'DATABASE_URL',
  'SUPABASE_URL',
  'SUPABASE_SERVICE_ROLE_KEY',
  'SUPABASE_SECRET_KEY',
  'VERNE_MASTER_KEYS',
];

function isEmbedded(database: string): boolean {
  if (database !== 'embedded' && database !== 'env') throw new Error('--database is embedded or env');
  if (database === 'env' && !(process.env['DATABASE_URL'] || process.env['SUPABASE_URL'])) {
    throw new Error('--database env needs DATABASE_URL or SUPABASE_URL in the environment');
  }
  return database === 'embedded';
}

function readWish(): Wish {
  const text = { type: 'string' } as const;
  const options = { port: text, data: text, speed: text, door: text, workers: text, database: text };
  const { values } = parseArgs({ options });
  const port = Number(values.port ?? 0);
  const speed = Number(values.speed ?? 1);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port is a number from 0 (any) to 65535');
  if (!(speed >= 0.1 && speed <= 1000)) throw new Error('--speed is a number from 0.1 to 1000; 1 is real time');
  const door = values.door ?? 'gateway';
  if (door !== 'gateway' && door !== 'http') throw new Error('--door is gateway or http');
  const workers = Number(values.workers ?? 0);
  if (!Number.isInteger(workers) || workers < 0 || workers > MAX_WORKERS) {
    throw new Error(`--workers is a number from 0 (one process does everything) to ${MAX_WORKERS}`);
  }
  const embedded = isEmbedded(values.database ?? 'embedded');
  return { port, speed, door, workers, embedded, ...(values.data && { data: values.data }) };
}

function wishOrUsage(): Wish {
  try {
    return readWish();
  } catch (error) {
    console.error(`${messageOf(error)}\nUsage: ${USAGE}`);
    process.exit(2);
  }
}

/** A directory that was named stays; otherwise the sandbox leaves nothing behind. */
async function placeFor({ data }: Wish) {
  if (!data) {
    const dataDir = await mkdtemp(join(tmpdir(), 'verne-sandbox-'));
    // As root, Postgres runs as another user, who must be able to pass.
    await chmod(dataDir, 0o711);
    return { dataDir, clear: () => rm(dataDir, { recursive: true, force: true }) };
  }
  const dataDir = resolve(data);
  await mkdir(dataDir, { recursive: true });
  return { dataDir, clear: async () => {} };
}

const wish = wishOrUsage();
const stopping = Promise.withResolvers<void>();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopping.resolve());

const { dataDir, clear } = await placeFor(wish);
// What is set for the bot by name (a timeout, a lease) reaches it; nothing else of this machine's environment does, and
// a database only where the sandbox was told to use it.
const isForBot = (name: string) =>
  DATABASE.includes(name) ? !wish.embedded : MACHINE.includes(name) || name.startsWith('VERNE_');
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => isForBot(name)));

try {
  const sandbox = await startSandbox({
    ...wish,
    dataDir,
    env,
    say: console.log,
    complain: console.error,
  });
  console.log(`Verne sandbox: ${sandbox.origin}`);
  await stopping.promise;
  await sandbox.stop();
  await clear();
} catch (error) {
  console.error(`The sandbox could not go on: ${messageOf(error)}`);
  await clear();
  process.exitCode = 1;
}
process.exit();
