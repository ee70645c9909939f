import { createHash } from 'node:crypto';
import { z } from 'zod';
import { call, type Rpc } from '#kernel/rpc.ts';

/**
 * The audit of a server is a chain: the hash of each entry is sha256 of the hash before it and of the entry's text, so
 * whoever edits, removes, inserts or reorders entries breaks it from there on. A chain that was rewritten whole, or cut
 * at its end, is found by a head that was kept elsewhere: the log has one each hour.
 *
 * An entry names its person by a pseudonym, the hash of a salt and their id. As long as both are known they prove who it
 * was; when somebody is forgotten both go, the entry stands as it did, and the chain of '' has an entry that they were. Where
 * there is none, somebody else took the names away.
 */
const entry = z.object({
  seq: z.string(),
  /** A JSON array: server, number, time, person, door, command, operation, arguments, channel, outcome, correlation. */
  entry: z.string(),
  hash: z.string(),
  /** Who the person is, and the salt that proves it; null where they were forgotten. */
  discord_id: z.string().nullable(),
  salt: z.string().nullable(),
});
export type AuditEntry = z.output<typeof entry>;

export const auditHead = z.object({ guild_id: z.string(), seq: z.string(), hash: z.string() });
export type AuditHead = z.output<typeof auditHead>;

export async function readHeads(rpc: Rpc): Promise<AuditHead[]> {
  return call(rpc, z.array(auditHead), 'read_audit_heads', {});
}

/** All entries of a server, in order, some at a time. '' is what happened outside any server. */
export async function* readAudit(rpc: Rpc, guildId: string, slots?: number): AsyncGenerator<AuditEntry> {
  let last: string | null = null;
  for (;;) {
    const found: AuditEntry[] = await call(rpc, z.array(entry), 'read_audit', {
      guild_id: guildId,
      after_seq: last,
      slots,
    });
    if (found.length === 0) return;
    yield* found;
    last = found.at(-1)?.seq ?? last;
  }
}

export type ChainVerdict =
  | { readonly kind: 'whole'; readonly entries: number; readonly head: AuditHead | null }
  /** The first entry that is not as it was written, or is missing. */
  | { readonly kind: 'broken'; readonly seq: string; readonly why: string };

const sha256 = (...parts: readonly (string | Buffer)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');
const hashOf = (before: string, text: string) => sha256(Buffer.from(before, 'hex'), text);

/** The first 16 bytes, as a uuid is written but for its dashes. */
const pseudonymOf = (salt: string, discordId: string) => sha256(`${salt}:${discordId}`).slice(0, 32);

const fields = z.tuple([z.string(), z.number(), z.string(), z.string()]).rest(z.unknown());

type Link = { readonly number: number; readonly guildId: string; readonly before: string };
type Pseudonyms = ReadonlySet<string>;

/** What is wrong with an entry in its place of the chain, if anything. */
function faultOf({ seq, entry: text, hash }: AuditEntry, link: Link): string | undefined {
  const [guild, number] = fields.parse(JSON.parse(text));
  if (seq !== String(number) || number !== link.number) return 'there is another entry of its number, or none has it';
  if (guild !== link.guildId) return 'it is an entry of another server';
  if (hash !== hashOf(link.before, text)) return 'its hash does not fit its text and the entry before it';
  return undefined;
}

/** What is wrong with whom an entry is said to be of. */
function misnamed({ entry: text, discord_id: discordId, salt }: AuditEntry, forgotten: Pseudonyms): string | undefined {
  const [, , , person] = fields.parse(JSON.parse(text));
  if (discordId === null)
    return forgotten.has(person)
      ? undefined
      : 'nobody is known behind its pseudonym, and nobody was forgotten who had it';
  const isProven = pseudonymOf(salt ?? '', discordId) === person.replaceAll('-', '');
  return isProven ? undefined : 'its person is not who is said to be behind the pseudonym';
}

const deed = z
  .tuple([z.string(), z.number(), z.string(), z.string(), z.string(), z.unknown(), z.string()])
  .rest(z.unknown());
const ofPerson = z.looseObject({ person: z.string() });

/** Whom an entry says to have been forgotten, by the pseudonym that leads to nobody since then. */
function forgottenBy({ entry: text }: AuditEntry): string | undefined {
  const [, , , , door, , operation, args, , outcome] = deed.parse(JSON.parse(text));
  if (operation !== 'person.forget' || outcome !== 'allowed' || door !== 'operator') return undefined;
  return ofPerson.safeParse(args).data?.person;
}

/** The pseudonyms of who was forgotten. An entry counts as far as its chain is whole. */
export async function readForgotten(rpc: Rpc): Promise<Pseudonyms> {
  const forgotten = new Set<string>();
  let before = '';
  let number = 0;
  for await (const one of readAudit(rpc, '')) {
    number += 1;
    if (faultOf(one, { number, guildId: '', before })) break;
    before = one.hash;
    const person = forgottenBy(one);
    if (person) forgotten.add(person);
  }
  return forgotten;
}

/** What is known from elsewhere than the chain. */
export type Known = {
  /** Heads that were kept, which must be in it. */
  readonly kept?: readonly Pick<AuditHead, 'seq' | 'hash'>[];
  /** Who may be without a name in it. */
  readonly forgotten: Pseudonyms;
};

/** Follows a chain from its first entry. */
export async function verifyChain(
  entries: AsyncIterable<AuditEntry>,
  guildId: string,
  { kept = [], forgotten }: Known,
): Promise<ChainVerdict> {
  let before = '';
  let count = 0;
  const missing = (why: string): ChainVerdict => ({
    kind: 'broken',
    seq: String(count + 1),
    why: `it is missing: ${why}`,
  });
  for await (const one of entries) {
    if (BigInt(one.seq) > count + 1) return missing(`the next one is number ${one.seq}`);
    const why = faultOf(one, { number: count + 1, guildId, before }) ?? misnamed(one, forgotten);
    if (why) return { kind: 'broken', seq: one.seq, why };
    if (kept.some(({ seq, hash }) => seq === one.seq && hash !== one.hash))
      return { kind: 'broken', seq: one.seq, why: 'it is not the entry whose hash was kept' };
    before = one.hash;
    count += 1;
  }
  const beyond = kept.find(({ seq }) => BigInt(seq) > count);
  if (beyond) return missing(`the hash of entry ${beyond.seq} was kept`);
  return {
    kind: 'whole',
    entries: count,
    head: count > 0 ? { guild_id: guildId, seq: String(count), hash: before } : null,
  };
}
