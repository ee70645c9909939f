import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { connect } from '#db/postgres.ts';
import { readSettings, SUPERUSER, urlOf, writeSettings } from '#db/settings.ts';

const run = promisify(execFile);

/** An empty folder for one sandbox, through which another user may pass: as root, Postgres runs as one. */
export async function emptyFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'verne-flow-'));
  await chmod(folder, 0o711);
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }) };
}

/** A folder for one sandbox with a migrated Postgres in it: to make one takes three seconds of two cores, to copy it none. */
export async function dataFolder() {
  const made = await emptyFolder();
  const home = databaseHome(made.folder);
  // Postgres starts only where its files belong to the user that runs it.
  await run('cp', ['--archive', inject('sandboxDatabase'), home]);
  await writeSettings(home, { ...(await readSettings(home)), port: 0 });
  return made;
}

export type LogLine = {
  readonly level: number;
  readonly msg?: string;
  readonly error?: string;
  readonly event?: string;
  readonly pid?: number;
  readonly subscriber?: string;
  readonly subject?: string;
};

function lineOf(text: string): LogLine[] {
  try {
    return [JSON.parse(text) as LogLine];
  } catch {
    return [];
  }
}

/** What all bots of a sandbox have logged. */
export async function logOf(folder: string): Promise<LogLine[]> {
  return (await readFile(join(folder, 'bot.log'), 'utf8')).split('\n').flatMap(lineOf);
}

const ERROR = 50;
/** What the bots of a sandbox took for their own fault. */
export const defectsOf = async (folder: string) => (await logOf(folder)).filter(({ level }) => level >= ERROR);

export const databaseHome = (folder: string) => join(folder, 'postgres');

/** Looks into the database of a running sandbox. */
export async function openDatabase(folder: string) {
  const settings = await readSettings(databaseHome(folder));
  return connect(urlOf(settings, SUPERUSER, 'postgres'), { max: 1, applicationName: 'verne test' });
}

/** Postgres and everything that it started; stopped, it holds its connections and answers nothing. */
export async function postgresPids(folder: string): Promise<number[]> {
  const [first = ''] = (await readFile(join(databaseHome(folder), 'cluster/postmaster.pid'), 'utf8')).split('\n');
  const children = await readFile(`/proc/${first}/task/${first}/children`, 'utf8');
  return [Number(first), ...children.trim().split(' ').filter(Boolean).map(Number)];
}
