import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Metrics } from '#http/metrics.ts';
import { type Problem, sendProblem } from '#http/problem.ts';

export type MetricsRouteDeps = { readonly metrics: Metrics; readonly metricsToken?: string | undefined };

const PER_MINUTE = 60;
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];

const CLOSED: Problem = {
  status: 403,
  code: 'not_here',
  message: 'Metrics are read on this machine, or with the token that the operator has set.',
  retryable: false,
};
const BAD_TOKEN: Problem = {
  status: 401,
  code: 'bad_token',
  message: 'Send the token that the operator has set: Authorization: Bearer …',
  retryable: false,
  headers: { 'www-authenticate': 'Bearer' },
};

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Of equal length whatever was sent, so that the comparison takes the same time. */
const isToken = (sent: string | undefined, token: string) =>
  timingSafeEqual(digest(sent ?? ''), digest(`Bearer ${token}`));

/** A proxy on this machine has a near address too, but says for whom it asks. */
const isNear = ({ socket, headers }: FastifyRequest) =>
  LOOPBACK.includes(socket.remoteAddress ?? '') &&
  headers['x-forwarded-for'] === undefined &&
  headers.forwarded === undefined;

export function metricsRoute(app: FastifyInstance, { metrics, metricsToken }: MetricsRouteDeps): void {
  function refusal(request: FastifyRequest): Problem | undefined {
    if (metricsToken === undefined) return isNear(request) ? undefined : CLOSED;
    return isToken(request.headers.authorization, metricsToken) ? undefined : BAD_TOKEN;
  }

  app.get('/metrics', {
    config: { rateLimit: { max: PER_MINUTE, timeWindow: '1 minute' } },
    handler: async (request, reply) => {
      const problem = refusal(request);
      if (problem) return sendProblem(reply, problem);
      const { type, text } = await metrics.render();
      return reply.type(type).send(text);
    },
  });
}
