import type { FastifyInstance } from 'fastify';
import { type Problem, problemBody } from '#http/problem.ts';

export type HealthDeps = {
  /** For how long the event loop has kept others waiting. */
  readonly loopLagMs: () => number;
  readonly isDraining: () => boolean;
  readonly readDatabase: (signal: AbortSignal) => Promise<{
    readonly now: Date;
    /** The newest migration that the database has. */
    readonly migration: string | null;
    readonly writable: boolean;
  }>;
  /** The newest migration that this release was written for. */
  readonly migration: string;
  /** Seals something and opens it again. */
  readonly isKeyringSound: () => boolean;
  readonly now?: () => number;
  readonly databaseTimeoutMs?: number;
};

type Check = { readonly ok: boolean; readonly [fact: string]: unknown };
type Checks = Readonly<Record<string, Check>>;

const MAX_LAG_MS = 5000;
const MAX_CLOCK_DIFFERENCE_MS = 30_000;
const DATABASE_WITHIN_MS = 1000;
/** However often it is asked, the database hears of it once a second. */
const KEPT_MS = 1000;

const NOT_LIVE: Problem = {
  status: 503,
  code: 'not_live',
  message: 'The process does not get to its work.',
  retryable: true,
};
const NOT_READY: Problem = {
  status: 503,
  code: 'not_ready',
  message: 'The process cannot take requests now; the checks say why.',
  retryable: true,
  headers: { 'retry-after': '5' },
};

/** What the database says of itself, in time or not at all. Why it failed stands in the log of whoever needed it. */
async function databaseChecks(deps: HealthDeps): Promise<Checks> {
  const { now = Date.now, databaseTimeoutMs = DATABASE_WITHIN_MS } = deps;
  const timeout = AbortSignal.timeout(databaseTimeoutMs);
  const late = new Promise<never>((_, reject) =>
    timeout.addEventListener('abort', () => reject(timeout.reason), { once: true }),
  );
  const askedAt = now();
  try {
    const found = await Promise.race([deps.readDatabase(timeout), late]);
    const answeredAt = now();
    // Its clock was read at some moment in between.
    const differenceMs = Math.max(0, askedAt - found.now.getTime(), found.now.getTime() - answeredAt);
    return {
      database: { ok: found.writable, took_ms: answeredAt - askedAt, writable: found.writable },
      // A newer database is legal: releases overlap, and functions only grow.
      migrations: { ok: (found.migration ?? '') >= deps.migration, has: found.migration, needs: deps.migration },
      clock: { ok: differenceMs < MAX_CLOCK_DIFFERENCE_MS, difference_ms: differenceMs },
    };
  } catch {
    return {
      database: { ok: false, took_ms: now() - askedAt },
      migrations: { ok: false, needs: deps.migration },
      clock: { ok: false },
    };
  }
}

function keyringCheck({ isKeyringSound }: HealthDeps): Check {
  try {
    return { ok: isKeyringSound() };
  } catch {
    return { ok: false };
  }
}

function recently<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let last: { readonly until: number; readonly answer: Promise<Answer> } | undefined;
  return () => {
    if (!last || last.until < performance.now()) last = { until: performance.now() + KEPT_MS, answer: ask() };
    return last.answer;
  };
}

/**
 * `/healthz`: should this process be started again? Only its own event loop can say so; an outage elsewhere would make
 * everything restart, and help nobody. `/readyz`: should it be sent requests? What it cannot answer without counts;
 * Discord and Jules do not, since their outages are waited out by the deliveries.
 */
export function healthRoutes(app: FastifyInstance, deps: HealthDeps): void {
  const fromDatabase = recently(() => databaseChecks(deps));

  app.get('/healthz', async (request, reply) => {
    const lagMs = Math.round(deps.loopLagMs());
    const checks: Checks = { event_loop: { ok: lagMs < MAX_LAG_MS, lag_ms: lagMs } };
    if (checks['event_loop']?.ok) return { status: 'live', checks };
    return reply.code(NOT_LIVE.status).send({ ...problemBody(NOT_LIVE, request.id), checks });
  });

  app.get('/readyz', async (request, reply) => {
    const checks: Checks = {
      ...(await fromDatabase()),
      keyring: keyringCheck(deps),
      draining: { ok: !deps.isDraining() },
    };
    if (Object.values(checks).every(({ ok }) => ok)) return { status: 'ready', checks };
    return reply
      .code(NOT_READY.status)
      .headers(NOT_READY.headers ?? {})
      .send({ ...problemBody(NOT_READY, request.id), checks });
  });
}
