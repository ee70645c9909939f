import { Locale } from 'discord-api-types/v10';
import type { Channel, Guild, Role, User } from './model.ts';
import { bitsOf, PERMISSIONS } from './permissions.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

/** Fixed ids, so that a database from an earlier run finds its guild, roles and people again. */
const ID = {
  application: '1190000000000000001',
  guild: '1190000000000000010',
  approverRole: '1190000000000000021',
  requesterRole: '1190000000000000022',
  botRole: '1190000000000000023',
  julesChannel: '1190000000000000031',
  generalChannel: '1190000000000000032',
  approver: '1190000000000000041',
  requester: '1190000000000000042',
  outsider: '1190000000000000043',
  owner: '1190000000000000044',
} as const;

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

const user = (id: string, username: string, facts: { readonly bot?: boolean } = {}): User => ({
  id,
  username,
  global_name: facts.bot ? null : username,
  discriminator: facts.bot ? '0001' : '0',
  avatar: null,
  bot: facts.bot ?? false,
  public_flags: 0,
});

const role = (id: string, name: string, facts: Partial<Role> = {}): Role => ({
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

const textChannel = (id: string, name: string, position: number, topic: string): Channel => ({
  id,
  type: 0,
  name,
  guild_id: ID.guild,
  position,
  topic,
  permission_overwrites: [],
  last_message_id: null,
});

/** One server with two channels, the bot, and the three people of the story. */
export function defaultWorld(options: WorldOptions = {}): World {
  const world = createWorld(user(ID.application, 'Verne', { bot: true }), options);
  const guild: Guild = {
    id: ID.guild,
    name: 'Verne sandbox',
    owner_id: ID.owner,
    preferred_locale: Locale.EnglishUS,
    roles: [
      role(ID.guild, '@everyone', { position: 0, permissions: EVERYONE.toString() }),
      role(ID.approverRole, 'Release approver', {
        position: 3,
        color: 0x2ecc71,
        permissions: PERMISSIONS.MANAGE_GUILD.toString(),
      }),
      role(ID.requesterRole, 'Developer', { position: 2, color: 0x3498db }),
      role(ID.botRole, 'Verne', {
        position: 4,
        managed: true,
        // What the README asks for is everyone's here; with this one no ping that slips out stays unseen.
        permissions: PERMISSIONS.MENTION_EVERYONE.toString(),
      }),
    ],
    members: new Map(),
  };
  world.guilds.set(guild.id, guild);
  addMember(world, guild, { user: world.bot, roles: [ID.botRole] });
  addMember(world, guild, { user: user(ID.approver, 'approver'), roles: [ID.approverRole] });
  addMember(world, guild, { user: user(ID.requester, 'requester'), roles: [ID.requesterRole] });
  addMember(world, guild, { user: user(ID.outsider, 'outsider'), roles: [] });
  for (const channel of [
    textChannel(
      ID.julesChannel,
      'jules',
      0,
      'Tasks for Jules: /jules asks, an approver confirms, the pull request comes back here',
    ),
    textChannel(ID.generalChannel, 'general', 1, 'Everything else'),
  ]) {
    world.channels.set(channel.id, channel);
  }
  return world;
}

function addMember(world: World, guild: Guild, one: { readonly user: User; readonly roles: string[] }): void {
  world.users.set(one.user.id, one.user);
  if (!one.user.bot) world.accounts.set(one.user.username, one.user);
  guild.members.set(one.user.id, { ...one, nick: null, joined_at: '2026-01-01T00:00:00.000Z' });
}
