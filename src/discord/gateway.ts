import { setTimeout as pause } from 'node:timers/promises';
import { Client, Events, GatewayIntentBits } from 'discord.js';
import {
  type APIInteraction,
  type APIInteractionResponse,
  GatewayDispatchEvents,
  type GatewayGuildCreateDispatchData,
  type GatewayGuildRoleDeleteDispatchData,
  type GatewayReadyDispatchData,
} from 'discord-api-types/v10';
import { z } from 'zod';
import { messageOf } from '#kernel/errors.ts';
import type { Log } from '#kernel/log.ts';
import { fullJitterMs } from '#kernel/retry.ts';
import type { DiscordClient } from './client.ts';

export type GatewayOptions = {
  readonly token: string;
  /** Without a version. */
  readonly apiBase: string;
  readonly client: Pick<DiscordClient, 'answerInteraction'>;
  /** Gives back the answer to a raw payload. */
  readonly onInteraction: (payload: APIInteraction) => Promise<APIInteractionResponse>;
  /** Which servers the bot is in: all, at a new connection, and each that is added or removed. */
  readonly presence: {
    all(guildIds: readonly string[]): void;
    added(guildId: string): void;
    removed(guildId: string): void;
    /** All its roles, at a new connection or when it adds the bot. */
    roles(guildId: string, roleIds: readonly string[]): void;
    roleDeleted(guildId: string, roleId: string): void;
  };
  readonly log: Log;
};

export type Gateway = {
  /** Kept once Discord has accepted the token and named its guilds; broken where it never will. */
  readonly ready: Promise<void>;
  isConnected(): boolean;
  /** Hears nothing more; answers that are under way are given first. */
  stop(): Promise<void>;
};

const BACKOFF_MS = 1000;
const BACKOFF_CAP_MS = 60_000;
/** discord.js's own words for a token or an intent that Discord will not accept, however often it is asked. */
const HOPELESS = new Set(['TokenInvalid', 'DisallowedIntents', 'InvalidIntents', 'ShardingRequired']);

const isHopeless = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && HOPELESS.has(error.code);

const answerable = z.object({ id: z.string(), token: z.string() });

/**
 * discord.js would go on to build its classes from the same payload, for listeners that nobody has; where it cannot
 * (a kind of component that is newer than it), its exception is nobody's and ends the process. So it is left nothing.
 */
function takeAway(payload: APIInteraction): APIInteraction {
  const own = { ...payload };
  for (const key of Object.keys(payload)) Reflect.deleteProperty(payload, key);
  return own;
}

/** Nothing that a payload or its handler does may end the process: the person sees that nobody answered. */
async function serve({ onInteraction, client, log }: GatewayOptions, payload: APIInteraction) {
  const { data: asker } = answerable.safeParse(payload);
  if (!asker) return log.warn('An interaction without id or token cannot be answered');
  const { id, token } = asker;
  try {
    const response = await onInteraction(payload);
    const outcome = await client.answerInteraction({ id, token, response });
    if (outcome === 'too_late') log.warn({ interaction: id }, 'Discord no longer waited for the answer');
  } catch (error) {
    log.error({ interaction: id, error: messageOf(error) }, 'An interaction was not answered');
  }
}

function tellLog(discord: Client, log: Log) {
  discord.on(Events.Error, (error) => log.error({ error: messageOf(error) }, 'The gateway client failed'));
  discord.on(Events.Warn, (warning) => log.warn({ warning }, 'The gateway client warns'));
  discord.on(Events.ShardError, (error) => log.warn({ error: messageOf(error) }, 'The gateway connection broke'));
  discord.on(Events.ShardReconnecting, () => log.info('The gateway connects again'));
  discord.on(Events.ShardResume, (_shard, replayed) => log.info({ replayed }, 'The gateway went on where it was'));
  discord.on(Events.ShardDisconnect, ({ code }) => log.error({ code }, 'Discord closed the gateway for good'));
  discord.on(Events.ClientReady, ({ user, guilds }) =>
    log.info({ user: user.id, guilds: guilds.cache.size }, 'The gateway is ready'),
  );
}

