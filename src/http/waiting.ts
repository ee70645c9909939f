import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Each costs about ten kilobytes; so many are far more than the proxies in front ever open. */
const MOST = 1000;

/**
 * Connections on which no whole request stands: new ones, slow ones, and those that are kept for later. There is room
 * for a number of them; then the one that has waited for longest is given up for the one that comes, and those that
 * never sent a whole request go first. So whoever opens thousands costs a known amount of memory, and takes the place
 * of nobody who has asked before.
 */
export function limitWaiting(app: FastifyInstance, giveUp: (socket: Socket, hasBegun: boolean) => void): void {
  /** Both in the order of their last step. */
  const strangers = new Set<Socket>();
  /** With how much had been read when their last request was answered. */
  const kept = new Map<Socket, number>();
  const leave = (socket: Socket) => {
    strangers.delete(socket);
    kept.delete(socket);
  };
  app.server.on('connection', (socket) => {
    const [stranger] = strangers;
    const [oldest] = kept;
    strangers.add(socket);
    socket.once('close', () => leave(socket));
    if (strangers.size + kept.size <= MOST) return;
    const [first, readBefore] = stranger ? [stranger, -1] : (oldest ?? [socket, -1]);
    leave(first);
    giveUp(first, first.bytesRead !== readBefore);
  });
  app.addHook('preHandler', async ({ raw }) => leave(raw.socket));
  app.addHook('onResponse', async ({ raw }) => {
    leave(raw.socket);
    if (!raw.socket.destroyed) kept.set(raw.socket, raw.socket.bytesRead);
  });
}
