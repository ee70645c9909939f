import type { FastifyInstance } from 'fastify';
import { type DocumentedWebhook, openApi } from '#http/openapi.ts';

/** `GET /openapi.json`: what may be sent here, for people and their tools. */
export function openApiRoute(app: FastifyInstance, webhooks: readonly DocumentedWebhook[]): void {
  const document = openApi(webhooks);
  app.get('/openapi.json', async () => document);
}
