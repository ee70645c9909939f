import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { messageOf } from '#kernel/errors.ts';
import type { Log } from '#kernel/log.ts';
import { call, type Rpc } from '#kernel/rpc.ts';

export type LeaseWish = {
  readonly rpc: Rpc;
  readonly name: string;
  /** Unique to this process. */
  readonly owner: string;
  /** How long it stays ours when we fall silent; an heir takes over within this and one renewal. */
  readonly ttlMs: number;
  readonly renewMs: number;
  readonly log: Log;
  /** Begins what only the holder may do. */
  readonly onHeld: () => Promise<void>;
  /** Ends it: the lease is somebody else's now, or may be. */
  readonly onLost: () => Promise<void>;
};

export type HeldLease = { isHeld(): boolean; stop(): Promise<void> };

const taken = z.object({ held: z.boolean() });

/**
 * Tries for a lease and keeps it. The holder's own clock of silence is the monotonic one: a process that was frozen or
 * cut off from the database longer than the lease stops by itself, before anybody tells it.
 */
export function holdLease(wish: LeaseWish): HeldLease {
  const stopping = new AbortController();
  let isHeld = false;
  let safeUntil = 0;

  async function lose(why: string) {
    isHeld = false;
    wish.log.warn({ event: 'lease.lost', lease: wish.name, why });
    await wish.onLost();
  }

  async function renew() {
    const askedAt = performance.now();
    const { held } = await call(wish.rpc, taken, 'take_lease', {
      name: wish.name,
      owner: wish.owner,
      ttl_ms: wish.ttlMs,
    });
    if (held) safeUntil = askedAt + wish.ttlMs;
    if (held && !isHeld) {
      isHeld = true;
      wish.log.info({ event: 'lease.held', lease: wish.name });
      await wish.onHeld();
    } else if (!held && isHeld) await lose('another process holds it');
  }

  async function run() {
    while (!stopping.signal.aborted) {
      try {
        await renew();
      } catch (error) {
        wish.log.warn({ event: 'lease.unsure', lease: wish.name, error: messageOf(error) });
      }
      if (isHeld && performance.now() > safeUntil) await lose('the database did not answer in time');
      await pause(wish.renewMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const running = run();
  return {
    isHeld: () => isHeld,
    stop: async () => {
      stopping.abort();
      await running;
      if (!isHeld) return;
      await wish.onLost();
      isHeld = false;
      await wish.rpc('release_lease', { name: wish.name, owner: wish.owner }).catch(() => {});
    },
  };
}
