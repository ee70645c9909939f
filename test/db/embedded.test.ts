import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Embedded, startEmbedded } from '#db/embedded.ts';
import { placeIn } from '#db/place.ts';
import { connect } from '#db/postgres.ts';
import { makeLog } from '#kernel/log.ts';

const log = makeLog({ level: 'silent', secrets: [] });
const HOLDER = fileURLToPath(new URL('../support/hold-embedded.ts', import.meta.url));

let dataDir: string;
const children: ChildProcess[] = [];
const opened: Embedded[] = [];

/** Making a cluster takes a second, so one is made and most tests get a copy. */
let made: string;

const makeFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'verne-test-'));
  await chmod(folder, 0o711);
  return folder;
};

const copyMade = () => execFileSync('cp', ['-a', join(made, 'postgres'), dataDir]);

beforeAll(async () => {
  made = await makeFolder();
  await (await startEmbedded({ dataDir: made, throwaway: false, log })).stop();
});

afterAll(() => rm(made, { recursive: true, force: true }));

beforeEach(async () => {
  dataDir = await makeFolder();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const embedded of opened.splice(0)) await embedded.stop();
  // A test that failed half-way may have left Postgres behind.
  const pid = await postmasterPid();
  if (runs(pid)) process.kill(Number(pid), 'SIGQUIT');
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

async function open(folder = dataDir): Promise<Embedded> {
  const embedded = await startEmbedded({ dataDir: folder, throwaway: false, log });
  opened.push(embedded);
  return embedded;
}

/** Opens the database in a process of its own. */
async function hold(...args: string[]) {
  const child = spawn(process.execPath, [HOLDER, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, ...(JSON.parse(line) as { adminUrl: string; dataDir: string }) };
}

async function kill(child: ChildProcess) {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function leave(child: ChildProcess) {
  child.stdin?.end();
  await once(child, 'exit');
}

async function postmasterPid(folder = dataDir): Promise<number | undefined> {
  const text = await readFile(join(placeIn(folder).cluster, 'postmaster.pid'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text.split('\n')[0]);
}

function runs(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Postgres takes its pid file away a moment before it is gone itself. */
const end = (pid: number | undefined) => vi.waitUntil(() => !runs(pid), { timeout: 5000, interval: 10 });

async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const sql = connect(url, { max: 1, applicationName: 'verne test' });
  try {
    return await sql.unsafe<Row[]>(text);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

test('a Postgres whose process was killed lives on and is adopted by the next one', async () => {
  copyMade();
  const first = await hold(dataDir);
  const pid = await postmasterPid();
  await kill(first.child);
  expect(runs(pid)).toBe(true);
  const next = await open();
  expect(await postmasterPid()).toBe(pid);
  expect(next.adminUrl()).toBe(first.adminUrl);
  await next.stop();
  await end(pid);
});

test('a second process attaches to the same Postgres, and the last one out stops it', async () => {
  copyMade();
  const first = await hold(dataDir);
  const second = await hold(dataDir);
  const pid = await postmasterPid();
  expect(second.adminUrl).toBe(first.adminUrl);
  await leave(first.child);
  expect(await query(second.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  await leave(second.child);
  await end(pid);
});

test('two processes that start at the same time share one Postgres', async () => {
  const [first, second] = await Promise.all([hold(dataDir), hold(dataDir)]);
  expect(second.adminUrl).toBe(first.adminUrl);
  await Promise.all([leave(first.child), leave(second.child)]);
  expect(await postmasterPid()).toBeUndefined();
});

test('a killed process does not keep Postgres running when the last living one leaves', async () => {
  copyMade();
  const killed = await hold(dataDir);
  const living = await hold(dataDir);
  const pid = await postmasterPid();
  await kill(killed.child);
  await leave(living.child);
  await end(pid);
});

test('the lock of a process that was killed is broken', async () => {
  copyMade();
  const held = await hold(dataDir);
  await kill(held.child);
  await writeFile(join(placeIn(dataDir).home, 'lock'), `${held.child.pid} 1`);
  await expect(open()).resolves.toBeDefined();
});

test('the lock of a process whose number was given to another one is broken', async () => {
  copyMade();
  await writeFile(join(placeIn(dataDir).home, 'lock'), `${process.pid} 1`);
  await expect(open()).resolves.toBeDefined();
});

test('a killed Postgres starts again with what was committed, in spite of its stale pid file', async () => {
  copyMade();
  const embedded = await open();
  await query(embedded.adminUrl(), 'create table kept as select 42 as answer');
  const pid = await postmasterPid();
  process.kill(Number(pid), 'SIGKILL');
  await end(pid);
  expect(await postmasterPid()).toBe(pid);
  const again = await open();
  expect(await query(again.adminUrl(), 'select answer from kept')).toEqual([{ answer: 42 }]);
});

test('a pid file that names a living stranger does not keep Postgres from starting, nor is the stranger stopped', async () => {
  copyMade();
  const embedded = await open();
  await embedded.stop();
  // Of the same user as Postgres: one of another user is no riddle to Postgres itself.
  const { uid, gid } = await stat(placeIn(dataDir).cluster);
  const stranger = spawn('sleep', ['60'], { uid, gid });
  children.push(stranger);
  const { cluster } = placeIn(dataDir);
  await writeFile(join(cluster, 'postmaster.pid'), `${stranger.pid}\n${cluster}\n1\n5432\n\n127.0.0.1\n\nready\n`);
  const again = await open();
  expect(await query(again.adminUrl(), 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(stranger.exitCode).toBe(null);
});

test('a data directory that holds other files keeps them', async () => {
  await writeFile(join(dataDir, 'PG_VERSION'), 'not yours');
  await writeFile(join(dataDir, 'notes.txt'), 'mine');
  const embedded = await open();
  await embedded.stop();
  expect((await readdir(dataDir)).sort()).toEqual(['PG_VERSION', 'notes.txt', 'postgres']);
  expect(await readFile(join(dataDir, 'notes.txt'), 'utf8')).toBe('mine');
});

test('a folder that is in the way of the database is not touched, and the error says what to do', async () => {
  const { cluster } = placeIn(dataDir);
  await mkdir(cluster, { recursive: true });
  await writeFile(join(cluster, 'thesis.txt'), 'mine');
  await expect(open()).rejects.toThrow(/not a Postgres database.*VERNE_DATA_DIR/);
  expect(await readFile(join(cluster, 'thesis.txt'), 'utf8')).toBe('mine');
  await rm(cluster, { recursive: true });
});

test('port and password stay the same, in a file that only its owner may read', async () => {
  copyMade();
  const first = await open();
  const url = first.adminUrl();
  await first.stop();
  expect((await stat(join(placeIn(dataDir).home, 'settings.json'))).mode & 0o777).toBe(0o600);
  expect((await open()).adminUrl()).toBe(url);
});

test('another port is chosen where a stranger took the old one', async () => {
  copyMade();
  const first = await open();
  const port = Number(new URL(first.adminUrl()).port);
  await first.stop();
  const stranger = createServer();
  stranger.listen(port, '127.0.0.1');
  await once(stranger, 'listening');
  try {
    const again = await open();
    expect(Number(new URL(again.adminUrl()).port)).not.toBe(port);
    expect(await query(again.adminUrl(), 'select 1 as one')).toEqual([{ one: 1 }]);
  } finally {
    stranger.close();
  }
});

test('Postgres listens on the loopback address only, keeps UTC and flushes what it commits', async () => {
  copyMade();
  const embedded = await open();
  const settings = await query<{ name: string; setting: string }>(
    embedded.adminUrl(),
    `select name, setting from pg_settings
     where name in ('listen_addresses', 'unix_socket_directories', 'TimeZone', 'fsync', 'max_connections') order by name`,
  );
  expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
    TimeZone: 'UTC',
    fsync: 'on',
    listen_addresses: '127.0.0.1',
    max_connections: '200',
    unix_socket_directories: '',
  });
});

test('a throwaway database leaves nothing behind, even of a process that was killed', async () => {
  const killed = await hold('', 'throwaway');
  const pid = await postmasterPid(killed.dataDir);
  await kill(killed.child);
  const next = await startEmbedded({ dataDir: '', throwaway: true, log });
  await end(pid);
  expect(await isThere(killed.dataDir)).toBe(false);
  await next.stop();
  expect(await isThere(next.dataDir)).toBe(false);
});
