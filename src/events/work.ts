import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, RemoteFailure } from '#kernel/errors.ts';
import type { Answer, Handler } from '#kernel/handler.ts';
import type { Log } from '#kernel/log.ts';
import { fullJitterMs } from '#kernel/retry.ts';
import type { Rpc } from '#kernel/rpc.ts';
import type { DeliveryFacts } from '#kernel/watch.ts';
import { answerToThrown, answerUnrun, settlementOf } from './decide.ts';
import { type Settled, type Settlement, settleDelivery } from './delivery.ts';
import type { Held } from './leases.ts';
import type { Outage } from './outage.ts';

export type WorkDeps = {
  readonly rpc: Rpc;
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly backoffScale: number;
  readonly log: Log;
  readonly outage: Outage;
  readonly random: () => number;
  readonly onDelivery: (facts: DeliveryFacts) => void;
};

export type Work = { readonly held: Held; readonly now: Date; readonly isStopping: () => boolean };

/** `unfinished` was broken off by a stop, so its try does not count: the delivery is handed back. */
export type Worked = { readonly kind: 'settled'; readonly settled: Settled } | { readonly kind: 'unfinished' };

async function askHandler({ handlers }: WorkDeps, { held, now }: Work): Promise<Answer> {
  const { delivery, signal } = held;
  const handler = handlers[delivery.subscriber];
  if (!handler) throw new Error(`No handler for ${delivery.subscriber}.`);
  return handler({
    id: delivery.id,
    subscriber: delivery.subscriber,
    key: delivery.key,
    attempts: delivery.attempts,
    now,
    event: {
      id: delivery.event.id,
      topic: delivery.event.topic,
      payload: delivery.event.payload,
      correlationId: delivery.event.correlation_id,
    },
    signal,
  });
}

const wordsOf = ({ held: { delivery } }: Work) => ({
  subscriber: delivery.subscriber,
  topic: delivery.event.topic,
  delivery: delivery.id,
  subject: delivery.key,
  attempt: delivery.attempts,
  correlation: delivery.event.correlation_id,
});

async function settlementFor(deps: WorkDeps, work: Work): Promise<Settlement | undefined> {
  const { delivery } = work.held;
  const backoff = { scale: deps.backoffScale, random: deps.random() };
  try {
    const answer = answerUnrun(delivery) ?? (await askHandler(deps, work));
    return settlementOf(answer, delivery, backoff);
  } catch (error) {
    if (work.held.signal.aborted && work.isStopping()) return undefined;
    const isDefect = !(error instanceof RemoteFailure) && !work.held.isLost;
    if (isDefect) deps.log.error({ event: 'delivery.defect', ...wordsOf(work), err: error });
    return settlementOf(answerToThrown(error), delivery, backoff);
  }
}

/** Stores the answer, again and again while the database is away, so long as nobody else can have the delivery. */
async function store(deps: WorkDeps, { held }: Work, settlement: Settlement): Promise<Settled> {
  let wanted = settlement;
  for (let tries = 1; !held.isLost && !held.isLapsed; tries += 1) {
    try {
      const settled = await settleDelivery(deps.rpc, held.delivery, wanted);
      deps.outage.succeeded();
      return settled;
    } catch (error) {
      deps.outage.failed(error);
      // An answer that the database does not take is a defect of the handler: it is tried again, in the end it is dead.
      if (!(error instanceof RemoteFailure) && wanted === settlement) {
        const reason = `Its answer could not be stored: ${messageOf(error)}`;
        wanted = settlementOf({ kind: 'retry', reason }, held.delivery, { scale: deps.backoffScale, random: 1 });
      }
      await sleep(50 + fullJitterMs(tries, 100, 1000, deps.random()));
    }
  }
  return { state: 'lost' };
}

/** An uncounted retry only waits for another service's limit, or for its return. */
const isTrouble = (settlement: Settlement) => settlement.outcome === 'retry' && settlement.facts.counted;

/** Hands a delivery to its handler and settles it. Never throws; one line in the log tells what became of it. */
export async function workOn(deps: WorkDeps, work: Work): Promise<Worked> {
  const startedAt = performance.now();
  const words = wordsOf(work);
  const { subscriber, topic } = words;
  deps.onDelivery({ subscriber, topic, outcome: 'begun', tookMs: 0 });
  const settlement = await settlementFor(deps, work);
  if (!settlement) return { kind: 'unfinished' };
  const settled = await store(deps, work, settlement);
  const outcome = settled.state === 'lost' ? 'lost' : settlement.outcome;
  const tookMs = performance.now() - startedAt;
  deps.onDelivery({ subscriber, topic, outcome, tookMs });
  const line = {
    event: 'delivery.settled',
    ...words,
    outcome,
    state: settled.state,
    durationMs: Math.round(tookMs),
    ...(settlement.outcome !== 'done' && settlement.facts),
  };
  if (settled.state === 'dead') deps.log.error(line);
  else if (isTrouble(settlement) || settled.state === 'lost') deps.log.warn(line);
  else deps.log.info(line);
  return { kind: 'settled', settled };
}
