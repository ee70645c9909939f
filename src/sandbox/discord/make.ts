import { Locale } from 'discord-api-types/v10';
import { CHANNEL, type Channel, type Guild, type Role, type User } from './model.ts';
import { bitsOf } from './permissions.ts';
import type { World } from './world.ts';

/** What worlds are made of, as Discord would send it. */

const EVERYONE = bitsOf([
  'ADD_REACTIONS',
  'VIEW_CHANNEL',
  'SEND_MESSAGES',
  'EMBED_LINKS',
  'ATTACH_FILES',
  'READ_MESSAGE_HISTORY',
  'USE_APPLICATION_COMMANDS',
  'CREATE_PUBLIC_THREADS',
  'SEND_MESSAGES_IN_THREADS',
]);

export const user = (id: string, username: string, facts: { readonly bot?: boolean } = {}): User => ({
  id,
  username,
  global_name: facts.bot ? null : username,
  discriminator: facts.bot ? '0001' : '0',
  avatar: null,
  bot: facts.bot ?? false,
  public_flags: 0,
});

export const role = (id: string, name: string, facts: Partial<Role> = {}): Role => ({
  id,
  name,
  color: 0,
  hoist: false,
  position: 1,
  permissions: '0',
  managed: false,
  mentionable: false,
  flags: 0,
  ...facts,
});

type ChannelFacts = { readonly id: string; readonly name: string; readonly position: number; readonly topic: string };

/** A text channel is there as soon as it is made. */
export function addChannel(world: World, guild: Guild, facts: ChannelFacts): Channel {
  const made: Channel = {
    type: CHANNEL.TEXT,
    guild_id: guild.id,
    permission_overwrites: [],
    last_message_id: null,
    ...facts,
  };
  world.channels.set(made.id, made);
  return made;
}

type GuildFacts = {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly roles: readonly Role[];
};

/** A server where everybody may read, write and use commands; nobody is in it yet. */
export function addGuild(world: World, { id, name, owner, roles }: GuildFacts): Guild {
  const everyone = role(id, '@everyone', { position: 0, permissions: EVERYONE.toString() });
  const made: Guild = {
    id,
    name,
    owner_id: owner,
    preferred_locale: Locale.EnglishUS,
    roles: [everyone, ...roles],
    members: new Map(),
  };
  world.guilds.set(id, made);
  return made;
}

export function addMember(world: World, guild: Guild, one: { readonly user: User; readonly roles: string[] }): void {
  world.users.set(one.user.id, one.user);
  if (!one.user.bot) world.accounts.set(one.user.username, one.user);
  guild.members.set(one.user.id, { ...one, nick: null, joined_at: '2026-01-01T00:00:00.000Z' });
}
