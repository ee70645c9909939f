import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Dispatch, World } from '#sandbox/discord/world.ts';

const CHANGES_KEPT = 1_000;
/** Many changes come at once; the whole state follows once they have come to rest. */
const STATE_AFTER_MS = 150;
const COMMENT_EVERY_MS = 15_000;

type Change = { readonly id: number; readonly text: string };

const line = (id: number, event: string, data: unknown): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/**
 * `GET /sandbox/events`: at once `event: state` with what `/sandbox/state` answers, then each change as a plain message
 * `{type, data}`, and the state again when the changes have come to rest. `Last-Event-ID` brings what was missed.
 */
export function eventRoute(app: FastifyInstance, deps: { readonly world: World; readonly state: () => unknown }): void {
  const clients = new Set<ServerResponse>();
  const changes: Change[] = [];
  let last = 0;
  let resting: NodeJS.Timeout | undefined;

  const toAll = (text: string) => {
    for (const client of clients) client.write(text);
  };
  const onFact = ({ t, d }: Dispatch) => {
    // What somebody typed in a command or a dialog, a key perhaps, is between them and the bot.
    if (t === 'INTERACTION_CREATE') return;
    last += 1;
    const text = line(last, 'message', { type: t, data: d });
    changes.push({ id: last, text });
    if (changes.length > CHANGES_KEPT) changes.shift();
    toAll(text);
    if (clients.size === 0) return;
    clearTimeout(resting);
    resting = setTimeout(() => toAll(line(last, 'state', deps.state())), STATE_AFTER_MS);
  };
  deps.world.listeners.add(onFact);
  const comments = setInterval(() => toAll(': still here\n\n'), COMMENT_EVERY_MS);
  app.addHook('preClose', async () => {
    deps.world.listeners.delete(onFact);
    clearInterval(comments);
    clearTimeout(resting);
    for (const client of clients) client.end();
  });

  app.get('/sandbox/events', (request, reply) => {
    reply.hijack();
    const client = reply.raw;
    client.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    clients.add(client);
    client.on('close', () => clients.delete(client));
    const seen = Number(request.headers['last-event-id'] ?? Number.NaN);
    for (const change of changes) if (change.id > seen) client.write(change.text);
    client.write(line(last, 'state', deps.state()));
  });
}
