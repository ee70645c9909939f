import { Refusal } from '#kernel/errors.ts';
import type { Channel, Guild } from './model.ts';
import { channelNamed } from './people.ts';
import { memberView, permissionsIn, roleView, userView } from './views.ts';
import { memberOf, type World } from './world.ts';

/** The people, roles and channels that options and selects name, as `data.resolved` carries them. */
export type Resolved = {
  users?: Record<string, object>;
  members?: Record<string, object>;
  roles?: Record<string, object>;
  channels?: Record<string, object>;
};

export type EntityKind = 'user' | 'role' | 'channel' | 'mentionable';

export type Place = { readonly world: World; readonly guild: Guild | undefined; readonly channel: Channel };

type Found = { readonly id: string; readonly resolved: Resolved };

const bare = (given: string): string => given.replace(/^<(?:@&?|@!|#)(\d+)>$/, '$1');

function userFound({ world, guild }: Place, given: string): Found | undefined {
  const wanted = given.replace(/^@/, '');
  const all = [...world.users.values()];
  const user = world.users.get(wanted) ?? world.accounts.get(wanted) ?? all.find(({ username }) => username === wanted);
  if (!user) return undefined;
  const member = memberOf(guild, user.id);
  const { user: _, ...partial } = member ? memberView(member) : { user: undefined };
  const permissions = guild && member ? { permissions: permissionsIn(world, firstChannel(world, guild), user.id) } : {};
  return {
    id: user.id,
    resolved: {
      users: { [user.id]: userView(user) },
      ...(member && { members: { [user.id]: { ...partial, ...permissions } } }),
    },
  };
}

const firstChannel = (world: World, guild: Guild): Channel => {
  const found = [...world.channels.values()].find((channel) => channel.guild_id === guild.id);
  if (!found) throw new Refusal('unknown_channel', `The server ${guild.name} has no channel.`);
  return found;
};

function roleFound({ guild }: Place, given: string): Found | undefined {
  const wanted = given.replace(/^@/, '');
  const role = guild?.roles.find(({ id, name }) => id === wanted || name === wanted || name === given);
  return role && { id: role.id, resolved: { roles: { [role.id]: roleView(role) } } };
}

function channelFound({ world }: Place, given: string): Found {
  const { id, name, type, parent_id, thread_metadata } = channelNamed(world, given);
  const permissions = permissionsIn(world, channelNamed(world, given), world.bot.id);
  const facts = { id, name, type, permissions, ...(thread_metadata && { parent_id, thread_metadata }) };
  return { id, resolved: { channels: { [id]: facts } } };
}

export function resolveEntity(place: Place, kind: EntityKind, given: string): Found {
  const wanted = bare(given);
  const look = {
    user: () => userFound(place, wanted),
    role: () => roleFound(place, wanted),
    channel: () => channelFound(place, wanted),
    mentionable: () => roleFound(place, wanted) ?? userFound(place, wanted),
  };
  const found = look[kind]();
  if (!found) throw new Refusal(`unknown_${kind}`, `There is no ${kind} "${given}".`);
  return found;
}

export const merged = (all: readonly Resolved[]): Resolved => {
  const sum: Resolved = {};
  for (const one of all) {
    if (one.users) sum.users = { ...sum.users, ...one.users };
    if (one.members) sum.members = { ...sum.members, ...one.members };
    if (one.roles) sum.roles = { ...sum.roles, ...one.roles };
    if (one.channels) sum.channels = { ...sum.channels, ...one.channels };
  }
  return sum;
};
