import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { openLine } from './line.ts';
import { proofOf } from './signing.ts';

/** Every address that there is, and one that there is not. */
const ADDRESSES = [
  'POST /interactions',
  'POST /webhook/jules',
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'GET /openapi.json',
] as const;

const ZEROS = Buffer.alloc(10 * 1_048_576);
const ONCE = gzipSync(ZEROS);

/** Ten megabytes of zeros in ten kilobytes, or less. */
const BOMBS: readonly (readonly [encoding: string, body: Buffer])[] = [
  ['gzip', ONCE],
  ['x-gzip', ONCE],
  ['GZIP', ONCE],
  ['gzip, gzip', gzipSync(ONCE)],
  ['br', brotliCompressSync(ZEROS)],
  ['deflate', deflateSync(ZEROS)],
  ['identity, gzip', ONCE],
  ['zstd', ONCE],
  ['no such coding', ONCE],
];

const proofLines = (body: Buffer) =>
  proofOf(body)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

/** Sends every bomb to every address, signed, and gives back how each was answered. */
export async function sendBombs(port: number): Promise<readonly number[]> {
  const line = openLine(port);
  const statuses: number[] = [];
  for (const [encoding, body] of BOMBS) {
    for (const address of ADDRESSES) {
      const head = `${address} HTTP/1.1\r\nhost: x\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n`;
      const { status } = await line.send(Buffer.concat([Buffer.from(`${head}${proofLines(body)}\r\n`), body]));
      statuses.push(status);
    }
  }
  line.close();
  return statuses;
}

export type Push = {
  readonly port: number;
  readonly head: string;
  readonly piece: Buffer;
  /** How much there is to send, if nobody ends it. */
  readonly total: number;
};
/** `status` 0: ended without an answer that could still be read. `sent` is what the server's side took. */
export type Pushed = { readonly status: number; readonly sent: number; readonly tookMs: number };

/** Sends until the server ends the connection, or everything is sent; then waits for the end. */
export function push({ port, head, piece, total }: Push): Promise<Pushed> {
  const { promise, resolve } = Promise.withResolvers<Pushed>();
  const startedAt = performance.now();
  let text = '';
  const socket = connect({ port, host: '127.0.0.1' });
  const more = () => {
    while (!socket.destroyed && socket.bytesWritten < total) if (!socket.write(piece)) return;
  };
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {});
  socket.on('drain', more);
  socket.on('connect', () => {
    socket.write(head);
    more();
  });
  socket.on('close', () => {
    const sent = socket.bytesWritten - socket.writableLength;
    resolve({ status: Number(text.slice(9, 12)), sent, tookMs: performance.now() - startedAt });
  });
  return promise;
}

const PIECE = Buffer.alloc(65_536, 'a');
const CHUNK = Buffer.from(`10000\r\n${'a'.repeat(65_536)}\r\n`);
const HUNDRED_MB = 100 * 1_048_576;
const CHUNKED = 'transfer-encoding: chunked\r\n\r\n';
const FORM = `x-signature-ed25519: ${'0'.repeat(128)}\r\nx-signature-timestamp: `;
const head = (address: string) =>
  `${address} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${FORM}${Math.floor(Date.now() / 1000)}\r\n`;

/** Bodies that do not end, or not soon; headers as Discord sends them, so that the body would be read. */
export const endless = (port: number): readonly Push[] =>
  [...ADDRESSES, 'POST /canary'].flatMap((address) => [
    { port, head: `${head(address)}content-length: ${HUNDRED_MB}\r\n\r\n`, piece: PIECE, total: HUNDRED_MB },
    { port, head: `${head(address)}${CHUNKED}`, piece: CHUNK, total: HUNDRED_MB },
  ]);

/** Lengths that are not those of the body. */
export const liars = (port: number): readonly Push[] =>
  ['POST /interactions', 'POST /webhook/jules'].flatMap((address) => [
    // Ten bytes are the body, and the rest is no request.
    { port, head: `${head(address)}content-length: 10\r\n\r\n`, piece: PIECE, total: 10 * 1_048_576 },
    // The rest never comes.
    { port, head: `${head(address)}content-length: 200000\r\n\r\n`, piece: Buffer.from('a'), total: 10 },
  ]);
