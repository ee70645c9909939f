import { randomBytes, randomUUID } from 'node:crypto';
import type { InteractionDeps } from '#discord/interactions.ts';
import { handleInteraction } from '#discord/interactions.ts';
import type { Reply } from '#discord/reply.ts';
import { makeLog } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import type { TestDatabase } from '../support/database.ts';

/** Dependencies of the handler with its log lines kept. */
export function aDoor(rpc: Rpc, facts: Partial<InteractionDeps> = {}) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const deps: InteractionDeps = {
    rpc,
    keyring: { active: '1', masters: new Map([['1', randomBytes(32)]]) },
    perDay: 100,
    atOnce: 15,
    log: makeLog({ level: 'info', secrets: [], destination }),
    answerMs: 5000,
    door: 'gateway',
    newCorrelation: randomUUID,
    ...facts,
  };
  return { deps, lines, say: (payload: Parameters<typeof handleInteraction>[1]) => handleInteraction(deps, payload) };
}

/** The text that a person reads in a reply. */
export function readReply(reply: Reply): string {
  if (reply.kind !== 'message' && reply.kind !== 'update') return `(${reply.kind})`;
  const embeds = (reply.body.embeds ?? []).map((embed) => JSON.stringify(embed));
  return [reply.body.content ?? '', ...embeds].join('\n');
}

export async function auditOf({ sql }: TestDatabase) {
  return sql<{ operation: string; outcome: string; command: string; args: object }[]>`
    select operation, outcome, command, args from verne.audit order by guild_id, seq`;
}
