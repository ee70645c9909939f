import { type Answer, after, type Delivery, type Handler, waitUntil } from '#kernel/handler.ts';
import type { Log } from '#kernel/log.ts';
import { prunesHourly } from '#kernel/prune.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { readHeads } from './audit.ts';

export type GuildHandlerDeps = { readonly rpc: Rpc; readonly log: Log };

const EVERY_MS = 3_600_000;

/** The audit's last hashes go into the log, which whoever could rewrite the database cannot rewrite with it. */
async function logHeads({ rpc, log }: GuildHandlerDeps, { now }: Delivery): Promise<Answer> {
  for (const head of await readHeads(rpc)) log.info({ event: 'audit.head', ...head });
  return waitUntil(after(now, EVERY_MS));
}

/** What servers' own affairs need doing, by the names of their subscriptions. */
export function guildHandlers(deps: GuildHandlerDeps): Record<string, Handler> {
  return {
    'guilds.log_heads': (delivery) => logHeads(deps, delivery),
    'guilds.prune': prunesHourly(deps.rpc, 'prune_limits'),
  };
}
