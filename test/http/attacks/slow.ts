import { connect } from 'node:net';

export type Slow = { readonly port: number; readonly count: number; readonly head: string; readonly everyMs: number };
export type Cut = { readonly tookMs: number; readonly status: number };

/** Many connections that send a byte now and then; each lasts until the server ends it. */
export function slowSockets({ port, count, head, everyMs }: Slow): Promise<readonly Cut[]> {
  const one = () => {
    const { promise, resolve } = Promise.withResolvers<Cut>();
    let text = '';
    let startedAt = performance.now();
    const socket = connect({ port, host: '127.0.0.1' });
    let drip: NodeJS.Timeout | undefined;
    socket.on('connect', () => {
      startedAt = performance.now();
      socket.write(head);
      drip = setInterval(() => socket.write('a'), everyMs);
    });
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(drip);
      resolve({ tookMs: performance.now() - startedAt, status: Number(text.slice(9, 12)) });
    });
    return promise;
  };
  return Promise.all(Array.from({ length: count }, one));
}
