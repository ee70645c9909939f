import { z } from 'zod';
import { call, type Rpc } from '#kernel/rpc.ts';

/*
 * The life of a delivery. Publishing a fact makes one for each subscriber that hears its topic: open, and due at once or
 * after the subscription's delay. A worker claims it, which is a lease: `due_at` moves ahead and the fence goes up by
 * one. So a dead worker needs no funeral: when its lease is over, the delivery is simply due again, and what the old
 * worker may still say carries an old fence and changes nothing. The worker renews the lease while it works, and at the
 * end settles the delivery: done (settled), wait (open, due at an instant), retry (open, due after a delay; counted or
 * not), dead (settled, with the history of its tries). A dead one is opened again by a replay or given up by a discard.
 *
 * The life of a lane. With `latest` and `in_order` there is at most one open delivery of a subscriber and key, so nobody
 * ever works on a key beside another. `event_id` is the newest fact, `seen_id` what is behind it. `latest` sees the
 * newest fact only; facts that come while it is open fold into it. `in_order` sees the facts after `seen_id` one by one.
 * A lane is done when it has seen its newest fact; with a fact that came meanwhile it is due again. News wakes a lane
 * that waits, and never one that backs off. A poison fact leaves its lane as a dead letter of its own, and the lane goes
 * on; its replay tells the fact again to this one subscriber, at the tail.
 */

const instant = z.string().transform((text) => new Date(text));

const claimed = z.object({
  id: z.string(),
  subscriber: z.string(),
  key: z.string(),
  fence: z.string(),
  attempts: z.number().int(),
  max_attempts: z.number().int(),
  backoff_ms: z.number(),
  lease_ms: z.number(),
  /** The lane's newest fact at the claim; anything after it is news. */
  newest: z.string(),
  event: z.object({
    id: z.string(),
    topic: z.string(),
    payload: z.record(z.string(), z.unknown()),
    correlation_id: z.string(),
  }),
});
export type Claimed = z.output<typeof claimed>;

const claims = z.object({ now: instant, deliveries: z.array(claimed) });
const held = z.object({ held: z.array(z.string()) });
const returned = z.object({ returned: z.array(z.string()) });
const settled = z.object({
  state: z.enum(['open', 'done', 'dead', 'lost']),
  /** When an open one is due again, from now. */
  due_in_ms: z.number().nullish(),
});
export type Settled = z.output<typeof settled>;

export type ClaimWish = {
  readonly subscribers: readonly string[];
  readonly slots: number;
  readonly worker: string;
  readonly leaseMs: number;
};

/** Leases as many due deliveries as there are slots. `leaseMs` holds where the subscription names none. */
export const claimDeliveries = (rpc: Rpc, { subscribers, slots, worker, leaseMs }: ClaimWish) =>
  call(rpc, claims, 'claim_deliveries', { subscribers, slots, worker, lease_ms: leaseMs });

type Lease = Pick<Claimed, 'id' | 'fence'>;

const idsAndFences = (leases: readonly Lease[]) => ({
  ids: leases.map(({ id }) => id),
  fences: leases.map(({ fence }) => fence),
});

/** The ids that are still held by these fences, their leases renewed. */
export async function renewDeliveries(rpc: Rpc, leases: readonly Lease[], leaseMs: number): Promise<Set<string>> {
  const answer = await call(rpc, held, 'renew_deliveries', { ...idsAndFences(leases), lease_ms: leaseMs });
  return new Set(answer.held);
}

/** Hands deliveries back as if they had not been claimed. */
export async function returnDeliveries(rpc: Rpc, leases: readonly Lease[]): Promise<Set<string>> {
  const answer = await call(rpc, returned, 'return_deliveries', idsAndFences(leases));
  return new Set(answer.returned);
}

/** What is stored of a handler's answer. */
export type Settlement =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'wait'; readonly facts: { readonly until: string } }
  | {
      readonly outcome: 'retry';
      readonly facts: { readonly error: string; readonly delay_ms: number; readonly counted: boolean };
    }
  | { readonly outcome: 'dead'; readonly facts: { readonly error: string } };

export const settleDelivery = (rpc: Rpc, delivery: Claimed, settlement: Settlement): Promise<Settled> =>
  call(rpc, settled, 'settle_delivery', {
    id: delivery.id,
    fence: delivery.fence,
    seen: delivery.event.id,
    outcome: settlement.outcome,
    facts: { newest: delivery.newest, ...('facts' in settlement && settlement.facts) },
  });