/** In an outage of Discord's it is nothing but an id. */
type Created = Pick<GatewayGuildCreateDispatchData, 'id'> & Partial<Pick<GatewayGuildCreateDispatchData, 'roles'>>;

/**
 * READY names every server of the connection, and each comes then as created, one by one; only one that was not named
 * was added. A connection of one shard among several names a part of them, which says nothing of the others.
 */
function hearPresence(discord: Client, presence: GatewayOptions['presence']): void {
  const known = new Set<string>();
  discord.ws.on(GatewayDispatchEvents.Ready, ({ guilds, shard }: GatewayReadyDispatchData) => {
    for (const { id } of guilds) known.add(id);
    if ((shard?.[1] ?? 1) === 1) presence.all(guilds.map(({ id }) => id));
    else for (const { id } of guilds) presence.added(id);
  });
  discord.ws.on(GatewayDispatchEvents.GuildCreate, ({ id, roles }: Created) => {
    if (!known.has(id)) presence.added(id);
    known.add(id);
    if (roles)
      presence.roles(
        id,
        Array.from(roles, (role) => role.id),
      );
  });
  discord.ws.on(GatewayDispatchEvents.GuildRoleDelete, (gone: GatewayGuildRoleDeleteDispatchData) =>
    presence.roleDeleted(gone.guild_id, gone.role_id),
  );
  // `unavailable` is an outage of Discord's; without it the bot was removed.
  discord.ws.on(GatewayDispatchEvents.GuildDelete, ({ id, unavailable }) => {
    if (unavailable) return;
    known.delete(id);
    presence.removed(id);
  });
}

function newClient({ apiBase, log, presence }: GatewayOptions, hear: (payload: APIInteraction) => void): Client {
  const discord = new Client({
    intents: [GatewayIntentBits.Guilds],
    rest: { api: apiBase.replace(/\/$/, ''), retries: 0 },
  });
  tellLog(discord, log);
  discord.ws.on(GatewayDispatchEvents.InteractionCreate, hear);
  hearPresence(discord, presence);
  return discord;
}

/** A Discord that is away at the start is waited for; one that refuses the token is not. */
async function connect(options: GatewayOptions, hear: (payload: APIInteraction) => void, signal: AbortSignal) {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    // One whose login failed has destroyed itself.
    const discord = newClient(options, hear);
    try {
      const isReady = new Promise<void>((resolve) => discord.once(Events.ClientReady, () => resolve()));
      await discord.login(options.token);
      return { discord, isReady };
    } catch (error) {
      await discord.destroy();
      if (isHopeless(error)) throw error;
      const waitMs = fullJitterMs(attempt, BACKOFF_MS, BACKOFF_CAP_MS, Math.random());
      options.log.warn({ error: messageOf(error), waitMs }, 'The gateway could not be reached');
      await pause(waitMs, undefined, { signal });
    }
  }
}

/**
 * The gateway door: hears interactions as raw payloads and answers them by callback. discord.js keeps the connection
 * alive, resumes it and identifies anew; nothing else of it is used, and its classes stay in this file.
 */
export function startGateway(options: GatewayOptions): Gateway {
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();
  const hear = (payload: APIInteraction) => {
    const own = takeAway(payload);
    if (stopping.signal.aborted) return;
    const served = serve(options, own).finally(() => underWay.delete(served));
    underWay.add(served);
  };
  const connecting = connect(options, hear, stopping.signal);
  let discord: Client | undefined;
  const ready = connecting.then(async (connected) => {
    discord = connected.discord;
    await connected.isReady;
  });
  ready.catch(() => undefined); // whoever starts the gateway may look later, or never
  return {
    ready,
    isConnected: () => discord?.isReady() ?? false,
    stop: async () => {
      stopping.abort();
      const connected = await connecting.catch(() => undefined);
      await Promise.all(underWay);
      await connected?.discord.destroy();
    },
  };
}
