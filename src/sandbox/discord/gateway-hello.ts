import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { CLOSE, dispatch, type GatewayDeps, OP, type Serving, type Session, send } from './gateway-session.ts';
import { INTENT, intentProblem } from './intents.ts';
import { isBotIn } from './membership.ts';
import { IDENTIFIES } from './rate-limits.ts';
import { guildCreateView, userView } from './views.ts';
import type { World } from './world.ts';

const identify = z.object({
  token: z.string(),
  intents: z.int(),
  shard: z.tuple([z.int(), z.int()]).optional(),
});
const resume = z.object({ token: z.string(), session_id: z.string(), seq: z.int() });

type Identify = z.infer<typeof identify>;

/** What is wrong with an IDENTIFY, so that the connection is closed for good. */
function identifyProblem(
  { intents, shard }: Identify,
  world: World,
): readonly [code: number, reason: string] | undefined {
  const [at, of] = shard ?? [0, 1];
  if (at < 0 || at >= of) return [CLOSE.INVALID_SHARD, 'Invalid shard.'];
  return intentProblem(intents, world);
}

/**
 * At most one IDENTIFY in five seconds: another is answered by an invalid session. After the thousandth of a day
 * Discord resets the token and mails the owner; here that lasts until the day is over.
 */
function mayIdentify(socket: WebSocket, { limits, buckets }: GatewayDeps): boolean {
  if (!limits.isOn) return true;
  if (buckets.take('identify now', { limit: 1, windowMs: limits.identifyEveryMs }).isFull) {
    send(socket, { op: OP.INVALID_SESSION, d: false });
    return false;
  }
  if (!buckets.take(IDENTIFIES, limits.identifies).isFull) return true;
  socket.close(CLOSE.AUTHENTICATION_FAILED, 'Authentication failed.');
  return false;
}

export function onIdentify(socket: WebSocket, d: unknown, serving: Serving): Session | undefined {
  const { world, tokens, sessions, silent } = serving;
  const asked = identify.safeParse(d);
  if (!asked.success || !tokens.includes(asked.data.token)) {
    socket.close(CLOSE.AUTHENTICATION_FAILED, 'Authentication failed.');
    return undefined;
  }
  const problem = identifyProblem(asked.data, world);
  if (problem) {
    socket.close(...problem);
    return undefined;
  }
  if (!mayIdentify(socket, serving)) return undefined;
  const id = randomBytes(16).toString('hex');
  const session: Session = { id, intents: asked.data.intents, seq: 0, sent: [], socket };
  sessions.set(id, session);
  const guilds = [...world.guilds.values()].filter((guild) => isBotIn(world, guild));
  const ready = {
    v: 10,
    user: { ...userView(world.bot), verified: true, mfa_enabled: true, email: null },
    guilds: guilds.map((guild) => ({ id: guild.id, unavailable: true })),
    session_id: id,
    resume_gateway_url: `${world.origin.replace(/^http/, 'ws')}/gateway`,
    session_type: 'normal',
    shard: asked.data.shard ?? [0, 1],
    application: { id: world.bot.id, flags: 0 },
    private_channels: [],
    relationships: [],
    presences: [],
    _trace: [],
  };
  dispatch(session, { t: 'READY', d: ready, silent });
  if (session.intents & INTENT.GUILDS) {
    for (const guild of guilds) dispatch(session, { t: 'GUILD_CREATE', d: guildCreateView(world, guild), silent });
  }
  return session;
}

/** Replays what the session missed, or sends it back to identify when that is no longer known. */
export function onResume(socket: WebSocket, d: unknown, { tokens, sessions, silent }: Serving): Session | undefined {
  const asked = resume.safeParse(d);
  if (!asked.success || !tokens.includes(asked.data.token)) {
    socket.close(CLOSE.AUTHENTICATION_FAILED, 'Authentication failed.');
    return undefined;
  }
  const { session_id, seq } = asked.data;
  const session = sessions.get(session_id);
  const oldest = session?.sent[0]?.s ?? 1;
  if (session && seq > session.seq) {
    socket.close(CLOSE.INVALID_SEQ, 'Invalid seq.');
    return undefined;
  }
  if (!session || seq < oldest - 1) {
    send(socket, { op: OP.INVALID_SESSION, d: false });
    return undefined;
  }
  session.socket?.terminate();
  session.socket = socket;
  for (const { s, text } of session.sent) if (s > seq) socket.send(text);
  dispatch(session, { t: 'RESUMED', d: { _trace: [] }, silent });
  return session;
}
