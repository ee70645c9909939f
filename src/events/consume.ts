import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Handler } from '#kernel/handler.ts';
import type { Log } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import type { DeliveryFacts } from '#kernel/watch.ts';
import { claimDeliveries, returnDeliveries } from './delivery.ts';
import { Held, Leases } from './leases.ts';
import { Outage } from './outage.ts';
import { type WorkDeps, workOn } from './work.ts';

export type ConsumerWish = {
  readonly rpc: Rpc;
  /** By subscriber. Only what has a handler is claimed, so that releases may overlap. */
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly slots: number;
  /** Holds where a subscription names no lease of its own. */
  readonly leaseMs: number;
  readonly renewMs: number;
  readonly pollMs: number;
  /** Multiplies every subscription's backoff. */
  readonly backoffScale?: number;
  readonly log: Log;
  readonly random?: () => number;
  readonly onDelivery?: (facts: DeliveryFacts) => void;
};

export type Consumer = {
  /** There is something to do: claims at once. Many calls are one claim. */
  wake(): void;
  /** Claims nothing more, lets what runs end within `graceMs`, then breaks it off and hands it back. */
  stop(options: { readonly graceMs: number }): Promise<void>;
  /** True while nothing runs and nothing is being claimed. */
  isIdle(): boolean;
};

/** A poll waits longer while the database is away, up to this. */
const AWAY_POLL_MS = 15_000;
/** Handlers that were broken off have this long to notice. */
const BREAK_OFF_MS = 1000;

/** Waits for something no longer than so many milliseconds. */
async function within(ms: number, work: Promise<void>) {
  const over = new AbortController();
  const timeout = sleep(ms, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([work, timeout]);
  over.abort();
}

class Slots implements Consumer {
  readonly #wish: ConsumerWish;
  readonly #deps: WorkDeps;
  readonly #outage: Outage;
  readonly #leases: Leases;
  readonly #worker = `${process.pid}-${randomUUID().slice(0, 8)}`;
  readonly #running = new Set<Promise<void>>();
  #unfinished: Held[] = [];
  #poll: NodeJS.Timeout | undefined;
  readonly #soon = new Set<NodeJS.Timeout>();
  #claiming: Promise<void> | undefined;
  #isWoken = false;
  #isStopping = false;
  #stopped: Promise<void> | undefined;

  constructor(wish: ConsumerWish) {
    this.#wish = wish;
    this.#outage = new Outage(wish.log);
    this.#leases = new Leases({ rpc: wish.rpc, leaseMs: wish.leaseMs, renewMs: wish.renewMs, outage: this.#outage });
    this.#deps = {
      rpc: wish.rpc,
      handlers: wish.handlers,
      backoffScale: wish.backoffScale ?? 1,
      log: wish.log,
      outage: this.#outage,
      random: wish.random ?? Math.random,
      onDelivery: wish.onDelivery ?? (() => {}),
    };
  }

  wake() {
    this.#isWoken = true;
    this.#claimIfFree();
  }

  isIdle() {
    return this.#running.size === 0 && !this.#claiming;
  }

  /** One claim at a time. With all slots taken the consumer stays woken, and the first slot that is free claims. */
  #claimIfFree() {
    if (this.#claiming || this.#isStopping || this.#free === 0) return;
    this.#isWoken = false;
    clearTimeout(this.#poll);
    this.#claiming = this.#claim().then((isReached) => {
      this.#claiming = undefined;
      if (this.#isStopping) return;
      this.#poll = setTimeout(() => this.wake(), this.#pollMs());
      if (isReached && this.#isWoken) this.#claimIfFree();
    });
  }

  get #free(): number {
    return this.#wish.slots - this.#running.size;
  }

  #pollMs(): number {
    const { pollMs } = this.#wish;
    const awayMs = Math.min(Math.max(pollMs, AWAY_POLL_MS), pollMs * 2 ** Math.min(this.#outage.failures, 10));
    return awayMs * (0.75 + 0.5 * this.#deps.random());
  }

  /** False where the database did not answer; a claim that it made all the same lapses by itself. */
  async #claim(): Promise<boolean> {
    const { rpc, handlers, leaseMs } = this.#wish;
    const slots = this.#free;
    const askedAt = performance.now();
    try {
      const wish = { subscribers: Object.keys(handlers), slots, worker: this.#worker, leaseMs };
      const { now, deliveries } = await claimDeliveries(rpc, wish);
      this.#outage.succeeded();
      for (const delivery of deliveries) this.#start(new Held(delivery, askedAt), now);
      if (deliveries.length === slots) this.#isWoken = true;
      return true;
    } catch (error) {
      this.#outage.failed(error);
      return false;
    }
  }

  #start(held: Held, now: Date) {
    this.#leases.take(held);
    const run = this.#run(held, now).finally(() => {
      this.#running.delete(run);
      if (this.#isWoken) this.#claimIfFree();
    });
    this.#running.add(run);
  }

  async #run(held: Held, now: Date) {
    if (this.#isStopping) {
      this.#unfinished.push(held);
      return;
    }
    const worked = await workOn(this.#deps, { held, now, isStopping: () => this.#isStopping });
    if (worked.kind === 'unfinished') this.#unfinished.push(held);
    else this.#leases.drop(held);
    if (worked.kind === 'settled' && worked.settled.state === 'open') this.#wakeIn(worked.settled.due_in_ms);
  }

  /** What is due again before the next poll need not wait for it. */
  #wakeIn(ms: number | null | undefined) {
    if (ms === null || ms === undefined || ms > this.#wish.pollMs || this.#isStopping) return;
    if (ms <= 0) {
      this.wake();
      return;
    }
    const timer = setTimeout(() => {
      this.#soon.delete(timer);
      this.wake();
    }, ms + 1);
    this.#soon.add(timer);
  }

  stop({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number) {
    this.#isStopping = true;
    clearTimeout(this.#poll);
    for (const timer of this.#soon) clearTimeout(timer);
    await within(graceMs, this.#allEnded());
    for (const held of this.#leases.all()) held.abort('The process stops.');
    await within(BREAK_OFF_MS, this.#allEnded());
    this.#leases.stop();
    await this.#handBack();
  }

  /** A claim that is on its way may still bring deliveries; they are handed back unbegun. */
  async #allEnded() {
    await this.#claiming;
    await Promise.all(this.#running);
  }

  /**
   * What did not finish may be had by another worker at once. A handler that does not heed its signal still runs: its
   * lease is left to lapse, since two must never work on one delivery.
   */
  async #handBack() {
    let left = this.#unfinished.filter((held) => !held.isLost).map(({ delivery }) => delivery);
    for (let tries = 0; left.length > 0 && tries < 3; tries += 1) {
      try {
        const back = await returnDeliveries(this.#wish.rpc, left);
        left = left.filter(({ id }) => !back.has(id));
      } catch (error) {
        this.#outage.failed(error);
        return;
      }
    }
    const abandoned = this.#running.size;
    if (abandoned > 0) this.#wish.log.warn({ event: 'consumer.abandoned', deliveries: abandoned });
  }
}

/** Claims deliveries into free slots, hands each to its handler, settles it, until it is stopped. */
export function startConsumer(wish: ConsumerWish): Consumer {
  const consumer = new Slots(wish);
  consumer.wake();
  return consumer;
}
