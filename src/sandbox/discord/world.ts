import { Locale } from 'discord-api-types/v10';
import { createJudge } from './judge/judge.ts';
import type { Judge } from './judge/rule.ts';
import type { Channel, Command, Guild, Interaction, Member, Message, OpenModal, RequestRecord, User } from './model.ts';

const DISCORD_EPOCH_MS = 1_420_070_400_000n;
const REQUESTS_KEPT = 500;
const REFUSED_KEPT = 20;

/** What happened, as the gateway would say it. `page` facts are the sandbox's own and never reach the bot. */
export type Dispatch = { readonly t: string; readonly d: unknown; readonly audience: 'bot' | 'page' };

export type StoredFile = { readonly name: string; readonly contentType: string; readonly bytes: Buffer };

type WorldTimes = {
  /** Within this time Discord wants the first answer to an interaction. */
  readonly answerWithinMs: number;
  readonly tokenLifeMs: number;
  /** "The past few minutes" in which the same author and nonce give the first message again. */
  readonly nonceLifeMs: number;
};

export type WorldOptions = Partial<WorldTimes> & {
  readonly now?: () => number;
  readonly judge?: Judge;
  readonly mayReadMessages?: boolean;
};

export type World = {
  readonly now: () => number;
  readonly newId: () => string;
  readonly times: WorldTimes;
  readonly bot: User;
  /** Where the server stands; attachments are served from there. Set once it listens. */
  origin: string;
  readonly users: Map<string, User>;
  /** The people whom the page and the drivers may play, by name. */
  readonly accounts: Map<string, User>;
  /** In which people have their Discord, by id; the others have it in English. */
  readonly locales: Map<string, Locale>;
  readonly guilds: Map<string, Guild>;
  readonly channels: Map<string, Channel>;
  /** In order of posting. */
  readonly messages: Map<string, Message>;
  readonly files: Map<string, StoredFile>;
  readonly interactions: Map<string, Interaction>;
  readonly modals: Map<string, OpenModal>;
  readonly commands: Map<string, Command>;
  readonly nonces: Map<string, { readonly messageId: string; at: number }>;
  readonly closedDms: Set<string>;
  /** The Message Content Intent, as the developer portal has it. */
  mayReadMessages: boolean;
  /** It was switched off by order. */
  contentIsTaken: boolean;
  /** So many of the next interactions reach the bot twice. */
  doubled: number;
  readonly judge: Judge;
  readonly requests: RequestRecord[];
  /** Of the requests since the start, those that the judge refused: how many, and the first of them. */
  readonly refused: { count: number; readonly first: RequestRecord[] };
  readonly listeners: Set<(dispatch: Dispatch) => void>;
};

/** Snowflakes as Discord makes them: 42 bits of time, then worker and counter. */
function snowflakes(now: () => number): () => string {
  let count = 0n;
  return () => {
    count += 1n;
    return (((BigInt(now()) - DISCORD_EPOCH_MS) << 22n) | (count & 0x3fffffn)).toString();
  };
}

export function createWorld(bot: User, options: WorldOptions = {}): World {
  const now = options.now ?? Date.now;
  return {
    now,
    newId: snowflakes(now),
    times: {
      answerWithinMs: options.answerWithinMs ?? 3_000,
      tokenLifeMs: options.tokenLifeMs ?? 15 * 60_000,
      nonceLifeMs: options.nonceLifeMs ?? 5 * 60_000,
    },
    bot,
    origin: '',
    users: new Map([[bot.id, bot]]),
    accounts: new Map(),
    locales: new Map(),
    guilds: new Map(),
    channels: new Map(),
    messages: new Map(),
    files: new Map(),
    interactions: new Map(),
    modals: new Map(),
    commands: new Map(),
    nonces: new Map(),
    closedDms: new Set(),
    mayReadMessages: options.mayReadMessages ?? false,
    contentIsTaken: false,
    doubled: 0,
    judge: options.judge ?? createJudge(),
    requests: [],
    refused: { count: 0, first: [] },
    listeners: new Set(),
  };
}

export const localeOf = ({ locales }: World, userId: string): Locale => locales.get(userId) ?? Locale.EnglishUS;

export function emit(world: World, t: string, d: unknown, audience: Dispatch['audience'] = 'bot'): void {
  for (const listener of [...world.listeners]) listener({ t, d, audience });
}

export function record(world: World, request: RequestRecord): void {
  world.requests.push(request);
  if (world.requests.length > REQUESTS_KEPT) world.requests.shift();
  if (request.verdict?.ok === false) {
    world.refused.count += 1;
    if (world.refused.first.length < REFUSED_KEPT) world.refused.first.push(request);
  }
  emit(world, 'SANDBOX_REQUEST', request, 'page');
}

export const instant = (world: World): string => new Date(world.now()).toISOString();

/** The first defined answer of `look`, asked again after each fact; undefined when the time is over. */
export function waitFor<T>(world: World, look: () => T | undefined, timeoutMs: number): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<T | undefined>();
  const settle = (found: T | undefined) => {
    clearTimeout(timer);
    world.listeners.delete(onFact);
    resolve(found);
  };
  const onFact = () => {
    const found = look();
    if (found !== undefined) settle(found);
  };
  const timer = setTimeout(() => settle(look()), timeoutMs);
  world.listeners.add(onFact);
  onFact();
  return promise;
}

export const guildOf = (world: World, channel: Channel): Guild | undefined =>
  channel.guild_id === undefined ? undefined : world.guilds.get(channel.guild_id);

export const memberOf = (guild: Guild | undefined, userId: string): Member | undefined => guild?.members.get(userId);

export const isThread = (channel: Channel): boolean => channel.thread_metadata !== undefined;

/** The channel whose permissions count: a thread has its parent's. */
export const permissionHome = (world: World, channel: Channel): Channel =>
  (isThread(channel) && channel.parent_id !== undefined ? world.channels.get(channel.parent_id) : undefined) ?? channel;

export function dmWith(world: World, user: User): Channel {
  for (const channel of world.channels.values()) {
    if (channel.type === 1 && channel.recipients?.some(({ id }) => id === user.id)) return channel;
  }
  const made: Channel = { id: world.newId(), type: 1, name: user.username, recipients: [user], last_message_id: null };
  world.channels.set(made.id, made);
  emit(world, 'CHANNEL_CREATE', made);
  return made;
}
