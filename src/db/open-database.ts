import type { Log } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { driverUrl, isTransactionPooler } from './database-url.ts';
import { listen } from './listen.ts';
import { openEmbeddedDatabase } from './open-embedded.ts';
import { connect, postgresRpc } from './postgres.ts';
import { supabaseRpc } from './supabase.ts';

export type DatabaseWish = {
  /** `DATABASE_URL`: wins where it is given. */
  readonly url?: string | undefined;
  /** Whether the url leads through a pooler that hands out each transaction; undefined: told by the url. */
  readonly pooled?: boolean | undefined;
  readonly supabase?: { readonly url: string; readonly key: string } | undefined;
  /** The embedded Postgres, where nothing else is given. */
  readonly dataDir: string;
  readonly throwaway: boolean;
  /** What a person waits for is given up after this time. */
  readonly answerMs: number;
  readonly slots: number;
  /** Between two questions for work, on a direct connection and over HTTP. */
  readonly pollMs: number;
  readonly httpPollMs: number;
  readonly log: Log;
};

export type Database = {
  readonly kind: 'postgres' | 'supabase' | 'embedded';
  /** For what a person waits for: never queues behind what workers do. */
  readonly door: Rpc;
  readonly worker: Rpc;
  readonly pollMs: number;
  /** The folder beside which the master key is kept; only the embedded Postgres has one. */
  readonly dataDir?: string;
  /** Calls back when any process published, where the connection carries it; ends with the database. */
  listen(onNews: () => void): void;
  stop(): Promise<void>;
};

const WORKER_TIMEOUT_MS = 15_000;
/** A server that can be reached says within this time that it cancelled a slow call. */
const CANCELLED_MS = 1000;
/** Whoever is still in a call when the database is closed was given up before. */
const END = { timeout: 1 };

type Direct = Pick<Database, 'door' | 'worker' | 'listen' | 'stop'>;

/** Two pools. PgBouncer refuses a connection that asks for `statement_timeout`, so there a slow call is cancelled by us. */
function openPools(url: string, pooled: boolean, { answerMs, slots, log }: DatabaseWish): Direct {
  const pool = (max: number, timeoutMs: number, applicationName: string) => {
    const sql = connect(url, { max, applicationName, pooled, ...(!pooled && { statementTimeoutMs: timeoutMs }) });
    const silentMs = timeoutMs + CANCELLED_MS;
    return { sql, rpc: postgresRpc(sql, { prepare: !pooled, silentMs, ...(pooled && { timeoutMs }) }) };
  };
  const door = pool(5, answerMs, 'verne door');
  const worker = pool(slots, WORKER_TIMEOUT_MS, 'verne worker');
  const stops: (() => Promise<void>)[] = [];
  return {
    door: door.rpc,
    worker: worker.rpc,
    listen: (onNews) => {
      if (!pooled) stops.push(listen(url, onNews, { log }).stop);
    },
    stop: async () => {
      await Promise.all(stops.splice(0).map((stop) => stop()));
      await Promise.all([door.sql.end(END), worker.sql.end(END)]);
    },
  };
}

function openDirect(url: string, wish: DatabaseWish): Database {
  const pooled = wish.pooled ?? isTransactionPooler(url);
  return { kind: 'postgres', pollMs: wish.pollMs, ...openPools(driverUrl(url), pooled, wish) };
}

function openHttp({ url, key }: { readonly url: string; readonly key: string }, wish: DatabaseWish): Database {
  return {
    kind: 'supabase',
    pollMs: Math.max(wish.pollMs, wish.httpPollMs),
    door: supabaseRpc({ url, key, timeoutMs: wish.answerMs }),
    worker: supabaseRpc({ url, key, timeoutMs: WORKER_TIMEOUT_MS }),
    listen: () => {},
    stop: async () => {},
  };
}

async function openEmbedded(wish: DatabaseWish): Promise<Database> {
  const embedded = await openEmbeddedDatabase(wish);
  const pools = openPools(embedded.workerUrl, false, wish);
  return {
    kind: 'embedded',
    pollMs: wish.pollMs,
    dataDir: embedded.dataDir,
    ...pools,
    stop: async () => {
      await pools.stop();
      await embedded.close();
    },
  };
}

/** Direct connections where there is a url, else the Data API, else a Postgres of one's own. */
export async function openDatabase(wish: DatabaseWish): Promise<Database> {
  if (wish.url) return openDirect(wish.url, wish);
  if (wish.supabase) return openHttp(wish.supabase, wish);
  return openEmbedded(wish);
}

/** The configuration as far as it is about the database. */
type DatabaseSettings = {
  readonly database: Pick<DatabaseWish, 'url' | 'pooled' | 'supabase' | 'dataDir' | 'throwaway'>;
  readonly discord: Pick<DatabaseWish, 'answerMs'>;
  readonly worker: Pick<DatabaseWish, 'slots' | 'pollMs' | 'httpPollMs'>;
};

/** The database that the configuration names. */
export function openConfigured({ database, discord, worker }: DatabaseSettings, log: Log): Promise<Database> {
  const { slots, pollMs, httpPollMs } = worker;
  return openDatabase({ ...database, answerMs: discord.answerMs, slots, pollMs, httpPollMs, log });
}
