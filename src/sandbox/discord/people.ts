import { Refusal } from '#kernel/errors.ts';
import { CHANNEL, type Channel, type User } from './model.ts';
import { guildOf, type World } from './world.ts';

/** Who and what the drivers name: by name, as a person would, or by id. */

export function accountNamed(world: World, nameOrId: string): User {
  const found = world.accounts.get(nameOrId) ?? [...world.accounts.values()].find(({ id }) => id === nameOrId);
  if (found) return found;
  const names = [...world.accounts.keys()].join(', ');
  throw new Refusal('unknown_account', `There is no account "${nameOrId}"; there are ${names}.`);
}

const isPlace = (channel: Channel): boolean => channel.type !== CHANNEL.DM;

/** Without a name the first text channel is meant. */
export function channelNamed(world: World, nameOrId?: string): Channel {
  const all = [...world.channels.values()];
  const wanted = nameOrId?.replace(/^#/, '');
  const found =
    wanted === undefined
      ? all.find(({ type }) => type === CHANNEL.TEXT)
      : (world.channels.get(wanted) ?? all.find((channel) => isPlace(channel) && channel.name === wanted));
  if (found) return found;
  throw new Refusal('unknown_channel', `There is no channel "${nameOrId ?? 'of type text'}".`);
}

/** A person who takes part: in a direct message only its two, elsewhere the members of the guild. */
export function demandPresence(world: World, user: User, channel: Channel): void {
  const guild = guildOf(world, channel);
  const isHere = guild ? guild.members.has(user.id) : channel.recipients?.some(({ id }) => id === user.id);
  if (!isHere) throw new Refusal('forbidden', `${user.username} cannot see the channel ${channel.name}.`);
}
