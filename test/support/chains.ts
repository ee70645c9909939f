import type { Sql, TransactionSql } from 'postgres';
import { type AuditHead, type ChainVerdict, readAudit, readForgotten, readHeads, verifyChain } from '#guilds/audit.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { anActor } from './actors.ts';
import type { TestDatabase } from './database.ts';
import type { Seeded } from './seeded.ts';

/** Chains of an audit, and whoever owns the database tampering with one of them. */

export const HOT = '910000000000000001';
const OTHER = '910000000000000002';
export const CHAIN_LENGTH = 24;
const PEOPLE = ['100000000000000011', '100000000000000012', '100000000000000013'];

/** Two chains, each with entries of three people. */
export async function makeChains({ rpc }: TestDatabase) {
  for (const guild of [HOT, OTHER]) {
    for (let at = 0; at < CHAIN_LENGTH; at += 1) {
      const actor = anActor({ guild, id: PEOPLE[at % PEOPLE.length] ?? '' });
      await rpc('record_refusal', { actor, operation: 'task.create', code: `no_${at}`, args: { number: at } });
    }
  }
}

export const headOf = async (rpc: Rpc, guild: string): Promise<AuditHead> => {
  const head = (await readHeads(rpc)).find(({ guild_id }) => guild_id === guild);
  if (!head) throw new Error(`no chain of ${guild}`);
  return head;
};

export const verdictOn = async (rpc: Rpc, guild: string, kept: readonly AuditHead[] = []) =>
  verifyChain(readAudit(rpc, guild, 7), guild, { kept, forgotten: await readForgotten(rpc) });

/** What was changed, and the first entry that must be named for it. `needsHead`: only a head kept elsewhere tells. */
export type Tamper = {
  readonly what: string;
  readonly firstBad: number;
  readonly needsHead?: boolean;
  readonly statements: string;
};

const FIELDS = [
  "at = at + interval '1 microsecond'",
  "at = at - interval '1 year'",
  "door = 'operator'",
  'command = null',
  "operation = 'task.confirm'",
  "outcome = 'allowed'",
  `args = args || '{"number": -1}'`,
  "args = '{}'",
  "channel_id = '200000000000000099'",
  'correlation_id = gen_random_uuid()',
  `person = (select p.ref from verne.people p where p.ref <> a.person order by p.ref limit 1)`,
  String.raw`hash = '\x00'`,
  'hash = sha256(hash)',
];

const of = (guild: string) => `a.guild_id = '${guild}'`;
const mine = of(HOT);
/** Writes hashes anew from an entry on, as somebody would who knows how they are made. */
const rehash = (from: number, to: number) => `do $$ declare e verne.audit; before bytea; begin
  for e in select * from verne.audit a where ${mine} and a.seq between ${from} and ${to} order by a.seq loop
    select a.hash into before from verne.audit a where ${mine} and a.seq = e.seq - 1;
    update verne.audit a set hash = sha256(coalesce(before, '') || convert_to(verne.audit_entry(e), 'UTF8')) where ${mine} and a.seq = e.seq;
  end loop; end $$`;
const LOOSE = 'alter table verne.audit drop constraint audit_pkey';

