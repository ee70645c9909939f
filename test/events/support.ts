import { type ConsumerWish, startConsumer } from '#events/consume.ts';
import { makeLog } from '#kernel/log.ts';
import type { TestDatabase } from '../support/database.ts';

export type Line = Record<string, unknown>;

/** A log that is kept instead of written. */
function keptLog() {
  const lines: Line[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { lines, log: makeLog({ level: 'info', secrets: [], destination }) };
}

export type Rules = Partial<Record<'lease_ms' | 'max_attempts' | 'backoff_ms' | 'delay_ms', number>>;
type Mode = 'each' | 'latest' | 'in_order';

/** What tests of the runtime do with a database, in words. */
export function runtimeOf(db: TestDatabase) {
  const { sql, rpc } = db;
  return {
    sql,
    rpc,
    subscribe: (subscriber: string, patterns: string[], mode: Mode, rules: Rules = {}) =>
      sql`select verne.subscribe(${subscriber}, ${patterns}, ${mode}, ${sql.json(rules)})`,
    publish: async (
      topic: string,
      key: string,
      payload: Record<string, string | number> = {},
      options: Record<string, string | number> = {},
    ) => {
      const [row] = await sql<{ id: string }[]>`
        select verne.publish_event(${topic}, ${key}, ${sql.json(payload)}, ${sql.json(options)})::text as id`;
      return row?.id ?? '';
    },
    deliveries: (subscriber: string) =>
      sql`select * from verne.deliveries where subscriber = ${subscriber} order by id`,
    claim: async (subscriber: string, slots = 1, leaseMs = 8000) => {
      const answer = (await rpc('claim_deliveries', {
        subscribers: [subscriber],
        slots,
        worker: 'test',
        lease_ms: leaseMs,
      })) as { now: string; deliveries: Claim[] };
      return answer.deliveries;
    },
    settle: (claim: Claim, outcome: string, facts: Line = {}) =>
      rpc('settle_delivery', {
        id: claim.id,
        fence: claim.fence,
        outcome,
        seen: claim.event.id,
        facts: { newest: claim.newest, ...facts },
      }) as Promise<{ state: string; due_in_ms: number | null }>,
  };
}

export type Claim = {
  id: string;
  subscriber: string;
  key: string;
  fence: string;
  attempts: number;
  max_attempts: number;
  backoff_ms: number;
  lease_ms: number;
  newest: string;
  event: { id: string; topic: string; payload: Line; correlation_id: string };
};

/** A consumer with short times, for tests that do not care. */
export function quickConsumer(wish: Pick<ConsumerWish, 'rpc' | 'handlers'> & Partial<ConsumerWish>) {
  const kept = keptLog();
  const consumer = startConsumer({ slots: 10, leaseMs: 2000, renewMs: 300, pollMs: 50, log: kept.log, ...wish });
  return { consumer, lines: kept.lines };
}
