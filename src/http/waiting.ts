import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Each costs about ten kilobytes; so many are far more than the proxies in front ever open. */
const MOST = 1000;

/**
 * Connections on which no whole request stands: new ones, slow ones, and those that are kept for later. There is room
 * for a number of them; then the one that has waited for longest is given up for the one that comes. So whoever opens
 * thousands costs a known amount of memory, and takes nobody's place whose request is already here.
 */
export function limitWaiting(app: FastifyInstance, giveUp: (socket: Socket, hasBegun: boolean) => void): void {
  /** In the order of their last step; of kept ones, how much had been read when their last request was answered. */
  const waiting = new Map<Socket, number | undefined>();
  const wait = (socket: Socket, readBefore?: number) => {
    waiting.delete(socket);
    if (!socket.destroyed) waiting.set(socket, readBefore);
  };
  app.server.on('connection', (socket) => {
    wait(socket);
    socket.once('close', () => waiting.delete(socket));
    const [oldest] = waiting.size > MOST ? waiting : [];
    if (!oldest) return;
    const [first, readBefore] = oldest;
    waiting.delete(first);
    giveUp(first, first.bytesRead !== readBefore);
  });
  app.addHook('onRequest', async ({ raw }) => wait(raw.socket));
  app.addHook('preHandler', async ({ raw }) => void waiting.delete(raw.socket));
  app.addHook('onResponse', async ({ raw }) => wait(raw.socket, raw.socket.bytesRead));
}
