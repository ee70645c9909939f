import { Pool } from 'undici';
import type { Signed } from './signed.ts';

export type Answer = { readonly status: number; readonly text: string };

export type LoadWish = {
  readonly origin: string;
  readonly requests: readonly Signed[];
  /** Starts from the first again when all were sent; otherwise the load ends there. */
  readonly mayRepeat: boolean;
  readonly connections: number;
  /** Sent and checked, but not measured. */
  readonly leadMs: number;
  readonly forMs: number;
  readonly isRight: (answer: Answer) => boolean;
  /** The measured time begins. */
  readonly onMeasured: () => void;
};

export type Load = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the core that the client runs on. */
  readonly clientShare: number;
  /** All of them, the lead included. */
  readonly right: number;
  readonly measured: number;
  readonly wrong: readonly Answer[];
};

/** The pool's bare callbacks: what the client takes, the servers on the same cores lack. */
function send(pool: Pool, { headers, body }: Signed): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const chunks: Buffer[] = [];
  let status = 0;
  pool.dispatch(
    { path: '/interactions', method: 'POST', headers, body },
    {
      onRequestStart: () => {},
      onResponseStart: (_controller, code) => {
        status = code;
      },
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd: () => resolve({ status, text: Buffer.concat(chunks).toString('utf8') }),
      onResponseError: (_controller, error) => reject(error),
    },
  );
  return promise;
}

export async function sendOne(origin: string, request: Signed): Promise<Answer> {
  const pool = new Pool(origin, { connections: 1 });
  try {
    return await send(pool, request);
  } finally {
    await pool.destroy();
  }
}

const percentile = (sorted: Float64Array, share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** A closed loop: each connection sends its next request when it has read the answer to the one before. */
export async function load(wish: LoadWish): Promise<Load> {
  const pool = new Pool(wish.origin, { connections: wish.connections, pipelining: 1 });
  const tookMs: number[] = [];
  const wrong: Answer[] = [];
  let right = 0;
  let next = 0;
  let isMeasuring = false;
  let cpuFrom = process.cpuUsage();
  const startedAt = performance.now();
  let measuredFrom = startedAt + wish.leadMs;
  const endsAt = measuredFrom + wish.forMs;

  const take = () => wish.requests[wish.mayRepeat ? next++ % wish.requests.length : next++];

  function begin(now: number): void {
    isMeasuring = true;
    measuredFrom = now;
    cpuFrom = process.cpuUsage();
    wish.onMeasured();
  }

  async function one(): Promise<void> {
    for (let sentAt = performance.now(); sentAt < endsAt; ) {
      const request = take();
      if (!request) return;
      const answer = await send(pool, request);
      const now = performance.now();
      if (wish.isRight(answer)) right += 1;
      else wrong.push(answer);
      if (isMeasuring) tookMs.push(now - sentAt);
      else if (now >= measuredFrom) begin(now);
      sentAt = now;
    }
  }

  try {
    await Promise.all(Array.from({ length: wish.connections }, one));
  } finally {
    await pool.destroy();
  }
  const forMs = performance.now() - measuredFrom;
  const { user, system } = process.cpuUsage(cpuFrom);
  const sorted = Float64Array.from(tookMs).sort();
  return {
    perSecond: (tookMs.length * 1000) / forMs,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    clientShare: (user + system) / 1000 / forMs,
    right,
    measured: tookMs.length,
    wrong,
  };
}