const TAMPERS: readonly ((at: number, random: Seeded) => Tamper)[] = [
  (at, { pick }) => {
    const field = pick(FIELDS);
    return {
      what: field,
      firstBad: at,
      statements: `update verne.audit a set ${field} where ${mine} and a.seq = ${at}`,
    };
  },
  (at) => ({
    what: 'an edit with a new hash',
    firstBad: Math.min(at + 1, CHAIN_LENGTH),
    needsHead: at === CHAIN_LENGTH,
    statements: `update verne.audit a set outcome = 'allowed' where ${mine} and a.seq = ${at}; ${rehash(at, at)}`,
  }),
  (at) => ({
    what: 'an edit with all hashes made anew',
    firstBad: CHAIN_LENGTH,
    needsHead: true,
    statements: `update verne.audit a set outcome = 'allowed' where ${mine} and a.seq = ${at}; ${rehash(at, CHAIN_LENGTH)}`,
  }),
  (at) => ({
    what: 'a delete',
    firstBad: at,
    needsHead: at === CHAIN_LENGTH,
    statements: `delete from verne.audit a where ${mine} and a.seq = ${at}`,
  }),
  (at) => ({
    what: 'a delete with the rest moved up and hashed anew',
    firstBad: CHAIN_LENGTH,
    needsHead: true,
    statements: `${LOOSE}; delete from verne.audit a where ${mine} and a.seq = ${at};
      update verne.audit a set seq = seq - 1 where ${mine} and a.seq > ${at}; ${rehash(at, CHAIN_LENGTH)}`,
  }),
  (at) => ({
    what: 'the tail cut',
    firstBad: at,
    needsHead: true,
    statements: `delete from verne.audit a where ${mine} and a.seq >= ${at}`,
  }),
  (at) => ({
    what: 'an insert with the rest moved down',
    firstBad: at + 1,
    statements: `${LOOSE}; update verne.audit a set seq = seq + 1 where ${mine} and a.seq >= ${at};
      insert into verne.audit select e.* from (select (jsonb_populate_record(a, jsonb_build_object('seq', ${at}))).* from verne.audit a
        where ${mine} and a.seq = ${at} + 1) e; ${rehash(at, at)}`,
  }),
  (at, { pick }) => {
    const seq = pick([CHAIN_LENGTH + 1, 0, -at, at]);
    return {
      what: `an insert of a number ${seq > CHAIN_LENGTH ? 'behind the end' : seq < 1 ? 'before the first' : 'that is there'}`,
      firstBad: seq,
      statements: `${LOOSE}; insert into verne.audit
        select e.* from (select (jsonb_populate_record(a, jsonb_build_object('seq', ${seq}, 'outcome', 'allowed'))).* from verne.audit a
          where ${mine} and a.seq = ${at}) e`,
    };
  },
  (at, { below }) => {
    const [one, other] = at < CHAIN_LENGTH ? [at, at + 1 + below(CHAIN_LENGTH - at)] : [1 + below(at - 1), at];
    return {
      what: 'two that changed places',
      firstBad: one,
      statements: `${LOOSE}; update verne.audit a set seq = case a.seq when ${one} then ${other} else ${one} end
        where ${mine} and a.seq in (${one}, ${other})`,
    };
  },
  () => ({
    what: 'an entry of another server',
    firstBad: CHAIN_LENGTH + 1,
    statements: `insert into verne.audit select e.* from (select (jsonb_populate_record(a,
        jsonb_build_object('guild_id', '${HOT}', 'seq', ${CHAIN_LENGTH + 1}))).* from verne.audit a where ${of(OTHER)} and a.seq = 1) e`,
  }),
  (at) => ({
    what: 'a pseudonym given to another person',
    firstBad: ((at - 1) % PEOPLE.length) + 1,
    statements: `alter table verne.people drop constraint a_pseudonym_is_of_its_person;
      update verne.people set discord_id = '100000000000000099' where discord_id = '${PEOPLE[(at - 1) % PEOPLE.length]}'`,
  }),
  (at) => ({
    what: 'a pseudonym that leads nowhere any more, without that anybody was forgotten',
    firstBad: ((at - 1) % PEOPLE.length) + 1,
    statements: `update verne.people set discord_id = null, salt = null where discord_id = '${PEOPLE[(at - 1) % PEOPLE.length]}'`,
  }),
  () => ({
    what: 'the whole chain gone',
    firstBad: 1,
    needsHead: true,
    statements: `delete from verne.audit a where ${mine}`,
  }),
];

/** The n-th tamper of a run: every kind in turn, at a place that the seed tells. */
export function tamperOf(n: number, random: Seeded): Tamper {
  const kind = TAMPERS[n % TAMPERS.length];
  if (!kind) throw new Error('no tamper');
  return kind(1 + random.below(CHAIN_LENGTH), random);
}

/** The functions as the transaction sees them. */
const within =
  (tx: TransactionSql): Rpc =>
  async (_name, { guild_id: guild, after_seq: after, slots }) => {
    const [row] = await tx<{ answer: unknown }[]>`
      select public.read_audit(${String(guild)}, ${after === null ? null : String(after)}, ${Number(slots ?? 1000)}) as answer`;
    return row?.answer;
  };

const UNDO = Symbol('undo');

/** Tampers as a superuser, past trigger and privilege; what the verifier then says without and with the head; takes it back. */
export async function tampered(sql: Sql, { statements }: Tamper, head: AuditHead) {
  const verdicts: ChainVerdict[] = [];
  await sql
    .begin(async (tx) => {
      await tx.unsafe(`alter table verne.audit disable trigger all; ${statements}`);
      for (const kept of [[], [head]]) verdicts.push(await verdictOn(within(tx), HOT, kept));
      throw UNDO;
    })
    .catch((reason: unknown) => {
      if (reason !== UNDO) throw reason;
    });
  return { alone: verdicts[0], withHead: verdicts[1] };
}

/** What is wrong with how a tamper was found; nothing, if it was. */
export async function missOf(sql: Sql, tamper: Tamper, head: AuditHead): Promise<string | undefined> {
  const { alone, withHead } = await tampered(sql, tamper, head);
  const named = (verdict: ChainVerdict | undefined) =>
    verdict?.kind === 'broken' ? Number(verdict.seq) : verdict?.kind;
  const wanted = [tamper.needsHead ? 'whole' : tamper.firstBad, tamper.firstBad];
  const found = [named(alone), named(withHead)];
  return found.join() === wanted.join() ? undefined : `${tamper.what}: found ${found}, wanted ${wanted}`;
}
