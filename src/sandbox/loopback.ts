import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '#kernel/errors.ts';

const LOOPBACK_NAMES: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];
const LOOPBACK_ADDRESSES: readonly string[] = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];

const hostnameOf = (host: string): string => host.replace(/:\d+$/, '').toLowerCase();

/**
 * Any website that a developer has open can send requests to this machine, and by DNS rebinding under a name of its
 * own. So the name must be a loopback name, and the page that asks must be our own.
 */
export function refuseStrangers(request: FastifyRequest): void {
  const { host, origin } = request.headers;
  const isNear = LOOPBACK_ADDRESSES.includes(request.socket.remoteAddress ?? '');
  if (!(isNear && host !== undefined && LOOPBACK_NAMES.includes(hostnameOf(host)))) {
    throw new Refusal('forbidden', 'The sandbox answers only on this machine, under a loopback name.');
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    throw new Refusal('forbidden', 'The sandbox answers only to its own page.');
  }
}

const STATUS_OF: Readonly<Record<string, number>> = { forbidden: 403, no_answer: 504 };

const statusOf = (code: string): number => STATUS_OF[code] ?? (code.startsWith('unknown_') ? 404 : 400);

/** Every failure of a driver is a sentence. */
export function answerInSentences(app: FastifyInstance): void {
  app.setErrorHandler((error: unknown, _request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof Refusal) return reply.code(statusOf(error.code)).send({ error: error.sentence });
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
    const message = error instanceof Error ? error.message : 'The sandbox failed.';
    return reply.code(status).send({ error: message });
  });
}
