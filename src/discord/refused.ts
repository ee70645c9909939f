import type { GateRefusal } from '#kernel/gate.ts';
import { type Reply, refuse } from './reply.ts';
import { roleList } from './words.ts';

const NO_ROLES =
  'no roles are set for it yet, so only people with the permission Manage Server may. One of them can name roles with `/config roles`.';

const DEED: Readonly<Record<string, string>> = {
  'task.create': 'start tasks',
  'task.confirm': 'confirm or reject tasks',
  'task.cancel': "cancel somebody else's task",
  'settings.change': 'change the settings of this server',
};

/** What somebody hears who may not: what it was, who may, who can change that; `instead` is what they may do themselves. */
export function refusedByGate(gate: GateRefusal, instead = ''): Reply {
  if (gate.kind === 'not_in_a_server') {
    return refuse(gate.kind, 'This works in a server only. Use it in a channel there, not in a direct message.');
  }
  const deed = `You may not ${DEED[gate.operation] ?? 'do this'} here`;
  if (gate.operation === 'settings.change') {
    return refuse(gate.kind, `${deed}: that takes the permission Manage Server. Ask somebody who has it.${instead}`);
  }
  if (gate.roles.length === 0) return refuse(gate.kind, `${deed}: ${NO_ROLES}`);
  return refuse(
    gate.kind,
    `${deed}: that takes one of these roles: ${roleList(gate.roles, '')}. Ask somebody who has one, or somebody with Manage Server to change it with \`/config roles\`.`,
  );
}
