import { randomBytes, randomUUID } from 'node:crypto';
import { actorOf } from '#discord/actor-of.ts';
import { handleInteraction, type InteractionDeps } from '#discord/interactions.ts';
import type { Reply } from '#discord/reply.ts';
import { addKey } from '#guilds/add-key.ts';
import { changeSettings } from '#guilds/settings.ts';
import { makeLog } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import type { TestDatabase } from '../support/database.ts';
import { aCommand, here, newSnowflake, PEOPLE, type Person, ROLES } from '../support/interaction.ts';

/** The handler with its log lines kept. */
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
  const embeds = (reply.body.embeds ?? []).map((embed) => embed.description ?? '');
  return [reply.body.content ?? '', ...embeds].join('\n');
}

export const actorFor = (person: Person) =>
  actorOf(aCommand(person, 'jules'), { door: 'gateway', command: 'test', correlation: randomUUID() });

export const SERVER_KEY = `${'k'.repeat(30)}1a2b`;

/** Moves to a new server that is set up: roles, a repository, a key. */
export async function setUp({ rpc }: TestDatabase) {
  here.guild = newSnowflake();
  const admin = actorFor(PEOPLE.admin);
  const changes = { create_roles: [ROLES.create], confirm_roles: [ROLES.confirm], default_repo: 'acme/site' };
  await changeSettings(rpc, admin, changes);
  await addKey(aDoor(rpc).deps, admin, { owner: 'server', key: SERVER_KEY });
}

type Audited = { operation: string; outcome: string; command: string; args: object };

export async function auditOf({ sql }: TestDatabase) {
  return sql<Audited[]>`select operation, outcome, command, args from verne.audit
    where guild_id = ${here.guild} order by seq`;
}

export async function lastAudit(db: TestDatabase) {
  return (await auditOf(db)).at(-1);
}

type Stored = { id: string; status: string; repo: string; branch: string; prompt: string; reason: string | null };

export async function tasksOf({ sql }: TestDatabase) {
  return sql<Stored[]>`select t.id::text, status, repo, branch, prompt, reason from public.tasks t
    where t.guild_id = (select g.id from public.guilds g where g.guild_id = ${here.guild}) order by number`;
}

/** Asks for a task as the requester, and gives its id. */
export async function askFor(db: TestDatabase, prompt = 'Fix the login test'): Promise<string> {
  await aDoor(db.rpc).say(aCommand(PEOPLE.requester, 'jules', { prompt }));
  return (await tasksOf(db)).at(-1)?.id ?? '';
}
