import { mkdir, readdir, readFile, readlink, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '#kernel/log.ts';
import { type Binaries, runProgram } from './binaries.ts';
import { giveTo, type Place } from './place.ts';
import { connect } from './postgres.ts';
import { passwordOf, type Settings, SUPERUSER, urlOf, writeSettings } from './settings.ts';

export type Cluster = { readonly place: Place; readonly binaries: Binaries; readonly throwaway: boolean };

const HOST = '127.0.0.1';
const LOG_LIMIT_BYTES = 10_000_000;
const START_TRIES = 5;
const START_TIMEOUT_S = 60;

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

const pidFile = ({ cluster }: Place) => join(cluster, 'postmaster.pid');

/** The package's libraries are completed by its install script, which npm runs only where it is allowed to. */
const remedy = (output: string) =>
  output.includes('shared libraries') ? ' Run npm rebuild, which completes the installed Postgres.' : '';

/** Makes the cluster under another name and renames it when it is whole, so that a kill in between leaves nothing half. */
async function initialise({ place, binaries, throwaway }: Cluster, settings: Settings) {
  const making = join(place.home, 'cluster-in-the-making');
  await rm(making, { recursive: true, force: true });
  const passwordFile = join(place.home, 'password-in-the-making');
  await writeFile(passwordFile, passwordOf(settings, SUPERUSER), { mode: 0o600 });
  await giveTo(passwordFile, binaries.runAs);
  try {
    // The user that runs Postgres may not write in our folder, so it is handed its own.
    await makeFolder(making, binaries);
    const { code, output } = await runProgram(binaries, 'initdb', [
      `--pgdata=${making}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      ...(throwaway ? ['--no-sync'] : []),
    ]);
    if (code !== 0) throw new Error(`The database could not be made in ${place.home}: ${output}.${remedy(output)}`);
    await rename(making, place.cluster);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function makeFolder(path: string, { runAs }: Binaries) {
  await mkdir(path, { mode: 0o700 });
  await giveTo(path, runAs);
}

async function ensureCluster(cluster: Cluster, settings: Settings) {
  const folder = cluster.place.cluster;
  if (!(await exists(folder))) return initialise(cluster, settings);
  const version = await readFile(join(folder, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version === undefined && (await readdir(folder)).length > 0) {
    throw new Error(
      `${folder} holds files that are not a Postgres database. Move them away or name another VERNE_DATA_DIR.`,
    );
  }
  if (version?.trim() !== '17') {
    throw new Error(
      `The database in ${folder} was made by Postgres ${version?.trim()}, this is Postgres 17. Restore it from a dump, or name another VERNE_DATA_DIR.`,
    );
  }
}

/** Whether our own Postgres answers, and not a stranger on the same port: only ours lies in this folder. */
async function answers({ place }: Cluster, settings: Settings): Promise<boolean> {
  if (!(await exists(pidFile(place)))) return false;
  const sql = connect(urlOf(settings, SUPERUSER, 'template1'), {
    max: 1,
    applicationName: 'verne start',
    connectTimeoutS: 3,
  });
  try {
    const [row] = await sql<{ folder: string }[]>`select current_setting('data_directory') as folder`;
    return row?.folder === place.cluster;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function canListen(port: number): Promise<number | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(undefined));
    server.listen({ port, host: HOST }, () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

/** Keeps the port of the data directory while it is free, and chooses another where it was taken. */
async function choosePort({ place }: Cluster, settings: Settings): Promise<Settings> {
  const port = (settings.port > 0 && (await canListen(settings.port))) || (await canListen(0));
  if (!port) throw new Error('This machine gives no free port on 127.0.0.1 to the embedded Postgres.');
  if (port === settings.port) return settings;
  const chosen = { ...settings, port };
  await writeSettings(place.home, chosen);
  return chosen;
}

function optionsFor(port: number, throwaway: boolean): string {
  const options = {
    port,
    listen_addresses: HOST,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '64MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    password_encryption: 'scram-sha-256',
    ...(throwaway && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(options)
    .map(([name, value]) => `-c ${name}=${value === '' ? "''" : value}`)
    .join(' ');
}

/**
 * A pid file outlives a killed Postgres, and its number may by now be another process', which Postgres would wait for
 * and pg_ctl would signal. Postgres works in its data directory, so where the system tells that, it is decisive.
 */
async function clearStalePid({ place }: Cluster) {
  const file = pidFile(place);
  const pid = (await readFile(file, 'utf8').catch(() => '')).split('\n')[0];
  const folder = pid && (await readlink(`/proc/${pid}/cwd`).catch(() => undefined));
  if (folder && folder !== place.cluster) await rm(file, { force: true });
}

async function prepareLog({ place, binaries }: Cluster) {
  await writeFile(place.logFile, '', { flag: 'a', mode: 0o600 });
  await giveTo(place.logFile, binaries.runAs);
  if ((await stat(place.logFile)).size > LOG_LIMIT_BYTES) await truncate(place.logFile);
}

async function lastLines(file: string): Promise<string> {
  return (await readFile(file, 'utf8').catch(() => '')).trim().split('\n').slice(-4).join(' | ');
}

async function start(cluster: Cluster, settings: Settings, log: Log): Promise<Settings> {
  const { place, binaries, throwaway } = cluster;
  await prepareLog(cluster);
  for (let attempt = 1; ; attempt++) {
    const chosen = await choosePort(cluster, settings);
    await clearStalePid(cluster);
    // pg_ctl gives Postgres a session of its own, so neither our end nor a Ctrl-C reaches it.
    const { code, output } = await runProgram(binaries, 'pg_ctl', [
      'start',
      '--wait',
      `--timeout=${START_TIMEOUT_S}`,
      `--pgdata=${place.cluster}`,
      `--log=${place.logFile}`,
      `--options=${optionsFor(chosen.port, throwaway)}`,
    ]);
    if (code === 0) return chosen;
    const why = `${output} | ${await lastLines(place.logFile)}`;
    if (attempt === START_TRIES) {
      throw new Error(`The embedded Postgres in ${place.cluster} did not start: ${why}. Its log is ${place.logFile}.`);
    }
    // The children of a killed Postgres take a moment to notice and to let go of its memory.
    log.warn({ attempt, why }, 'The embedded Postgres did not start at once.');
    await sleep(300 * attempt);
  }
}

/** Brings the cluster up, whatever state it was left in, and says on which port. Call it under the lock. */
export async function ensureRunning(cluster: Cluster, settings: Settings, log: Log): Promise<Settings> {
  await ensureCluster(cluster, settings);
  if (settings.port > 0 && (await answers(cluster, settings))) return settings;
  const started = await start(cluster, settings, log);
  if (await answers(cluster, started)) return started;
  throw new Error(
    `The embedded Postgres in ${cluster.place.cluster} runs but does not accept its password. Restore ${cluster.place.home}/settings.json.`,
  );
}

/** What `pg_ctl status` answers where nothing runs. */
const NOT_RUNNING = 3;

export async function stopCluster(cluster: Cluster) {
  const { place, binaries } = cluster;
  await clearStalePid(cluster);
  const data = `--pgdata=${place.cluster}`;
  const { code, output } = await runProgram(binaries, 'pg_ctl', [
    'stop',
    '--wait',
    '--mode=fast',
    '--timeout=30',
    data,
  ]);
  if (code === 0 || (await runProgram(binaries, 'pg_ctl', ['status', data])).code === NOT_RUNNING) return;
  throw new Error(`The embedded Postgres in ${place.cluster} did not stop: ${output}`);
}
