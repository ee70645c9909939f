import { createHash } from 'node:crypto';
import { z } from 'zod';
import { call, type Rpc } from '#kernel/rpc.ts';

/**
 * The audit of a server is a chain: the hash of each entry is sha256 of the hash before it and of the entry's text, so
 * whoever edits, removes, inserts or reorders entries breaks it from there on. A chain that was rewritten whole, or cut
 * at its end, is found by a head that was kept elsewhere: the log has one each hour.
 */
const entry = z.object({
  seq: z.string(),
  /** A JSON array: server, number, time, person, door, command, operation, arguments, channel, outcome, correlation. */
  entry: z.string(),
  hash: z.string(),
  /** Who the person is; null where they were forgotten. */
  discord_id: z.string().nullable(),
});
export type AuditEntry = z.output<typeof entry>;

const head = z.object({ guild_id: z.string(), seq: z.string(), hash: z.string() });
export type AuditHead = z.output<typeof head>;

export async function readHeads(rpc: Rpc): Promise<AuditHead[]> {
  return call(rpc, z.array(head), 'read_audit_heads', {});
}

/** All entries of a server, in order, some at a time. '' is what happened outside any server. */
export async function* readAudit(rpc: Rpc, guildId: string): AsyncGenerator<AuditEntry> {
  let last = '0';
  for (;;) {
    const found = await call(rpc, z.array(entry), 'read_audit', { guild_id: guildId, after_seq: last });
    if (found.length === 0) return;
    yield* found;
    last = found.at(-1)?.seq ?? last;
  }
}

export type ChainVerdict =
  | { readonly kind: 'whole'; readonly entries: number; readonly head: AuditHead | null }
  /** The first entry that does not fit what is before it. */
  | { readonly kind: 'broken'; readonly seq: string; readonly why: string };

const hashOf = (before: string, text: string) =>
  createHash('sha256').update(Buffer.from(before, 'hex')).update(text).digest('hex');

const numberIn = (text: string) => z.tuple([z.string(), z.number()]).rest(z.unknown()).parse(JSON.parse(text));

/** Follows a chain from its first entry; `kept` is a head from elsewhere, which must be in it. */
export async function verifyChain(
  entries: AsyncIterable<Pick<AuditEntry, 'seq' | 'entry' | 'hash'>>,
  guildId: string,
  kept?: Pick<AuditHead, 'seq' | 'hash'>,
): Promise<ChainVerdict> {
  let before = '';
  let count = 0;
  let metKept = kept === undefined;
  for await (const { seq, entry: text, hash } of entries) {
    const broken = (why: string): ChainVerdict => ({ kind: 'broken', seq, why });
    const [guild, number] = numberIn(text);
    count += 1;
    if (seq !== String(count) || number !== count) return broken(`the entry before it should be number ${count - 1}`);
    if (guild !== guildId) return broken('it is an entry of another server');
    if (hash !== hashOf(before, text)) return broken('its hash does not fit its text and the entry before it');
    if (seq === kept?.seq) {
      if (hash !== kept.hash) return broken('it is not the entry whose hash was kept');
      metKept = true;
    }
    before = hash;
  }
  if (!metKept)
    return { kind: 'broken', seq: String(count), why: `it ends before entry ${kept?.seq}, whose hash was kept` };
  return {
    kind: 'whole',
    entries: count,
    head: count > 0 ? { guild_id: guildId, seq: String(count), hash: before } : null,
  };
}
