import type { FastifyInstance } from 'fastify';
import type { DocumentedWebhook } from '#http/openapi.ts';
import { HttpProblem, type Problem } from '#http/problem.ts';
import type { sampledLog } from '#http/sampled-log.ts';
import { Refusal } from '#kernel/errors.ts';

type WebhookRequest = {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
};

/** One sender: how its requests are known to be genuine, and what is done with one. */
export type Webhook = DocumentedWebhook & {
  readonly bodyLimitBytes: number;
  readonly isAuthentic: (request: WebhookRequest) => boolean;
  /** Stores what was said, before it is answered. A `Refusal` says what is wrong with it. */
  readonly receive: (request: WebhookRequest) => Promise<object>;
};

export type WebhooksDeps = {
  readonly webhooks: readonly Webhook[];
  readonly logRefusal: ReturnType<typeof sampledLog>;
};

const UNSIGNED: Problem = {
  status: 401,
  code: 'bad_signature',
  message: 'The request carries neither a valid signature nor a valid secret.',
  retryable: false,
};

const isJson = (type: string) => /^application\/(?:[\w.+-]+\+)?json\b/i.test(type);
const BAD_TYPE: Problem = {
  status: 415,
  code: 'type_refused',
  message: 'Send the report as application/json.',
  retryable: false,
};

/** Statuses of refusals that are not simply "the request is wrong". */
const STATUS: Readonly<Record<string, number>> = { unknown_task: 404, foreign_pull_request: 422 };

function problemOfRefusal({ code, sentence }: Refusal): HttpProblem {
  return new HttpProblem({ status: STATUS[code] ?? 400, code, message: sentence, retryable: false });
}

type Taken = { readonly webhook: Webhook; readonly request: WebhookRequest };

async function take({ webhook, request }: Taken, logRefusal: WebhooksDeps['logRefusal']): Promise<object> {
  if (!isJson(String(request.headers['content-type']))) throw new HttpProblem(BAD_TYPE);
  if (!webhook.isAuthentic(request)) {
    logRefusal({ route: `/webhook/${webhook.name}`, code: 'forged' });
    throw new HttpProblem(UNSIGNED);
  }
  try {
    return await webhook.receive(request);
  } catch (error) {
    throw error instanceof Refusal ? problemOfRefusal(error) : error;
  }
}

/**
 * Every webhook comes in one order: size and encoding (the app), type, authenticity over the raw bytes, freshness and
 * form, storing under the sender's own id, 202. No work is done inside the request.
 */
export function webhookRoutes(app: FastifyInstance, { webhooks, logRefusal }: WebhooksDeps): void {
  for (const webhook of webhooks) {
    app.post(`/webhook/${webhook.name}`, {
      bodyLimit: webhook.bodyLimitBytes,
      config: { rateLimit: { max: 600, timeWindow: '1 minute' } },
      handler: async ({ headers, body }, reply) => {
        const request = { headers, body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) };
        return reply.code(202).send(await take({ webhook, request }, logRefusal));
      },
    });
  }
}
