import { addChannel, addGuild, addMember, role, user } from './make.ts';
import type { User } from './model.ts';
import { rolesOf } from './seed.ts';
import { guildCreateView } from './views.ts';
import { emit, type World } from './world.ts';

export type CrowdWish = {
  readonly name: string;
  readonly members: number;
  readonly approvers: number;
  /** Of the others, those who also hold the role `Trainee`. */
  readonly trainees: number;
  readonly channels: number;
};

/** A server as those need it who are to act in it. People are given by the names that drivers take. */
export type CrowdGuild = {
  readonly id: string;
  readonly name: string;
  readonly roles: { readonly create: string; readonly confirm: string; readonly trainee: string };
  readonly channels: readonly { readonly id: string; readonly name: string }[];
  readonly approvers: readonly string[];
  readonly trainees: readonly string[];
  readonly members: readonly string[];
};

const times = (count: number) => Array.from({ length: count }, (_, nth) => nth + 1);

/** One more server with many people and channels, to which the bot is added as somebody would add it. */
export function addCrowd(world: World, wish: CrowdWish): CrowdGuild {
  const { name, members, approvers, trainees, channels } = wish;
  const ids = { approver: world.newId(), requester: world.newId(), bot: world.newId() };
  const trainee = role(world.newId(), 'Trainee');
  const roles = [...rolesOf(ids), trainee];
  const person = (nth: number): User => user(world.newId(), `${name}-${nth}`);
  const people = times(members).map(person);
  const guild = addGuild(world, { id: world.newId(), name, owner: people[0]?.id ?? world.bot.id, roles });
  addMember(world, guild, { user: world.bot, roles: [ids.bot] });
  const [leading, learning] = [people.slice(0, approvers), people.slice(approvers, approvers + trainees)];
  const others = people.slice(approvers + trainees);
  for (const one of leading) addMember(world, guild, { user: one, roles: [ids.approver] });
  for (const one of learning) addMember(world, guild, { user: one, roles: [ids.requester, trainee.id] });
  for (const one of others) addMember(world, guild, { user: one, roles: [ids.requester] });
  const places = times(channels).map((nth) =>
    addChannel(world, guild, {
      id: world.newId(),
      name: `${name}-jules-${nth}`,
      position: nth,
      topic: 'Tasks for Jules',
    }),
  );
  emit(world, 'GUILD_CREATE', guildCreateView(world, guild));
  const named = (users: readonly User[]) => users.map(({ username }) => username);
  return {
    id: guild.id,
    name,
    roles: { create: ids.requester, confirm: ids.approver, trainee: trainee.id },
    channels: places.map((place) => ({ id: place.id, name: place.name })),
    approvers: named(leading),
    trainees: named(learning),
    members: named(others),
  };
}
