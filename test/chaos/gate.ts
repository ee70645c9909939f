import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket, connect as toSocket } from 'node:net';

/**
 * A gate stands between one process of the bot and one service, and knows each call that passes: every call is two
 * failpoints, before it reaches the service and after its effect, when the answer is on its way. What is broken there is
 * broken at once: nothing more passes in either direction.
 */
export type Point = { readonly name: string; readonly moment: 'before' | 'after' };
export const nameOfPoint = ({ name, moment }: Point) => `${moment} ${name}`;

export type Verdict = 'pass' | 'break';
export type Gate = { readonly port: number; underWay(): number; stop(): Promise<void> };

/** Reads along one connection: the calls that begin in what the client sends, and how many of them an answer ends. */
type Reader = { asked(chunk: Buffer): readonly string[]; answered(chunk: Buffer): readonly string[] };

const REQUEST = /^(GET|POST|PUT|PATCH|DELETE) (\S+) HTTP/;

/** `POST /channels/:id/messages`; a function by its name alone, over HTTP as on a direct connection. */
function nameOfRequest(method: string, url: string): string {
  const path = (url.split('?', 1)[0] ?? '').replace(/^\/(api\/v10|v1alpha)/, '');
  const called = /^\/rest\/v1\/rpc\/(\w+)$/.exec(path)?.[1];
  if (called) return called;
  const bare = path
    .replace(/^\/(interactions|webhooks)\/\d+\/[^/]+/, '/$1/:id/:token')
    .replace(/\/\d{6,}/g, '/:id')
    .replace(/\/sources\/.+/, '/sources/:id');
  return `${method} ${bare}`;
}

/** One request at a time, as clients without pipelining send them. */
function httpReader(): Reader {
  let open: string | undefined;
  return {
    asked: (chunk) => {
      const [, method, url] = REQUEST.exec(chunk.subarray(0, 2000).toString('latin1')) ?? [];
      if (!method || !url) return [];
      open = nameOfRequest(method, url);
      return [open];
    },
    answered: () => {
      const ended = open === undefined ? [] : [open];
      open = undefined;
      return ended;
    },
  };
}

/** Cuts a stream of Postgres's protocol into messages: a tag and a length, but for the very first of a client. */
function messages(hasStart: boolean) {
  let rest: Buffer = Buffer.alloc(0);
  let isStart = hasStart;
  return (chunk: Buffer): { readonly tag: string; readonly body: Buffer }[] => {
    rest = Buffer.concat([rest, chunk]);
    const found = [];
    for (;;) {
      const head = isStart ? 0 : 1;
      if (rest.length < head + 4) return found;
      const length = head + rest.readUInt32BE(head);
      if (rest.length < length) return found;
      if (!isStart) found.push({ tag: String.fromCharCode(rest[0] ?? 0), body: rest.subarray(head + 4, length) });
      rest = rest.subarray(length);
      isStart = false;
    }
  };
}

const firstWords = (body: Buffer) => body.toString('latin1').split('\0');

/** A call is bound to a statement that was parsed before, and ends with the answer to its Sync. */
function postgresReader(): Reader {
  const [sent, heard] = [messages(true), messages(false)];
  const statements = new Map<string, string | undefined>();
  const syncs: (string | undefined)[] = [];
  let bound: string | undefined;
  const read: Readonly<Record<string, (body: Buffer) => string | undefined>> = {
    P: (body) => {
      const [name = '', statement = ''] = firstWords(body);
      statements.set(name, /public\.(\w+)\(/.exec(statement)?.[1]);
      return undefined;
    },
    B: (body) => {
      bound = statements.get(firstWords(body)[1] ?? '');
      return bound;
    },
    S: () => {
      syncs.push(bound);
      bound = undefined;
      return bound;
    },
    Q: () => {
      syncs.push(undefined);
      return undefined;
    },
  };
  return {
    asked: (chunk) => sent(chunk).flatMap(({ tag, body }) => read[tag]?.(body) ?? []),
    answered: (chunk) => heard(chunk).flatMap(({ tag }) => (tag === 'Z' ? (syncs.shift() ?? []) : [])),
  };
}

export type GateWish = {
  readonly target: URL;
  readonly onPoint: (point: Point) => Verdict;
};

export async function openGate({ target, onPoint }: GateWish): Promise<Gate> {
  const isPostgres = target.protocol.startsWith('postgres');
  const open = new Set<Socket>();
  let underWay = 0;

  function join(client: Socket): void {
    const service = toSocket(Number(target.port), target.hostname);
    const reader = isPostgres ? postgresReader() : httpReader();
    let calls = 0;
    let isBroken = false;
    const count = (change: number) => {
      calls += change;
      underWay += change;
    };
    const end = () => {
      isBroken = true;
      count(-calls);
      client.destroy();
      service.destroy();
    };
    const isBreaking = (names: readonly string[], moment: Point['moment']) =>
      names.some((name) => onPoint({ name, moment }) === 'break');
    for (const socket of [client, service]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', end).on('close', () => {
        open.delete(socket);
        end();
      });
    }
    client.on('data', (chunk) => {
      if (isBroken) return;
      const names = reader.asked(chunk);
      count(names.length);
      if (isBreaking(names, 'before')) end();
      else service.write(chunk);
    });
    service.on('data', (chunk) => {
      if (isBroken) return;
      const names = reader.answered(chunk);
      if (isBreaking(names, 'after')) return end();
      count(-names.length);
      client.write(chunk);
    });
  }

  const server = createServer(join).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    underWay: () => underWay,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
