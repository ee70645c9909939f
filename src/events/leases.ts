import type { Rpc } from '#kernel/rpc.ts';
import { type Claimed, renewDeliveries } from './delivery.ts';
import type { Outage } from './outage.ts';

/** A delivery that this process works on. */
export class Held {
  readonly delivery: Claimed;
  readonly #abort = new AbortController();
  /** Of `performance.now()`: by then the lease is over unless it was renewed. Counted from before the call that took it. */
  #until: number;
  #isLost = false;

  constructor(delivery: Claimed, askedAt: number) {
    this.delivery = delivery;
    this.#until = askedAt + delivery.lease_ms;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Another worker may have it: whatever comes of it is not stored. */
  get isLost(): boolean {
    return this.#isLost;
  }

  get isLapsed(): boolean {
    return performance.now() >= this.#until;
  }

  renewed(askedAt: number) {
    this.#until = askedAt + this.delivery.lease_ms;
  }

  lose(reason: string) {
    this.#isLost = true;
    this.abort(reason);
  }

  abort(reason: string) {
    this.#abort.abort(new Error(reason));
  }
}

export type LeasesWish = {
  readonly rpc: Rpc;
  readonly leaseMs: number;
  readonly renewMs: number;
  readonly outage: Outage;
};

/** The heartbeat: all held leases are renewed in one call, so long as this process works on them. */
export class Leases {
  readonly #wish: LeasesWish;
  readonly #held = new Set<Held>();
  readonly #timer: NodeJS.Timeout;
  #isRenewing = false;

  constructor(wish: LeasesWish) {
    this.#wish = wish;
    this.#timer = setInterval(() => void this.#beat(), wish.renewMs);
  }

  get size(): number {
    return this.#held.size;
  }

  all(): Held[] {
    return [...this.#held];
  }

  take(held: Held) {
    this.#held.add(held);
  }

  drop(held: Held) {
    this.#held.delete(held);
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** A call that hangs must not hide that leases lapse, so these are looked at on every beat. */
  async #beat() {
    for (const held of this.#held) if (held.isLapsed) held.lose('The lease is over: it could not be renewed in time.');
    const mine = this.all().filter((held) => !held.isLost);
    if (this.#isRenewing || mine.length === 0) return;
    this.#isRenewing = true;
    try {
      await this.#renew(mine);
      this.#wish.outage.succeeded();
    } catch (error) {
      this.#wish.outage.failed(error);
    } finally {
      this.#isRenewing = false;
    }
  }

  async #renew(mine: readonly Held[]) {
    const askedAt = performance.now();
    const leases = mine.map(({ delivery }) => delivery);
    const still = await renewDeliveries(this.#wish.rpc, leases, this.#wish.leaseMs);
    for (const held of mine) {
      if (still.has(held.delivery.id)) held.renewed(askedAt);
      // One that was settled meanwhile is not held either, and not lost.
      else if (this.#held.has(held)) held.lose('The lease is lost: another worker has the delivery.');
    }
  }
}
