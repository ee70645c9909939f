import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { onIdentify, onResume } from './gateway-hello.ts';
import { CLOSE, dispatch, type GatewayDeps, OP, type Serving, type Session, send } from './gateway-session.ts';
import { audienceOf, intentProblem } from './intents.ts';
import type { Dispatch } from './world.ts';

export const HEARTBEAT_EVERY_MS = 41_250;
const MAX_FRAME_BYTES = 4096;

export type Gateway = {
  /** Sessions that have a living socket. */
  connected(): number;
  /** Cuts every connection without a closing frame, as a broken network does. */
  drop(): void;
  /** Asks every bot to reconnect and resume. */
  reconnect(): void;
  /** Calls every session invalid. Where it can be resumed it is kept; otherwise the bot must identify again. */
  invalidate(isResumable: boolean): void;
  /** Closes, for good, every session that asked for what it may not have any more. */
  disallow(): void;
  /** The open connections hear nothing more and are not listened to. */
  silence(): void;
  /** How many of them there are. */
  silent(): number;
  mend(): void;
  close(): Promise<void>;
};

const frame = z.object({ op: z.int(), d: z.unknown().optional() });
type Frame = z.infer<typeof frame>;

/** Presence, voice and member requests are heard and need no answer here. */
const HEARD: readonly number[] = [3, 4, 8];
export function attachGateway(server: Server, deps: GatewayDeps): Gateway {
  const sockets = new WebSocketServer({ noServer: true });
  const sessions = new Map<string, Session>();
  const silent = new Set<WebSocket>();
  const serving: Serving = { ...deps, sessions, silent };
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!request.url?.startsWith('/gateway')) return void socket.destroy();
    const version = new URL(request.url, 'http://gateway').searchParams.get('v') ?? '10';
    return sockets.handleUpgrade(request, socket, head, (made) => {
      if (version === '10') serve(made, serving);
      else made.close(CLOSE.INVALID_VERSION, 'Invalid API version.');
    });
  };
  const onFact = (fact: Dispatch) => {
    for (const session of sessions.values()) {
      const seen = fact.audience === 'bot' ? audienceOf(fact, session.intents, deps.world) : undefined;
      if (seen !== undefined) dispatch(session, { t: fact.t, d: seen, silent });
    }
  };
  server.on('upgrade', onUpgrade);
  deps.world.listeners.add(onFact);
  const living = () => [...sessions.values()].flatMap(({ socket }) => (socket ? [socket] : []));
  return {
    connected: () => living().length,
    drop: () => living().forEach((socket) => void socket.terminate()),
    reconnect: () => living().forEach((socket) => void send(socket, { op: OP.RECONNECT, d: null })),
    invalidate: (isResumable) => {
      const open = living();
      for (const session of sessions.values()) session.socket = undefined;
      if (!isResumable) sessions.clear();
      for (const socket of open) send(socket, { op: OP.INVALID_SESSION, d: isResumable });
    },
    disallow: () => {
      for (const { id, intents, socket } of [...sessions.values()]) {
        const problem = intentProblem(intents, deps.world);
        if (problem && sessions.delete(id)) socket?.close(...problem);
      }
    },
    silence: () => living().forEach((socket) => void silent.add(socket)),
    silent: () => silent.size,
    mend: () => silent.forEach((socket) => void socket.terminate()),
    close: async () => {
      server.off('upgrade', onUpgrade);
      deps.world.listeners.delete(onFact);
      for (const client of sockets.clients) client.terminate();
      await new Promise((done) => sockets.close(done));
    },
  };
}

/** So many frames a minute, heartbeats among them. */
function sendCounter({ world, limits }: GatewayDeps): () => boolean {
  let sent: number[] = [];
  return () => {
    const { limit, windowMs } = limits.gatewaySends;
    sent = [...sent.filter((at) => at > world.now() - windowMs), world.now()];
    return limits.isOn && sent.length > limit;
  };
}

/** A client that sends no heartbeat for one and a half times the interval is gone. */
function watchPulse(socket: WebSocket, { heartbeatEveryMs }: GatewayDeps): () => void {
  const timer = setTimeout(() => socket.close(CLOSE.SESSION_TIMED_OUT, 'Session timed out.'), heartbeatEveryMs * 1.5);
  socket.on('close', () => clearTimeout(timer));
  return () => void timer.refresh();
}

function serve(socket: WebSocket, serving: Serving): void {
  let session: Session | undefined;
  send(socket, { op: OP.HELLO, d: { heartbeat_interval: serving.heartbeatEveryMs, _trace: [] } });
  const beat = watchPulse(socket, serving);
  const isTooMany = sendCounter(serving);
  socket.on('error', () => socket.terminate());
  socket.on('close', (code) => {
    serving.silent.delete(socket);
    if (session?.socket !== socket) return;
    session.socket = undefined;
    if (code === 1000 || code === 1001) serving.sessions.delete(session.id);
  });
  const onHello = ({ op, d }: Frame): void => {
    if (session) socket.close(CLOSE.ALREADY_AUTHENTICATED, 'Already authenticated.');
    else session = (op === OP.IDENTIFY ? onIdentify : onResume)(socket, d, serving);
  };
  const onFrame = (heard: Frame): void => {
    const { op } = heard;
    // One that was called invalid begins anew on the same connection.
    if (session?.socket !== socket) session = undefined;
    if (op === OP.HEARTBEAT) {
      beat();
      send(socket, { op: OP.HEARTBEAT_ACK });
    } else if (op === OP.IDENTIFY || op === OP.RESUME) onHello(heard);
    else if (!session) socket.close(CLOSE.NOT_AUTHENTICATED, 'Not authenticated.');
    else if (!HEARD.includes(op)) socket.close(CLOSE.UNKNOWN_OPCODE, 'Unknown opcode.');
  };
  socket.on('message', (raw) => {
    if (serving.silent.has(socket)) return;
    const text = String(raw);
    const parsed = frame.safeParse(text.length > MAX_FRAME_BYTES ? undefined : readFrame(text));
    if (!parsed.success) socket.close(CLOSE.DECODE_ERROR, 'Error while decoding payload.');
    else if (isTooMany()) socket.close(CLOSE.RATE_LIMITED, 'You are being rate limited.');
    else onFrame(parsed.data);
  });
}

function readFrame(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
