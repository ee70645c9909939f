import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal, RemoteFailure } from '#kernel/errors.ts';
import type { Log } from '#kernel/log.ts';

/** What a caller is told where a request was not done. The message is for people; nothing of the inside is in it. */
export type Problem = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** The same request may succeed later. */
  readonly retryable: boolean;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Thrown by a route to answer with a problem. */
export class HttpProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = `HttpProblem[${problem.status} ${problem.code}]`;
    this.problem = problem;
  }
}

export const problems = {
  notFound: { status: 404, code: 'not_found', message: 'There is nothing at this address.', retryable: false },
  encoded: {
    status: 415,
    code: 'encoding_refused',
    message: 'Send the body as it is: compressed bodies are refused.',
    retryable: false,
    headers: { connection: 'close' },
  },
  tooLarge: {
    status: 413,
    code: 'too_large',
    message: 'The body is larger than this address takes.',
    retryable: false,
    headers: { connection: 'close' },
  },
  badType: {
    status: 415,
    code: 'type_refused',
    message: 'This address does not take a body of this content type.',
    retryable: false,
  },
  badRequest: { status: 400, code: 'bad_request', message: 'The request cannot be read.', retryable: false },
  ambiguous: {
    status: 400,
    code: 'bad_request',
    message: 'The request can be read in more than one way.',
    retryable: false,
    headers: { connection: 'close' },
  },
  limited: {
    status: 429,
    code: 'too_many_requests',
    message: 'Too many requests from your address. Wait a minute.',
    retryable: true,
  },
  databaseAway: {
    status: 503,
    code: 'database_away',
    message: 'Not recorded: the database did not answer. Try again.',
    retryable: true,
    headers: { 'retry-after': '5' },
  },
  serviceAway: {
    status: 503,
    code: 'service_away',
    message: 'Not done: another service did not answer. Try again.',
    retryable: true,
    headers: { 'retry-after': '5' },
  },
  defect: {
    status: 500,
    code: 'defect',
    message: 'Something broke here, nothing you did. Name the correlation id to the operator.',
    retryable: false,
  },
} as const satisfies Record<string, Problem>;

export const problemBody = ({ code, message, retryable }: Problem, correlationId: string) => ({
  error: { code, message, retryable, correlation_id: correlationId },
});

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.headers ?? {})
    .send(problemBody(problem, reply.request.id));
}

const BY_FASTIFY_CODE: Readonly<Record<string, Problem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: problems.tooLarge,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: problems.badType,
};

const factOf = (error: unknown, name: 'code' | 'statusCode'): unknown =>
  error instanceof Error && name in error ? Reflect.get(error, name) : undefined;

/** Fastify's own refusals carry a status; their texts name its insides, so none of them is passed on. */
function problemOfFramework(error: unknown): Problem {
  const known = BY_FASTIFY_CODE[String(factOf(error, 'code'))];
  if (known) return known;
  const status = factOf(error, 'statusCode');
  return typeof status === 'number' && status >= 400 && status < 500
    ? { ...problems.badRequest, status }
    : problems.defect;
}

function problemOf(error: unknown): Problem {
  if (error instanceof HttpProblem) return error.problem;
  if (error instanceof Refusal) return { status: 400, code: error.code, message: error.sentence, retryable: false };
  if (error instanceof RemoteFailure)
    return error.service === 'database' ? problems.databaseAway : problems.serviceAway;
  return problemOfFramework(error);
}

/** Every failure of every route is answered here, in one form; a defect is logged with its stack, which nobody is sent. */
export function answerErrors(log: Log) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const problem = problemOf(error);
    const line = { event: 'http.failed', correlation: request.id, route: request.routeOptions.url, code: problem.code };
    if (problem.status === 500) log.error({ ...line, err: error }, 'A request broke.');
    else if (error instanceof RemoteFailure) log.warn({ ...line, error: error.message }, 'A request failed.');
    return sendProblem(reply, problem);
  };
}
