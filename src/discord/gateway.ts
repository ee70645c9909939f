import { setTimeout as pause } from 'node:timers/promises';
import { Client, Events, GatewayIntentBits, PermissionFlagsBits } from 'discord.js';
import {
  type APIInteraction,
  type APIInteractionResponse,
  GatewayCloseCodes,
  GatewayDispatchEvents,
  type GatewayGuildCreateDispatchData,
  type GatewayGuildRoleDeleteDispatchData,
  type GatewayMessageCreateDispatchData,
  type GatewayReadyDispatchData,
} from 'discord-api-types/v10';
import { z } from 'zod';
import { messageOf } from '#kernel/errors.ts';
import type { Log } from '#kernel/log.ts';
import { fullJitterMs } from '#kernel/retry.ts';
import type { DiscordClient } from './client.ts';

/** What the gateway knows of a message beside its payload. */
export type Whence = {
  /** The bot's own id. */
  readonly me: string;
  /** Undefined where the gateway has not heard of the channel, as of a thread that was archived before. */
  readonly isThread: boolean | undefined;
  /** A thread that the bot has made. */
  readonly isOwnThread: boolean;
  /** Its author owns the server, or has Manage Server there: a message brings no permissions along, as an interaction does. */
  readonly isAdmin: boolean | null;
};

