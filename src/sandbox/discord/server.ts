import { createHash } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { type Bans, createBans } from './bans.ts';
import { type Buckets, createBuckets, defaultLimits, type Limits } from './buckets.ts';
import { createFaults, type Faults } from './faults.ts';
import { attachGateway, type Gateway, HEARTBEAT_EVERY_MS } from './gateway.ts';
import { registerRest } from './rest.ts';
import { defaultWorld } from './seed.ts';
import type { World } from './world.ts';

export type DiscordOptions = {
  readonly world?: World;
  /** Bot tokens that are accepted; without them the world's own `sandboxToken`. */
  readonly tokens?: readonly string[];
  readonly latencyMs?: number;
  readonly limits?: Partial<Limits>;
  readonly heartbeatEveryMs?: number;
};

/** The simulated Discord before it listens: routes may be added to `app`, then `listen` opens the one port. */
export type Discord = {
  readonly app: FastifyInstance;
  readonly world: World;
  readonly gateway: Gateway;
  readonly faults: Faults;
  readonly limits: Limits;
  readonly buckets: Buckets;
  readonly bans: Bans;
  readonly latency: { ms: number };
  readonly token: string;
  listen(port: number): Promise<DiscordAddress>;
  close(): Promise<void>;
};

type DiscordAddress = {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** What the bot is given as DISCORD_API_BASE. */
  readonly apiBase: string;
  readonly gatewayUrl: string;
};

const DEFAULT_LATENCY_MS = 80;

/** A token of the real shape: the application's id stands in its first part. */
function sandboxToken(world: World): string {
  const secret = createHash('sha256').update(`sandbox ${world.bot.id}`).digest('base64url').slice(0, 38);
  return `${Buffer.from(world.bot.id).toString('base64url')}.Sandbo.${secret}`;
}

/** What the bot uploads; only images are shown in place, the rest is downloaded. */
function attachmentRoute(app: FastifyInstance, world: World): void {
  app.get<{ Params: { id: string } }>('/attachments/:channel/:id/:name', async ({ params }, reply) => {
    const file = world.files.get(params.id);
    if (!file) return reply.code(404).send({ error: 'There is no such attachment.' });
    const isShown = /^image\/(png|jpeg|gif|webp)$/.test(file.contentType);
    return reply
      .type(isShown ? file.contentType : 'application/octet-stream')
      .headers({ 'x-content-type-options': 'nosniff', ...(!isShown && { 'content-disposition': 'attachment' }) })
      .send(file.bytes);
  });
}

export function createDiscord(options: DiscordOptions = {}): Discord {
  const world = options.world ?? defaultWorld();
  const token = sandboxToken(world);
  const tokens = options.tokens ?? [token];
  const app = Fastify({ logger: false, forceCloseConnections: true });
  const faults = createFaults();
  const limits: Limits = { ...defaultLimits(), ...options.limits };
  const latency = { ms: options.latencyMs ?? DEFAULT_LATENCY_MS };
  attachmentRoute(app, world);
  const buckets = createBuckets(world.now);
  const bans = createBans({ world, limits, buckets });
  registerRest(app, { world, tokens, limits, buckets, bans, faults, latency });
  const heartbeatEveryMs = options.heartbeatEveryMs ?? HEARTBEAT_EVERY_MS;
  const gateway = attachGateway(app.server, { world, tokens, limits, buckets, heartbeatEveryMs });
  return {
    app,
    world,
    gateway,
    faults,
    limits,
    buckets,
    bans,
    latency,
    token: tokens[0] ?? token,
    listen: async (port) => {
      const origin = await app.listen({ host: '127.0.0.1', port });
      world.origin = origin;
      return { origin, apiBase: `${origin}/api`, gatewayUrl: `${origin.replace(/^http/, 'ws')}/gateway` };
    },
    close: async () => {
      await gateway.close();
      await app.close();
    },
  };
}
