import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { messageOf } from '#kernel/errors.ts';
import type { Log } from '#kernel/log.ts';
import { connect } from './postgres.ts';

/** As `publish_event` names it. An empty payload is news; anything else is somebody's test of the line. */
const CHANNEL = 'verne_deliveries';

export type ListenWish = {
  readonly log: Log;
  /** Within this time a NOTIFY of our own must be heard, or the line carries none. */
  readonly echoMs?: number;
  /** Between two tries to reach a database that is away at the start; a line that broke later is mended by the driver. */
  readonly againMs?: number;
};

export type Listening = {
  /** True once news come by themselves; false for ever where only polling works. */
  readonly heard: Promise<boolean>;
  stop(): Promise<void>;
};

type Hearing = Required<ListenWish> & {
  readonly url: string;
  readonly onNews: () => void;
  readonly signal: AbortSignal;
};

/** Sends a word and waits for it. Behind a pooler LISTEN is answered, but what it should bring never comes. */
async function carriesNews(sql: Sql, { onNews, echoMs, signal }: Hearing): Promise<boolean> {
  const word = randomUUID();
  const echo = Promise.withResolvers<boolean>();
  const hear = (payload: string) => {
    if (payload === '') onNews();
    if (payload === word) echo.resolve(true);
  };
  // Called again after each mended line: what was told meanwhile was not heard.
  await sql.listen(CHANNEL, hear, onNews);
  await sql.notify(CHANNEL, word);
  return Promise.race([echo.promise, sleep(echoMs, false, { signal })]);
}

const end = (sql: Sql) => sql.end({ timeout: 1 });

/** One try; a line that carries news stays open, any other is given back. */
async function tryOnce(hearing: Hearing): Promise<Sql | undefined> {
  const { url, signal } = hearing;
  // Made anew for each try: the driver remembers a LISTEN that failed, and would fail it again unasked.
  const sql = connect(url, { max: 1, applicationName: 'verne listen', idleTimeoutS: 5 });
  const breakOff = () => void end(sql);
  signal.addEventListener('abort', breakOff);
  try {
    if (await carriesNews(sql, hearing)) return sql;
  } catch (error) {
    await end(sql);
    throw error;
  } finally {
    signal.removeEventListener('abort', breakOff);
  }
  await end(sql);
  return undefined;
}

async function tryUntilHeard(hearing: Hearing): Promise<Sql | undefined> {
  const { log, signal, againMs } = hearing;
  let isTold = false;
  const tell = (reason: string) => {
    if (!isTold) log.info({ event: 'database.polling', reason }, 'News of other processes are polled.');
    isTold = true;
  };
  while (!signal.aborted) {
    try {
      const line = await tryOnce(hearing);
      if (!line) tell('The connection carries no notifications.');
      return line;
    } catch (error) {
      if (!signal.aborted) tell(messageOf(error));
      await sleep(againMs, undefined, { signal }).catch(() => {});
    }
  }
  return undefined;
}

/**
 * Calls `onNews` when anybody published an event. It is a hint on top of polling and may fail in silence: through a
 * transaction pooler nothing is heard, and the connection is given back.
 */
export function listen(
  url: string,
  onNews: () => void,
  { log, echoMs = 2000, againMs = 15_000 }: ListenWish,
): Listening {
  const stopping = new AbortController();
  const line = tryUntilHeard({ url, onNews, log, echoMs, againMs, signal: stopping.signal });
  return {
    heard: line.then((sql) => sql !== undefined),
    stop: async () => {
      stopping.abort();
      const sql = await line;
      if (sql) await end(sql);
    },
  };
}
