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

type Line = { readonly sql: Sql; readonly onNews: () => void; readonly echoMs: number };

/** Sends a word and waits for it. Behind a pooler LISTEN is answered, but what it should bring never comes. */
async function carriesNews({ sql, onNews, echoMs }: Line, signal: AbortSignal): Promise<boolean> {
  const word = randomUUID();
  const echo = Promise.withResolvers<boolean>();
  const hear = (payload: string) => {
    if (payload === '') onNews();
    if (payload === word) echo.resolve(true);
  };
  // Called again after each mended line: what was told meanwhile was not heard.
  await sql.listen(CHANNEL, hear, onNews);
  await sql.notify(CHANNEL, word);
  const overdue = sleep(echoMs, false, { signal }).catch(() => false);
  return Promise.race([echo.promise, overdue]);
}

async function tryUntilHeard(line: Line, wish: Required<ListenWish>, signal: AbortSignal): Promise<boolean> {
  let isTold = false;
  while (!signal.aborted) {
    try {
      const isHeard = await carriesNews(line, signal);
      if (!isHeard && !signal.aborted) {
        wish.log.info({ event: 'database.polling' }, 'This connection carries no notifications; news are polled.');
      }
      return isHeard;
    } catch (error) {
      if (!isTold)
        wish.log.info(
          { event: 'database.polling', reason: messageOf(error) },
          'Nothing is heard yet; news are polled.',
        );
      isTold = true;
      await sleep(wish.againMs, undefined, { signal }).catch(() => {});
    }
  }
  return false;
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
  const sql = connect(url, { max: 1, applicationName: 'verne listen', idleTimeoutS: 5 });
  const stopping = new AbortController();
  const end = () => sql.end({ timeout: 1 });
  const heard = tryUntilHeard({ sql, onNews, echoMs }, { log, echoMs, againMs }, stopping.signal);
  const settled = heard.then((isHeard) => (isHeard ? undefined : end()));
  return {
    heard,
    stop: async () => {
      stopping.abort();
      await end();
      await settled;
    },
  };
}
