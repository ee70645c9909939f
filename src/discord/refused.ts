import type { GateRefusal } from '#kernel/gate.ts';
import { ago } from './cards/body.ts';
import { type Reply, refuse } from './reply.ts';
import { code } from './text.ts';
import { roleList } from './words.ts';

const NO_ROLES =
  'no roles are set for it yet, so only people with the permission Manage Server may. One of them can name roles with `/config roles`.';

/** In the order in which people ask; what is for later capabilities comes as it is. */
export const DEED: Readonly<Record<string, string>> = {
  'task.create': 'start tasks',
  'task.confirm': 'confirm or reject tasks',
  'task.cancel': "cancel somebody else's task",
  'task.steer': "tell Jules anything in somebody else's task",
  'task.steer_own': 'tell Jules anything in your own tasks',
  'settings.change': 'change the settings of this server',
  'guild.pause': 'pause Verne in this server',
  'limits.raise': 'raise limits for others',
  'audit.read': 'read the audit',
};

type Refused<Kind extends GateRefusal['kind']> = Extract<GateRefusal, { kind: Kind }>;

const duration = new Intl.DurationFormat('en', { style: 'long' });

/** `5 seconds`, `2 minutes, 10 seconds`. */
function durationOf(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const parts = { hours, minutes: Math.floor((seconds % 3600) / 60), seconds: hours > 0 ? 0 : seconds % 60 };
  return duration.format(parts);
}

function notPermitted(gate: Refused<'not_permitted'>, instead: string): Reply {
  const named = DEED[gate.operation] ?? 'do this';
  const here = named.includes('this server') ? '' : ' here';
  const where = gate.repo ? ` on ${code(gate.repo, 145)}${gate.branch ? ` @ ${code(gate.branch, 120)}` : ''}` : here;
  const deed = `You may not ${named}${where}`;
  if (!gate.operation.startsWith('task.') && gate.roles.length === 0) {
    return refuse(gate.kind, `${deed}: that takes the permission Manage Server. Ask somebody who has it.${instead}`);
  }
  if (gate.roles.length === 0) return refuse(gate.kind, `${deed}: ${NO_ROLES}`);
  return refuse(
    gate.kind,
    `${deed}: that takes one of these roles: ${roleList(gate.roles, '')}. Ask somebody who has one, or somebody with Manage Server to change it with \`/config roles\`, also where one of them was deleted.${instead}`,
  );
}

function paused({ by, since }: Refused<'paused'>): string {
  const who = by
    ? `<@${by}> has paused Verne in this server${since ? ` ${ago(since)}` : ''}`
    : 'Verne is paused everywhere by those who run it';
  return `${who}, so nothing new begins and nothing was recorded. Try again when the pause is over${by ? '; somebody with Manage Server ends it with `/config pause resume:True`' : ''}.`;
}

const BOUND = { repo: 'repositories', branch: 'branches', channel: 'channels' } as const;

function outOfBounds({ what, allowed }: Refused<'out_of_bounds'>): string {
  const shown = allowed.slice(0, 10).map((one) => (what === 'channel' ? `<#${one}>` : code(one, 100)));
  const more = allowed.length > shown.length ? ` and ${allowed.length - shown.length} more` : '';
  return `This server lets Jules work only with some ${BOUND[what]}: ${shown.join(', ')}${more}. Nothing was recorded. Choose one of them, or ask somebody with Manage Server.`;
}

function tooFast({ whose, wait_ms }: Refused<'too_fast'>): string {
  const why = whose === 'person' ? 'That was too fast' : 'Too much is asked in this server at once';
  return `${why}, so nothing was done. Try again in ${durationOf(wait_ms)}.`;
}

/** What somebody hears who may not: what it was, who may, who can change that; `instead` is what they may do themselves. */
export function refusedByGate(gate: GateRefusal, instead = ''): Reply {
  switch (gate.kind) {
    case 'not_in_a_server':
      return refuse(
        gate.kind,
        'This works only in a server that has added Verne. Use it in a channel there, not in a direct message.',
      );
    case 'not_permitted':
      return notPermitted(gate, instead);
    case 'too_fast':
      return refuse(gate.kind, tooFast(gate));
    case 'paused':
      return refuse(gate.kind, paused(gate));
    case 'out_of_bounds':
      return refuse(gate.kind, outOfBounds(gate));
  }
}
