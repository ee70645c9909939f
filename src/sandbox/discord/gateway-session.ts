import type { WebSocket } from 'ws';
import type { LimitDeps } from './rate-limits.ts';

export const OP = {
  DISPATCH: 0,
  HEARTBEAT: 1,
  IDENTIFY: 2,
  RESUME: 6,
  RECONNECT: 7,
  INVALID_SESSION: 9,
  HELLO: 10,
  HEARTBEAT_ACK: 11,
} as const;

export const CLOSE = {
  UNKNOWN_OPCODE: 4001,
  DECODE_ERROR: 4002,
  NOT_AUTHENTICATED: 4003,
  AUTHENTICATION_FAILED: 4004,
  ALREADY_AUTHENTICATED: 4005,
  INVALID_SEQ: 4007,
  RATE_LIMITED: 4008,
  SESSION_TIMED_OUT: 4009,
  INVALID_SHARD: 4010,
  INVALID_VERSION: 4012,
} as const;
const DISPATCHES_KEPT = 200;

type Sent = { readonly s: number; readonly text: string };

/**
 * A session outlives its socket. Identified, it hears dispatches; while its socket is gone they are kept, up to 200, so
 * that a resume replays what was missed. It ends when the bot closes with 1000 or 1001, or when it is invalidated.
 */
export type Session = {
  readonly id: string;
  readonly intents: number;
  seq: number;
  readonly sent: Sent[];
  socket: WebSocket | undefined;
};

export type GatewayDeps = LimitDeps & { readonly tokens: readonly string[]; readonly heartbeatEveryMs: number };

export const send = (socket: WebSocket, payload: object): void => socket.send(JSON.stringify(payload));

type Told = { readonly t: string; readonly d: unknown; readonly silent: ReadonlySet<WebSocket> };

export function dispatch(session: Session, { t, d, silent }: Told): void {
  session.seq += 1;
  const text = JSON.stringify({ op: OP.DISPATCH, t, s: session.seq, d });
  session.sent.push({ s: session.seq, text });
  if (session.sent.length > DISPATCHES_KEPT) session.sent.shift();
  if (session.socket && !silent.has(session.socket)) session.socket.send(text);
}

export type Serving = GatewayDeps & { readonly sessions: Map<string, Session>; readonly silent: Set<WebSocket> };
