import { connect, type Socket } from 'node:net';
import type { APIInteraction, APIInteractionResponse } from 'discord-api-types/v10';
import type { FastifyInstance } from 'fastify';
import nacl from 'tweetnacl';
import { afterEach, expect } from 'vitest';
import { z } from 'zod';
import { signatureVerifier } from '#discord/signature.ts';
import { type AppDeps, buildApp } from '#http/app.ts';
import { type MetricsOptions, makeMetrics } from '#http/metrics.ts';
import type { HealthDeps } from '#http/routes/health.ts';
import type { Webhook } from '#http/routes/webhooks.ts';
import { sampledLog } from '#http/sampled-log.ts';
import { makeLog } from '#kernel/log.ts';

const keys = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(5));
const otherKeys = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(6));
export const publicKey = Buffer.from(keys.publicKey).toString('hex');

/** The one form of every refusal. */
export const problem = z.strictObject({
  error: z.strictObject({
    code: z.string().regex(/^[a-z_]+$/),
    message: z.string().min(5),
    retryable: z.boolean(),
    correlation_id: z.uuid(),
  }),
});

export async function problemIn(response: Response) {
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const { error } = problem.parse(await response.json());
  expect(response.headers.get('x-correlation-id')).toBe(error.correlation_id);
  return { status: response.status, code: error.code };
}

/** A body signed as Discord signs it, or by somebody else. */
export function signed(body: string | Uint8Array, { isForged = false, now = Date.now() } = {}) {
  const bytes = Buffer.from(body);
  const timestamp = String(Math.floor(now / 1000));
  const { secretKey } = isForged ? otherKeys : keys;
  const signature = nacl.sign.detached(Buffer.concat([Buffer.from(timestamp), bytes]), secretKey);
  const headers = {
    'content-type': 'application/json',
    'x-signature-ed25519': Buffer.from(signature).toString('hex'),
    'x-signature-timestamp': timestamp,
  };
  return { method: 'POST', body: bytes, headers };
}

export const PING = JSON.stringify({ id: '1400000000000000001', type: 1, version: 1 });
export const MIGRATION = '20261120000400';

export const healthy: HealthDeps = {
  loopLagMs: () => 0,
  isDraining: () => false,
  readDatabase: async () => ({ now: new Date(), migration: MIGRATION, writable: true }),
  migration: MIGRATION,
  isKeyringSound: () => true,
};

const pong = async (): Promise<APIInteractionResponse> => ({ type: 1 });

/** A webhook that believes nobody. */
const CLOSED_WEBHOOK: Webhook = {
  name: 'jules',
  summary: '',
  body: {},
  curl: '',
  bodyLimitBytes: 65_536,
  isAuthentic: () => false,
  receive: async () => {
    throw new Error('nobody is believed here');
  },
};

type Facts = {
  readonly health?: Partial<HealthDeps>;
  readonly answer?: (payload: APIInteraction) => Promise<APIInteractionResponse>;
  readonly maxUnderWay?: number;
  readonly deps?: Partial<AppDeps>;
  readonly readStats?: MetricsOptions['readStats'];
  /** Routes of the test's own. */
  readonly extend?: (app: FastifyInstance) => void;
};

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** The real app on a free port, with its log lines and what its handlers were given. */
export async function startApp(facts: Facts = {}) {
  const lines: Record<string, unknown>[] = [];
  const log = makeLog({
    level: 'info',
    secrets: [],
    destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
  });
  const answered: APIInteraction[] = [];
  const logRefusal = sampledLog(log);
  const metrics = makeMetrics({ readStats: facts.readStats ?? (async () => []) });
  const app = await buildApp({
    log,
    metrics,
    trustedProxies: 0,
    health: { ...healthy, ...facts.health },
    interactions: {
      verifier: await signatureVerifier({ publicKey, ...(facts.maxUnderWay && { maxUnderWay: facts.maxUnderWay }) }),
      answer: (payload) => {
        answered.push(payload);
        return (facts.answer ?? pong)(payload);
      },
      onVerdict: metrics.verdict,
      logRefusal,
    },
    webhooks: { webhooks: [CLOSED_WEBHOOK], logRefusal },
    ...facts.deps,
  });
  facts.extend?.(app);
  open.push(() => app.close());
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, origin, lines, answered, metrics, port: Number(new URL(origin).port) };
}

export type Running = Awaited<ReturnType<typeof startApp>>;

export const post = ({ origin }: Pick<Running, 'origin'>, init: RequestInit, path = '/interactions') =>
  fetch(`${origin}${path}`, init);

/** Everything that the server says until it hangs up, or until `isEnough`. */
export function rawTalk(
  { port }: Pick<Running, 'port'>,
  say: (socket: Socket) => void,
  isEnough: (text: string) => boolean = () => false,
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  const socket = connect(port, '127.0.0.1', () => say(socket));
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (isEnough(text)) socket.destroy();
  });
  socket.on('error', () => {});
  socket.on('close', () => resolve(text));
  return promise;
}
