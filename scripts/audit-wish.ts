/** What somebody typed behind `npm run audit --`. */
import { parseArgs } from 'node:util';
import type { AuditHead } from '#guilds/audit.ts';

const USAGE = `npm run audit -- heads                                   the last hash of every server
npm run audit -- verify [--guild ID] [--heads FILE | --head SEQ:HASH]
                                                         follows the chain of one server, or of all
npm run audit -- export --guild ID                       one entry a line, as JSON
--guild '' is what happened outside any server. --heads: what "heads" said before, or a log of the bot, which has them
each hour (event audit.head). --head: one of them, for one --guild. A chain that was cut or rewritten is found by these.`;

export class UsageError extends Error {
  constructor(sentence: string, options?: ErrorOptions) {
    super(`${sentence}\n${USAGE}`, options);
  }
}

const VERBS = ['heads', 'verify', 'export'] as const;

export type AuditWish = {
  readonly verb: (typeof VERBS)[number];
  readonly guild: string | undefined;
  readonly head: AuditHead | undefined;
  /** A file. */
  readonly heads: string | undefined;
};

const OPTIONS = { guild: { type: 'string' }, head: { type: 'string' }, heads: { type: 'string' } } as const;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function headOf(text: string, guild: string | undefined): AuditHead {
  const [, seq, hash] = /^(\d{1,18}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (!seq || !hash || guild === undefined)
    throw new UsageError('--head wants an entry as NUMBER:HASH, and --guild with it.');
  return { guild_id: guild, seq, hash };
}

export function readAuditWish(args: readonly string[]): AuditWish {
  const { values, positionals } = parsed(args);
  const { guild, head, heads } = values;
  const verb = VERBS.find((one) => positionals.join(' ') === one);
  if (!verb) throw new UsageError('Say what to do: heads, verify or export.');
  if (guild !== undefined && !/^(\d{15,20})?$/.test(guild))
    throw new UsageError('--guild wants the id of a Discord server, 15 to 20 digits.');
  if (verb === 'export' && guild === undefined) throw new UsageError('export wants --guild.');
  if (verb !== 'verify' && (head ?? heads) !== undefined) throw new UsageError('Kept heads are for verify.');
  return { verb, guild, heads, head: head === undefined ? undefined : headOf(head, guild) };
}
