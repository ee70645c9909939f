import { Refusal } from '#kernel/errors.ts';
import type { Channel, Guild, Member } from './model.ts';
import { guildCreateView } from './views.ts';
import { emit, guildOf, instant, type World } from './world.ts';

/** Whether the bot is in a server; in direct messages it always is. */
export const isBotIn = (world: World, guild: Guild | undefined): boolean =>
  guild === undefined || guild.members.has(world.bot.id);

/** Discord offers nothing of an application in a server that removed it. */
export function demandBot(world: World, channel: Channel): void {
  const guild = guildOf(world, channel);
  if (!isBotIn(world, guild)) throw new Refusal('no_bot', `${world.bot.username} is not in ${guild?.name}.`);
}

/** Servers that the bot was removed from, by name. */
export const leftGuilds = (world: World): readonly string[] =>
  [...world.guilds.values()].filter((guild) => !isBotIn(world, guild)).map(({ name }) => name);

/** What the bot was in a server before it was removed: added again, it is that. */
const before = new WeakMap<Guild, Member>();

export function removeBot(world: World): void {
  for (const guild of world.guilds.values()) {
    const member = guild.members.get(world.bot.id);
    if (!member) continue;
    before.set(guild, member);
    guild.members.delete(world.bot.id);
    emit(world, 'GUILD_DELETE', { id: guild.id });
  }
}

export function addBot(world: World): void {
  for (const guild of world.guilds.values()) {
    if (isBotIn(world, guild)) continue;
    const member = before.get(guild) ?? { user: world.bot, roles: [], nick: null, joined_at: '' };
    guild.members.set(world.bot.id, { ...member, joined_at: instant(world) });
    emit(world, 'GUILD_CREATE', guildCreateView(world, guild));
  }
}
