import { type APIInteraction, ApplicationIntegrationType, ChannelType } from 'discord-api-types/v10';
import type { Actor } from '#kernel/actor.ts';
import { Refusal } from '#kernel/errors.ts';
import { languageOf } from './words/language.ts';
import { words } from './words/words.ts';

const ADMINISTRATOR = 1n << 3n;
const MANAGE_GUILD = 1n << 5n;

/** Permission bits as Discord writes them; nothing where there are none. */
export const bitsOf = (text: string | undefined): bigint => (text && /^\d+$/.test(text) ? BigInt(text) : 0n);
export const holds = (bits: bigint, bit: bigint) => (bits & (bit | ADMINISTRATOR)) !== 0n;

const THREADS: readonly unknown[] = [
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
  ChannelType.AnnouncementThread,
];
export const isThread = (payload: APIInteraction) => THREADS.includes(payload.channel?.type);

/** A thread's channel; Discord's types name it on threads only. */
function parentOf({ channel }: APIInteraction): string | null {
  return channel && 'parent_id' in channel ? (channel.parent_id ?? null) : null;
}

/** In a server that did not add the bot it may still be used by one who added it for themselves alone: that counts for nothing. */
const isInstalled = ({ guild_id, authorizing_integration_owners: owners }: APIInteraction) =>
  guild_id !== undefined && owners?.[ApplicationIntegrationType.GuildInstall] === guild_id;

export type ActorFacts = Pick<Actor, 'door' | 'command' | 'correlation'>;

/** Who asks, from the payload that Discord signed (or sent over the bot's own socket): its roles are today's. */
export function actorOf(payload: APIInteraction, facts: ActorFacts): Actor {
  const user = payload.member?.user ?? payload.user;
  if (!user) throw new Refusal('no_person', words().door.noPerson);
  const guild = payload.member && isInstalled(payload) ? (payload.guild_id ?? null) : null;
  return {
    id: user.id,
    name: user.username,
    guild,
    guild_name: null,
    ...(payload.guild_locale && { guild_language: languageOf(payload.guild_locale) }),
    channel: payload.channel?.id ?? null,
    parent_channel: isThread(payload) ? parentOf(payload) : null,
    // Everybody has the role @everyone, whose id is the server's; Discord leaves it out.
    roles: [...(payload.member?.roles ?? []), ...(guild === null ? [] : [guild])],
    admin: holds(bitsOf(payload.member?.permissions), MANAGE_GUILD),
    ...facts,
  };
}
