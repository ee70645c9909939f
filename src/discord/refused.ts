import type { GateRefusal } from '#kernel/gate.ts';
import { ago } from './cards/body.ts';
import { type Reply, refuse } from './reply.ts';
import { roleList } from './role-list.ts';
import { code } from './text.ts';
import { words } from './words/words.ts';

type Refused<Kind extends GateRefusal['kind']> = Extract<GateRefusal, { kind: Kind }>;

const placeOf = ({ repo, branch }: Refused<'not_permitted'>) =>
  repo ? words().gate.onRepo(`${code(repo, 145)}${branch ? ` @ ${code(branch, 120)}` : ''}`) : '';

function notPermitted(refused: Refused<'not_permitted'>, instead: string): string {
  const { gate } = words();
  const { operation, roles } = refused;
  const deeds: Readonly<Record<string, string>> = gate.deeds;
  const deed = gate.notPermitted(deeds[operation] ?? gate.anyDeed, placeOf(refused));
  if (roles.length > 0) return `${deed}: ${gate.takesRoles(roleList(roles, ''))}${instead}`;
  return operation.startsWith('task.') ? `${deed}: ${gate.noRoles}` : `${deed}: ${gate.takesManageServer}${instead}`;
}

function paused({ by, since }: Refused<'paused'>): string {
  const { gate } = words();
  return by ? gate.pausedBy(`<@${by}>`, since ? ago(since) : '') : gate.pausedEverywhere;
}

const MOST = 10;

function outOfBounds({ what, allowed }: Refused<'out_of_bounds'>): string {
  const { gate } = words();
  const shown = allowed.slice(0, MOST).map((one) => (what === 'channel' ? `<#${one}>` : code(one, 100)));
  const more = allowed.length > MOST ? ` ${gate.andMore(allowed.length - MOST)}` : '';
  return `${gate.outOfBounds[what](`${shown.join(', ')}${more}`)} ${gate.chooseInBounds}`;
}

/** What somebody hears who may not: what it was, who may, who can change that; `instead` is what they may do themselves. */
export function sayGate(refused: GateRefusal, instead = ''): string {
  switch (refused.kind) {
    case 'not_in_a_server':
      return words().gate.notInServer;
    case 'not_permitted':
      return notPermitted(refused, instead);
    case 'too_fast':
      return words().gate.tooFast[refused.whose](refused.wait_ms);
    case 'paused':
      return paused(refused);
    case 'out_of_bounds':
      return outOfBounds(refused);
  }
}

export const refusedByGate = (refused: GateRefusal, instead = ''): Reply =>
  refuse(refused.kind, sayGate(refused, instead));
