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

/** A goodbye that the database does not hear is not waited for: the lease lapses. */
const GOODBYE_MS = 1000;

/** Broken off when time is up or the process stops, since a line may fall silent without breaking. */
function ask({ rpc, name, owner, ttlMs }: LeaseWish, limitMs: number, stop: AbortSignal) {
  const over = new AbortController();
  const { signal } = over;
  const breakOff = () => over.abort();
  stop.addEventListener('abort', breakOff);
  const wish = { name, owner, ttl_ms: ttlMs };
  const answer = call((fn, args) => rpc(fn, args, { signal }), taken, 'take_lease', wish);
  const silence = pause(limitMs, undefined, { signal }).then(() => {
    throw new Error('The database is silent.');
  });
  return {
    answer: Promise.race([answer, silence]).finally(() => {
      stop.removeEventListener('abort', breakOff);
      over.abort();
    }),
    /** However late that is known. */
    isTaken: answer.then(
      ({ held }) => held,
      () => false,
    ),
  };
}

async function sayGoodbye({ rpc, name, owner }: LeaseWish, isOurs: Promise<boolean>) {
  const over = new AbortController();
  const release = async () => (await isOurs) && rpc('release_lease', { name, owner });
  const enough = pause(GOODBYE_MS, undefined, { signal: over.signal });
  await Promise.race([release(), enough]).catch(() => {});
  over.abort();
  await enough.catch(() => {});
}

/**
 * Tries for a lease and keeps it. The holder's own clock of silence is the monotonic one: a process that was frozen or
 * cut off from the database longer than the lease stops by itself, before anybody tells it and whether or not its last
 * question is ever answered.
 */
export function holdLease(wish: LeaseWish): HeldLease {
  const stopping = new AbortController();
  let isHeld = false;
  let safeUntil = 0;
  /** Whether the last question took the lease. */
  let taking = Promise.resolve(false);

  async function lose(why: string) {
    isHeld = false;
    wish.log.warn({ event: 'lease.lost', lease: wish.name, why });
    await wish.onLost();
  }

  const leftMs = () => (isHeld ? Math.max(safeUntil - performance.now(), 0) : wish.ttlMs);

  async function renew() {
    const askedAt = performance.now();
    const question = ask(wish, leftMs(), stopping.signal);
    taking = question.isTaken;
    const { held } = await question.answer;
    if (stopping.signal.aborted) return;
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
        if (stopping.signal.aborted) return;
        wish.log.warn({ event: 'lease.unsure', lease: wish.name, error: messageOf(error) });
      }
      await pause(Math.min(wish.renewMs, leftMs()), undefined, { signal: stopping.signal }).catch(() => {});
      if (isHeld && leftMs() === 0) await lose('the database did not answer in time');
    }
  }

  const running = run();
  return {
    isHeld: () => isHeld,
    stop: async () => {
      stopping.abort();
      await running;
      const wasHeld = isHeld;
      if (wasHeld) await wish.onLost();
      isHeld = false;
      await sayGoodbye(wish, wasHeld ? Promise.resolve(true) : taking);
    },
  };
}