export type GatewayOptions = {
  readonly token: string;
  /** Without a version. */
  readonly apiBase: string;
  readonly client: Pick<DiscordClient, 'answerInteraction'>;
  /** Gives back the answer to a raw payload. */
  readonly onInteraction: (payload: APIInteraction) => Promise<APIInteractionResponse>;
  /** Hears every message of a server, where somebody wants that; Discord may refuse to let messages be read. */
  readonly onMessage?: ((payload: object, whence: Whence, signal: AbortSignal) => Promise<void>) | undefined;
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
function takeAway<Payload extends object>(payload: Payload): Payload {
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

/** Verne asks for one privileged intent alone, and goes on without it. */
const isDisallowed = ({ code }: { readonly code: number }) => code === GatewayCloseCodes.DisallowedIntents;

function tellLog(discord: Client, log: Log) {
  discord.on(Events.Error, (error) => log.error({ error: messageOf(error) }, 'The gateway client failed'));
  discord.on(Events.Warn, (warning) => log.warn({ warning }, 'The gateway client warns'));
  discord.on(Events.ShardError, (error) => log.warn({ error: messageOf(error) }, 'The gateway connection broke'));
  discord.on(Events.ShardReconnecting, () => log.info('The gateway connects again'));
  discord.on(Events.ShardResume, (_shard, replayed) => log.info({ replayed }, 'The gateway went on where it was'));
  discord.on(Events.ShardDisconnect, (closed) => {
    if (!isDisallowed(closed)) log.error({ code: closed.code }, 'Discord closed the gateway for good');
  });
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

const ADMINISTERS = [PermissionFlagsBits.Administrator, PermissionFlagsBits.ManageGuild];

/** By the roles that the gateway keeps; null of a server that it does not know. */
function administers({ guilds }: Client, { guild_id, author, member }: GatewayMessageCreateDispatchData) {
  const guild = guild_id === undefined ? undefined : guilds.cache.get(guild_id);
  if (!guild) return null;
  const roles = [guild.id, ...(member?.roles ?? [])];
  return guild.ownerId === author.id || roles.some((id) => guild.roles.cache.get(id)?.permissions.any(ADMINISTERS));
}

function whenceOf(discord: Client, payload: GatewayMessageCreateDispatchData): Whence {
  const me = discord.user?.id ?? '';
  const channel = discord.channels.cache.get(payload.channel_id);
  return {
    me,
    isThread: channel?.isThread(),
    isOwnThread: channel?.isThread() === true && channel.ownerId === me,
    isAdmin: administers(discord, payload),
  };
}

type Hearers = {
  readonly interaction: (payload: APIInteraction) => void;
  readonly message: ((payload: object, whence: Whence) => void) | undefined;
};

function newClient({ apiBase, log, presence }: GatewayOptions, { interaction, message }: Hearers): Client {
  const { Guilds, GuildMessages, MessageContent } = GatewayIntentBits;
  const discord = new Client({
    intents: message ? [Guilds, GuildMessages, MessageContent] : [Guilds],
    rest: { api: apiBase.replace(/\/$/, ''), retries: 0 },
  });
  tellLog(discord, log);
  discord.ws.on(GatewayDispatchEvents.InteractionCreate, interaction);
  if (message)
    discord.ws.on(GatewayDispatchEvents.MessageCreate, (payload: GatewayMessageCreateDispatchData) => {
      const whence = whenceOf(discord, payload);
      message(takeAway(payload), whence);
    });
  hearPresence(discord, presence);
  return discord;
}

const NO_CONTENT =
  'Discord does not let Verne read messages: in the developer portal, under Bot, switch on the Message Content Intent, or set DISCORD_THREAD_REPLIES=off. Until then everything works but plain messages in threads.';

type Connected = { readonly discord: Client; readonly isReady: Promise<void>; readonly hearsMessages: boolean };

/** One attempt; undefined where Discord gives the connection, but not messages to read. One whose login failed has destroyed itself. */
async function tryConnect(options: GatewayOptions, hearers: Hearers): Promise<Connected | undefined> {
  const discord = newClient(options, hearers);
  const hearsMessages = hearers.message !== undefined;
  let mayNotRead = false;
  discord.on(Events.ShardDisconnect, (closed) => {
    mayNotRead = hearsMessages && isDisallowed(closed);
  });
  try {
    const isReady = new Promise<void>((resolve) => discord.once(Events.ClientReady, () => resolve()));
    await discord.login(options.token);
    return { discord, isReady, hearsMessages };
  } catch (error) {
    await discord.destroy();
    if (mayNotRead) return undefined;
    throw error;
  }
}

const withoutMessages = (hearers: Hearers): Hearers => ({ ...hearers, message: undefined });

/** A Discord that is away at the start is waited for; one that refuses the token is not. */
async function connect(options: GatewayOptions, given: Hearers, signal: AbortSignal): Promise<Connected> {
  let hearers = given;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      const connected = await tryConnect(options, hearers);
      if (connected) return connected;
      options.log.error(NO_CONTENT);
      hearers = withoutMessages(hearers);
    } catch (error) {
      if (isHopeless(error)) throw error;
      const waitMs = fullJitterMs(attempt, BACKOFF_MS, BACKOFF_CAP_MS, Math.random());
      options.log.warn({ error: messageOf(error), waitMs }, 'The gateway could not be reached');
      await pause(waitMs, undefined, { signal });
    }
  }
}

/** The connection as it is now, or is being made. */
type Line = { readonly signal: AbortSignal; connecting: Promise<Connected>; discord?: Client };

/** The intent may be taken away while the connection lives: Discord closes it then, and it is opened anew without. */
async function stayConnected(options: GatewayOptions, hearers: Hearers, line: Line): Promise<void> {
  const { discord, isReady, hearsMessages } = await line.connecting;
  line.discord = discord;
  discord.on(Events.ShardDisconnect, (closed) => {
    if (!hearsMessages || !isDisallowed(closed) || line.signal.aborted) return;
    options.log.error(NO_CONTENT);
    const rest = withoutMessages(hearers);
    line.connecting = discord.destroy().then(() => connect(options, rest, line.signal));
    stayConnected(options, rest, line).catch((error: unknown) =>
      options.log.error({ error: messageOf(error) }, 'The gateway stays closed'),
    );
  });
  await isReady;
}

/**
 * The gateway door: hears interactions as raw payloads and answers them by callback. discord.js keeps the connection
 * alive, resumes it and identifies anew; nothing else of it is used, and its classes stay in this file.
 */
export function startGateway(options: GatewayOptions): Gateway {
  const stopping = new AbortController();
  const { signal } = stopping;
  const underWay = new Set<Promise<void>>();
  const work = (begin: () => Promise<void>) => {
    if (signal.aborted) return;
    const begun = begin().finally(() => underWay.delete(begun));
    underWay.add(begun);
  };
  const { onMessage } = options;
  const hearers: Hearers = {
    interaction: (payload) => {
      const own = takeAway(payload);
      work(() => serve(options, own));
    },
    message: onMessage && ((payload, whence) => work(() => onMessage(payload, whence, signal))),
  };
  const line: Line = { signal, connecting: connect(options, hearers, signal) };
  const ready = stayConnected(options, hearers, line);
  ready.catch(() => undefined); // whoever starts the gateway may look later, or never
  return {
    ready,
    isConnected: () => line.discord?.isReady() ?? false,
    stop: async () => {
      stopping.abort();
      const connected = await line.connecting.catch(() => undefined);
      await Promise.all(underWay);
      await connected?.discord.destroy();
    },
  };
}
