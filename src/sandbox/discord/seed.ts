import { addChannel, addGuild, addMember, role, user } from './make.ts';
import { PERMISSIONS } from './permissions.ts';
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

/** The roles of a server in this world; ids are told by `id`. */
export const rolesOf = (id: { readonly approver: string; readonly requester: string; readonly bot: string }) => [
  role(id.approver, 'Release approver', {
    position: 3,
    color: 0x2ecc71,
    permissions: PERMISSIONS.MANAGE_GUILD.toString(),
  }),
  role(id.requester, 'Developer', { position: 2, color: 0x3498db }),
  role(id.bot, 'Verne', {
    position: 4,
    managed: true,
    // What the README asks for is everyone's here; with this one no ping that slips out stays unseen.
    permissions: PERMISSIONS.MENTION_EVERYONE.toString(),
  }),
];

/** One server with two channels, the bot, and the three people of the story. */
export function defaultWorld(options: WorldOptions = {}): World {
  const world = createWorld(user(ID.application, 'Verne', { bot: true }), options);
  const roles = rolesOf({ approver: ID.approverRole, requester: ID.requesterRole, bot: ID.botRole });
  const guild = addGuild(world, { id: ID.guild, name: 'Verne sandbox', owner: ID.owner, roles });
  addMember(world, guild, { user: world.bot, roles: [ID.botRole] });
  addMember(world, guild, { user: user(ID.approver, 'approver'), roles: [ID.approverRole] });
  addMember(world, guild, { user: user(ID.requester, 'requester'), roles: [ID.requesterRole] });
  addMember(world, guild, { user: user(ID.outsider, 'outsider'), roles: [] });
  addChannel(world, guild, {
    id: ID.julesChannel,
    name: 'jules',
    position: 0,
    topic: 'Tasks for Jules: /jules asks, an approver confirms, the pull request comes back here',
  });
  addChannel(world, guild, { id: ID.generalChannel, name: 'general', position: 1, topic: 'Everything else' });
  return world;
}
