import { problemBody, problems } from './problem.ts';

/** One documented webhook: what its body is, and how a call looks. */
export type DocumentedWebhook = {
  readonly name: string;
  readonly summary: string;
  /** JSON Schema of the body. */
  readonly body: object;
  /** A call that works, for a shell. */
  readonly curl: string;
};

const refusal = (description: string) => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const answer = (description: string) => ({
  description,
  content: { 'application/json': { schema: { type: 'object' } } },
});

function pathOf({ name, summary, body, curl }: DocumentedWebhook) {
  return {
    [`/webhook/${name}`]: {
      post: {
        operationId: `${name}Webhook`,
        summary,
        security: [{ signature: [] }, { secret: [] }],
        requestBody: { required: true, content: { 'application/json': { schema: body } } },
        'x-codeSamples': [{ lang: 'Shell', source: curl }],
        responses: {
          202: answer('Stored: `accepted`, or `known` where this id was here before.'),
          400: refusal('The report cannot be read, or is stale.'),
          401: refusal('Neither signature nor secret is right.'),
          404: refusal('No task has this id or session.'),
          413: refusal('Too large.'),
          415: refusal('Not JSON, or compressed.'),
          422: refusal('The pull request is not of the task’s repository.'),
          429: refusal('Too many requests from one address.'),
          503: refusal('Not stored: the database did not answer. Send it again.'),
        },
      },
    },
  };
}

/** What this process takes over HTTP, as OpenAPI 3.1. Discord's own door is described by Discord. */
export function openApi(webhooks: readonly DocumentedWebhook[]) {
  return {
    openapi: '3.1.0',
    info: { title: 'Verne', version: '1', description: 'Reports that make Verne look at Jules now; health.' },
    paths: {
      '/healthz': { get: { summary: 'Alive: the event loop answers.', responses: { 200: answer('It does.') } } },
      '/readyz': {
        get: {
          summary: 'Ready: database, migrations, keyring and clock are as they should be.',
          responses: { 200: answer('Ready.'), 503: refusal('Not ready; `checks` says why.') },
        },
      },
      ...Object.assign({}, ...webhooks.map(pathOf)),
    },
    components: {
      securitySchemes: {
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Verne-Signature',
          description: '`sha256=` and the hex HMAC-SHA256 of the raw body under the secret.',
        },
        secret: { type: 'http', scheme: 'bearer' },
      },
      schemas: {
        Problem: {
          type: 'object',
          required: ['error'],
          properties: {
            error: {
              type: 'object',
              required: ['code', 'message', 'retryable', 'correlation_id'],
              properties: {
                code: { type: 'string' },
                message: { type: 'string' },
                retryable: { type: 'boolean' },
                correlation_id: { type: 'string', format: 'uuid' },
              },
            },
          },
          example: problemBody(problems.databaseAway, '4541186d-6f71-47a0-8a05-c78a59f3de6e'),
        },
      },
    },
  };
}
