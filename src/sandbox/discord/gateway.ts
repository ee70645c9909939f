import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { audienceOf, INTENT } from './intents.ts';
import { guildCreateView, userView } from './views.ts';
import type { Dispatch, World } from './world.ts';

const OP = {
  DISPATCH: 0,
  HEARTBEAT: 1,
  IDENTIFY: 2,
  RESUME: 6,
  RECONNECT: 7,
  INVALID_SESSION: 9,
  HELLO: 10,
  HEARTBEAT_ACK: 11,
} as const;

const CLOSE = {
  UNKNOWN_OPCODE: 4001,
  DECODE_ERROR: 4002,
  NOT_AUTHENTICATED: 4003,
  AUTHENTICATION_FAILED: 4004,
} as const;
const HEARTBEAT_EVERY_MS = 41_250;
const DISPATCHES_KEPT = 200;

type Sent = { readonly s: number; readonly text: string };

/**
 * A session outlives its socket. Identified, it hears dispatches; while its socket is gone they are kept, up to 200, so
 * that a resume replays what was missed. It ends when the bot closes with 1000 or 1001, or when it is invalidated.
 */
type Session = {
  readonly id: string;
  readonly intents: number;
  seq: number;
  readonly sent: Sent[];
  socket: WebSocket | undefined;
};

export type Gateway = {
  /** Sessions that have a living socket. */
  connected(): number;
  /** Cuts every connection without a closing frame, as a broken network does. */
  drop(): void;
  /** Asks every bot to reconnect and resume. */
  reconnect(): void;
  /** Forgets every session: the bot must identify again. */
  invalidate(): void;
  close(): Promise<void>;
};

const frame = z.object({ op: z.int(), d: z.unknown().optional() });
const identify = z.object({ token: z.string(), intents: z.int() });
const resume = z.object({ token: z.string(), session_id: z.string(), seq: z.int() });

type Deps = { readonly world: World; readonly tokens: readonly string[] };

export function attachGateway(server: Server, deps: Deps): Gateway {
  const sockets = new WebSocketServer({ noServer: true });
  const sessions = new Map<string, Session>();
  const onUpgrade = (
    ...[request, socket, head]: Parameters<WebSocketServer['handleUpgrade']> extends [
      infer A,
      infer B,
      infer C,
      ...unknown[],
    ]
      ? [A, B, C]
      : never
  ) => {
    if (request.url?.startsWith('/gateway')) {
      sockets.handleUpgrade(request, socket, head, (made) => serve(made, { ...deps, sessions }));
    } else socket.destroy();
  };
  const onFact = (fact: Dispatch) => {
    for (const session of sessions.values()) {
      const seen = fact.audience === 'bot' ? audienceOf(fact, session.intents, deps.world) : undefined;
      if (seen !== undefined) dispatch(session, fact.t, seen);
    }
  };
  server.on('upgrade', onUpgrade);
  deps.world.listeners.add(onFact);
  const living = () => [...sessions.values()].flatMap(({ socket }) => (socket ? [socket] : []));
  return {
    connected: () => living().length,
    drop: () => living().forEach((socket) => void socket.terminate()),
    reconnect: () => living().forEach((socket) => void send(socket, { op: OP.RECONNECT, d: null })),
    invalidate: () => {
      const open = living();
      sessions.clear();
      for (const socket of open) send(socket, { op: OP.INVALID_SESSION, d: false });
    },
    close: async () => {
      server.off('upgrade', onUpgrade);
      deps.world.listeners.delete(onFact);
      for (const client of sockets.clients) client.terminate();
      await new Promise((done) => sockets.close(done));
    },
  };
}

const send = (socket: WebSocket, payload: object): void => socket.send(JSON.stringify(payload));

function dispatch(session: Session, t: string, d: unknown): void {
  session.seq += 1;
  const text = JSON.stringify({ op: OP.DISPATCH, t, s: session.seq, d });
  session.sent.push({ s: session.seq, text });
  if (session.sent.length > DISPATCHES_KEPT) session.sent.shift();
  session.socket?.send(text);
}

type Serving = Deps & { readonly sessions: Map<string, Session> };

function serve(socket: WebSocket, serving: Serving): void {
  let session: Session | undefined;
  send(socket, { op: OP.HELLO, d: { heartbeat_interval: HEARTBEAT_EVERY_MS, _trace: [] } });
  socket.on('error', () => socket.terminate());
  socket.on('close', (code) => {
    if (session?.socket !== socket) return;
    session.socket = undefined;
    if (code === 1000 || code === 1001) serving.sessions.delete(session.id);
  });
  socket.on('message', (raw) => {
    const parsed = frame.safeParse(readFrame(String(raw)));
    if (!parsed.success) return socket.close(CLOSE.DECODE_ERROR, 'Error while decoding payload.');
    const { op, d } = parsed.data;
    if (op === OP.HEARTBEAT) return send(socket, { op: OP.HEARTBEAT_ACK });
    if (op === OP.IDENTIFY) session = onIdentify(socket, d, serving);
    else if (op === OP.RESUME) session = onResume(socket, d, serving);
    else if (!session) socket.close(CLOSE.NOT_AUTHENTICATED, 'Not authenticated.');
    // Presence, voice and member requests (3, 4, 8) are heard and need no answer here.
    else if (![3, 4, 8].includes(op)) socket.close(CLOSE.UNKNOWN_OPCODE, 'Unknown opcode.');
    return undefined;
  });
}

function readFrame(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function onIdentify(socket: WebSocket, d: unknown, { world, tokens, sessions }: Serving): Session | undefined {
  const asked = identify.safeParse(d);
  if (!asked.success || !tokens.includes(asked.data.token)) {
    socket.close(CLOSE.AUTHENTICATION_FAILED, 'Authentication failed.');
    return undefined;
  }
  const id = randomBytes(16).toString('hex');
  const session: Session = { id, intents: asked.data.intents, seq: 0, sent: [], socket };
  sessions.set(id, session);
  const guilds = [...world.guilds.values()];
  dispatch(session, 'READY', {
    v: 10,
    user: { ...userView(world.bot), verified: true, mfa_enabled: true, email: null },
    guilds: guilds.map((guild) => ({ id: guild.id, unavailable: true })),
    session_id: id,
    resume_gateway_url: `${world.origin.replace(/^http/, 'ws')}/gateway`,
    session_type: 'normal',
    shard: [0, 1],
    application: { id: world.bot.id, flags: 0 },
    private_channels: [],
    relationships: [],
    presences: [],
    _trace: [],
  });
  if (session.intents & INTENT.GUILDS) {
    for (const guild of guilds) dispatch(session, 'GUILD_CREATE', guildCreateView(world, guild));
  }
  return session;
}

/** Replays what the session missed, or sends it back to identify when that is no longer known. */
function onResume(socket: WebSocket, d: unknown, { tokens, sessions }: Serving): Session | undefined {
  const asked = resume.safeParse(d);
  if (!asked.success || !tokens.includes(asked.data.token)) {
    socket.close(CLOSE.AUTHENTICATION_FAILED, 'Authentication failed.');
    return undefined;
  }
  const { session_id, seq } = asked.data;
  const session = sessions.get(session_id);
  const oldest = session?.sent[0]?.s ?? 1;
  if (!session || seq < oldest - 1 || seq > session.seq) {
    send(socket, { op: OP.INVALID_SESSION, d: false });
    return undefined;
  }
  session.socket?.terminate();
  session.socket = socket;
  for (const { s, text } of session.sent) if (s > seq) socket.send(text);
  dispatch(session, 'RESUMED', { _trace: [] });
  return session;
}
