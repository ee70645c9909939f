import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket, connect as toSocket } from 'node:net';

/** The tag of a notification among the messages that Postgres sends: one byte, then its length with itself. */
const NOTIFICATION = 'A'.charCodeAt(0);
const HEAD = 5;

/** Passes on whole messages, all but notifications. */
function withoutNotifications(pass: (message: Buffer) => void) {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEAD) {
      const length = 1 + rest.readUInt32BE(1);
      if (rest.length < length) return;
      if (rest[0] !== NOTIFICATION) pass(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  };
}

export type RelayWish = {
  /** As a pooler in transaction mode: LISTEN is answered, and nothing is ever heard. */
  readonly isDeaf?: boolean;
  readonly port?: number;
};

/** Stands between a client and the database of a url. */
export async function startRelay(url: string, { isDeaf = false, port: wanted = 0 }: RelayWish = {}) {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  let isSilent = false;
  const server = createServer((client) => {
    const database = toSocket(Number(port), hostname);
    for (const [one, other] of [
      [client, database],
      [database, client],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    client.on('data', (chunk) => isSilent || database.write(chunk));
    const pass = (message: Buffer) => void (isSilent || client.write(message));
    database.on('data', isDeaf ? withoutNotifications(pass) : pass);
  });
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.href,
    port: Number(through.port),
    /** As a network that drops everything: lines stay open and are taken, and carry nothing any more. */
    fallSilent: () => {
      isSilent = true;
    },
    /** And takes no new lines. */
    refuse: () => void server.close(),
    stop: async () => {
      for (const socket of open) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}
