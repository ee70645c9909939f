import { connect } from 'node:net';

const BODY = '{"a":1}';
const POST = 'POST /interactions HTTP/1.1\r\nhost: x\r\n';
const GET = 'GET /healthz HTTP/1.1\r\nhost: x\r\n';
const CHUNKED = 'transfer-encoding: chunked\r\n';
const END = '\r\n0\r\n\r\n';
/** What a desynchronised reader would take for a request of its own. Its answer would be 404. */
const HIDDEN = 'GET /hidden HTTP/1.1\r\nhost: x\r\n\r\n';
const UPGRADE = 'connection: upgrade, http2-settings\r\nhttp2-settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n';

/** After each of these the connection ends, and nothing behind it is answered. */
export const AMBIGUOUS: Readonly<Record<string, string>> = {
  'length and chunks': `${POST}content-length: 7\r\n${CHUNKED}${END}`,
  'chunks and length': `${POST}${CHUNKED}content-length: 7\r\n${END}`,
  'a length twice': `${POST}content-length: 7\r\ncontent-length: 7\r\n\r\n${BODY}`,
  'two lengths': `${POST}content-length: 7\r\ncontent-length: 0\r\n\r\n${BODY}`,
  'a list of lengths': `${POST}content-length: 7, 7\r\n\r\n${BODY}`,
  'a length with a sign': `${POST}content-length: +7\r\n\r\n${BODY}`,
  'a length below nothing': `${POST}content-length: -7\r\n\r\n${BODY}`,
  'a length in hex': `${POST}content-length: 0x7\r\n\r\n${BODY}`,
  'a length past all numbers': `${POST}content-length: 99999999999999999999999\r\n\r\n${BODY}`,
  'a length of two words': `${POST}content-length: 7 7\r\n\r\n${BODY}`,
  'an empty length': `${POST}content-length: \r\n\r\n`,
  xchunked: `${POST}transfer-encoding: xchunked\r\n${END}`,
  identity: `${POST}transfer-encoding: identity\r\n\r\n`,
  'chunked, identity': `${POST}transfer-encoding: chunked, identity\r\n${END}`,
  'identity, chunked': `${POST}transfer-encoding: identity, chunked\r\n${END}`,
  'gzip, chunked': `${POST}transfer-encoding: gzip, chunked\r\n${END}`,
  'chunked twice': `${POST}${CHUNKED}${CHUNKED}${END}`,
  'chunked and identity': `${POST}${CHUNKED}transfer-encoding: identity\r\n${END}`,
  'chunked behind a vertical tab': `${POST}transfer-encoding: \u000bchunked\r\n${END}`,
  'chunked before a space and colon': `${POST}transfer-encoding : chunked\r\n${END}`,
  'chunked in a folded line': `${POST}transfer-encoding:\r\n chunked\r\n${END}`,
  'chunks in HTTP/1.0': `POST /interactions HTTP/1.0\r\nhost: x\r\nconnection: keep-alive\r\n${CHUNKED}${END}`,
  'a folded line': `${POST}x-a: b\r\n c\r\ncontent-length: 0\r\n\r\n`,
  'lines that end with LF': `${POST.replaceAll('\r\n', '\n')}\n`,
  'lines that end with CR': 'GET /healthz HTTP/1.1\rhost: x\r\r',
  'LF in a header': `${POST}x-a: b\nx-b: c\r\ncontent-length: 0\r\n\r\n`,
  'CR in a header': `${POST}x-a: b\rx-b: c\r\ncontent-length: 0\r\n\r\n`,
  'NUL in a header': `${POST}x-a: b\0c\r\ncontent-length: 0\r\n\r\n`,
  'a header without a colon': `${POST}nonsense\r\n\r\n`,
  'a space in a name': `${POST}x a: b\r\n\r\n`,
  'a header without a name': `${POST}: b\r\n\r\n`,
  'a space before a name': `POST /interactions HTTP/1.1\r\n host: x\r\n\r\n`,
  'a chunk below nothing': `${POST}${CHUNKED}\r\n-1\r\n`,
  'a chunk in 0x': `${POST}${CHUNKED}\r\n0x0\r\n\r\n`,
  'a chunk past all numbers': `${POST}${CHUNKED}\r\nFFFFFFFFFFFFFFFFF\r\n`,
  'a chunk longer than it says': `${POST}${CHUNKED}\r\n5\r\nabcdefgh${END}`,
  'chunks that end with LF': `${POST}${CHUNKED}\r\n5\nabcde\n0\n\n`,
  'a chunk with a long extension': `${POST}${CHUNKED}\r\n5;${'a'.repeat(20_000)}\r\nabcde${END}`,
  'a length in the trailer': `${POST}${CHUNKED}trailer: content-length\r\n\r\n0\r\ncontent-length: 40\r\n\r\n`,
  'two hosts': `${GET}host: y\r\n\r\n`,
  'no host': 'GET /healthz HTTP/1.1\r\n\r\n',
  'a host in the target': 'GET http://evil.example/healthz HTTP/1.1\r\nhost: x\r\n\r\n',
  'a target that is no path': 'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n',
  'a space in the target': 'GET /heal thz HTTP/1.1\r\nhost: x\r\n\r\n',
  'a control in the target': 'GET /heal\u0001thz HTTP/1.1\r\nhost: x\r\n\r\n',
  'HTTP/0.9': 'GET /healthz\r\n\r\n',
  'HTTP/1.2': 'GET /healthz HTTP/1.2\r\nhost: x\r\n\r\n',
  'HTTP/1.10': 'GET /healthz HTTP/1.10\r\nhost: x\r\n\r\n',
  'HTTP/2.0': 'GET /healthz HTTP/2.0\r\nhost: x\r\n\r\n',
  'http in small letters': 'GET /healthz http/1.1\r\nhost: x\r\n\r\n',
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0',
  'an upgrade to HTTP/2': `${GET}${UPGRADE}upgrade: h2c\r\n\r\n`,
  'an upgrade to a web socket': `${GET}connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\r\n`,
  'an expectation': `${POST}expect: 200-maybe\r\ncontent-length: 7\r\n\r\n${BODY}`,
  'a tunnel': 'CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n',
  TLS: '\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003',
  'more headers than are read': `${GET}${Array.from({ length: 100 }, (_, at) => `x-${at}: 1\r\n`).join('')}\r\n`,
  'a header that is too long': `${GET}x-a: ${'a'.repeat(20_000)}\r\n\r\n`,
};

const PIECE_EVERY_MS = 2;

/** Sends `text`, and behind it the hidden request, in pieces that end at `cuts`; gives back all that was said until the end. */
export function say(port: number, text: string, cuts: readonly number[] = []): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const bytes = Buffer.from(text + HIDDEN, 'latin1');
  const borders = [...cuts.map((cut) => cut % bytes.length), bytes.length].sort((one, other) => one - other);
  let said = '';
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const sendFrom = (from: number, [to = bytes.length, ...rest]: readonly number[]) => {
    if (socket.writable) socket.write(bytes.subarray(from, to));
    if (rest.length > 0) setTimeout(sendFrom, PIECE_EVERY_MS, to, rest);
  };
  socket.on('connect', () => sendFrom(0, borders));
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    said += chunk;
  });
  socket.on('error', () => {});
  socket.on('close', () => resolve(said));
  return promise;
}

/** What of `said` breaks the rule, or undefined: one answer at most, not to the hidden request. */
export function brokenBy(said: string): string | undefined {
  const statuses = [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
  if (statuses.length > 1) return `answers ${statuses.join(', ')}`;
  return statuses[0] === '404' ? 'answers the hidden request' : undefined;
}
