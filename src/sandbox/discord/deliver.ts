import { createServer } from 'node:net';
import nacl from 'tweetnacl';
import { acknowledge } from './acknowledge.ts';
import { DiscordError } from './errors.ts';
import type { Deliver } from './interact.ts';
import { judgeRequest } from './judge/request.ts';
import { callbackBody } from './message-body.ts';
import { CALLBACK, type Interaction } from './model.ts';
import { failInteraction } from './payload.ts';
import { decode, noteRefusal, traceOf } from './trace.ts';
import { record, type World } from './world.ts';

export type HttpDoor = {
  /** What the bot is given as DISCORD_PUBLIC_KEY. */
  readonly publicKey: string;
  readonly deliver: Deliver;
  /**
   * What Discord does before it takes an address: a PING that must be answered, and one with a bad signature that must
   * be refused. False while nobody listens there; throws where the answers are wrong.
   */
  isProven(): Promise<boolean>;
};

const PING = 1;
const UNAUTHORIZED = 401;
const ACCEPTED = 202;
const OK = 200;

const CALLBACK_ROUTE = '/interactions/:interaction/:token/callback';

type Keys = nacl.SignKeyPair;

function signed(body: string, { secretKey }: Keys, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const signature = nacl.sign.detached(Buffer.from(timestamp + body), secretKey);
  return {
    'content-type': 'application/json',
    'user-agent': 'Discord-Interactions/1.0 (+https://discord.com)',
    'x-signature-ed25519': Buffer.from(signature).toString('hex'),
    'x-signature-timestamp': timestamp,
  };
}

/** The answer stands in the response; it is judged and kept in the log like one that comes by callback. */
function applyInline(world: World, interaction: Interaction, sent: { body: unknown; startedAt: number }): void {
  const request = { raw: {}, body: sent.body };
  let status = OK;
  try {
    judgeRequest(world, {
      traced: request,
      method: 'POST',
      route: CALLBACK_ROUTE,
      params: { interaction: interaction.id, token: interaction.token },
    });
    acknowledge(world, interaction, { request, body: decode(request, callbackBody) });
  } catch (error) {
    if (!(error instanceof DiscordError)) throw error;
    noteRefusal(request, error);
    status = error.status;
    failInteraction(world, interaction);
  }
  const { verdict } = traceOf(request);
  record(world, {
    id: (world.requests.at(-1)?.id ?? 0) + 1,
    at: new Date(sent.startedAt).toISOString(),
    method: 'POST',
    path: '/interactions (answered inline)',
    status,
    tookMs: Date.now() - sent.startedAt,
    body: sent.body,
    ...(verdict && { verdict }),
  });
}

/** Interactions as signed POSTs to the bot's address, answered within three seconds or not at all. */
export function httpDoor(world: World, url: string, keys: Keys = nacl.sign.keyPair()): HttpDoor {
  const post = (body: string, headers: Record<string, string>) =>
    fetch(url, { method: 'POST', body, headers, signal: AbortSignal.timeout(world.times.answerWithinMs) });

  async function ask(interaction: Interaction, body: string, headers: Record<string, string>): Promise<void> {
    const startedAt = Date.now();
    try {
      const response = await post(body, headers);
      if (response.status === ACCEPTED) return;
      if (response.status !== OK) return failInteraction(world, interaction);
      const answer: unknown = await response.json();
      // Of a request that was delivered twice the first answer counts.
      if (interaction.state === 'waiting') applyInline(world, interaction, { body: answer, startedAt });
    } catch {
      // Away, too late, or no JSON: whatever it was, Discord shows the person the same.
      failInteraction(world, interaction);
    }
  }

  async function isProven(): Promise<boolean> {
    const body = JSON.stringify({ id: world.newId(), application_id: world.bot.id, type: PING, version: 1 });
    const headers = signed(body, keys, world.now());
    const pong = await post(body, headers).catch(() => undefined);
    if (!pong) return false;
    const { type } = (await pong.json().catch(() => ({}))) as { type?: unknown };
    if (pong.status !== OK || type !== CALLBACK.PONG) throw new Error(`the bot answered a PING with ${pong.status}`);
    const forged = await post(`${body} `, headers);
    if (forged.status === UNAUTHORIZED) return true;
    throw new Error(`the bot answered a bad signature with ${forged.status}; Discord would not take such an address`);
  }

  return {
    publicKey: Buffer.from(keys.publicKey).toString('hex'),
    deliver: (interaction, payload, times) => {
      const body = JSON.stringify(payload);
      const headers = signed(body, keys, world.now());
      for (let nth = 0; nth < times; nth += 1) void ask(interaction, body, headers);
    },
    isProven,
  };
}

/** A port of this machine that nobody has now. Discord is told an address, so the bot cannot choose at its start. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    server.close(() => resolve(port));
  });
  return promise;
}
