import { connect, type Socket } from 'node:net';

/** `status` 0: the server hung up, or could not be reached, without an answer. */
export type Answer = { readonly status: number; readonly body: string; readonly tookMs: number };

/** The first whole answer in what was received; one without a body length is over with the connection. */
function answerIn(text: string): Omit<Answer, 'tookMs'> | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
  const body = text.slice(end + 4);
  return body.length < length ? undefined : { status: Number(text.slice(9, 12)), body: body.slice(0, length) };
}

/** A connection that is kept, and made again where the server has ended it. One request at a time. */
export function openLine(port: number) {
  let socket: Socket | undefined;
  let text = '';
  let settle: (answer: Omit<Answer, 'tookMs'>) => void = () => {};

  function connected(): Socket {
    if (socket && !socket.destroyed && socket.writable) return socket;
    const made = connect({ port, host: '127.0.0.1', noDelay: true });
    made.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const answer = answerIn(text);
      if (!answer) return;
      // What it says it ends is not used again, even where the end itself is still under way.
      if (/\r\nconnection: close\r\n/i.test(text)) {
        socket = undefined;
        made.destroy();
      }
      settle(answer);
    });
    made.on('error', () => {});
    made.on('end', () => made.destroy());
    made.on('close', () => {
      if (socket === made) settle({ status: 0, body: '' });
    });
    socket = made;
    return made;
  }

  return {
    async send(request: Buffer): Promise<Answer> {
      const startedAt = performance.now();
      const { promise, resolve } = Promise.withResolvers<Omit<Answer, 'tookMs'>>();
      text = '';
      settle = resolve;
      connected().write(request);
      return { ...(await promise), tookMs: performance.now() - startedAt };
    },
    close() {
      settle = () => {};
      socket?.destroy();
    },
  };
}

type Pour = {
  readonly port: number;
  readonly connections: number;
  /** The next request, or undefined when it was enough. */
  readonly next: () => Buffer | undefined;
  readonly heard: (answer: Answer, request: Buffer) => void;
};

/** Sends on many lines at once; each sends its next request when it has read the answer to the one before. */
export async function pour({ port, connections, next, heard }: Pour): Promise<void> {
  const lines = Array.from({ length: connections }, () => openLine(port));
  const run = async (line: (typeof lines)[number]) => {
    for (let request = next(); request; request = next()) heard(await line.send(request), request);
  };
  try {
    await Promise.all(lines.map(run));
  } finally {
    for (const line of lines) line.close();
  }
}

type Request = {
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
};

/** A request as bytes, with whatever its headers hold. */
export function bytesOf({ path, headers, body }: Request): Buffer {
  const named = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n`;
  return Buffer.concat([Buffer.from(`${head}${named}\r\n`, 'latin1'), body]);
}
