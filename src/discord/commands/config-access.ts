import { defineCommand } from '#discord/command.ts';
import { afterChange, withSettings } from '#discord/panels/settings.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse, tell } from '#discord/reply.ts';
import { code } from '#discord/text.ts';
import { changeAllowList, changeGrant } from '#guilds/access.ts';
import { NAMED_ROLES, type Settings } from '#guilds/settings.ts';
import { Refusal } from '#kernel/errors.ts';

/** The operations that can be granted one by one; those of the named roles are in the database. */
const GRANTABLE = [
  'task.create',
  'task.confirm',
  'task.cancel',
  'settings.change',
  'limits.raise',
  'audit.read',
] as const;
const isNamedRole = (word: string): word is (typeof NAMED_ROLES)[number] =>
  (NAMED_ROLES as readonly string[]).includes(word);

const MOST = 20;

function listed(lines: readonly string[], none: string): string[] {
  if (lines.length === 0) return [none];
  const more = lines.length > MOST ? [`… and ${lines.length - MOST} more`] : [];
  return [...lines.slice(0, MOST).map((line) => `• ${line}`), ...more];
}

function grantLine({ role_id, role, operation, repo, branch, channel_id }: Settings['grants'][number]): string {
  const where = [
    repo && `on ${code(repo, 100)}`,
    branch && `branch ${code(branch, 80)}`,
    channel_id && `in <#${channel_id}>`,
  ];
  return [`<@&${role_id}>: ${code(role ?? operation ?? '')}`, ...where.filter(Boolean)].join(' ');
}

const showGrants = ({ grants }: Settings, done = ''): Reply =>
  tell(
    [
      `${done}Beside the roles of \`/config roles\` may act here:`,
      ...listed(grants.map(grantLine), '• nobody else'),
      '`admin` may everything; `release_mgr` starts, confirms and cancels tasks and raises limits; `developer` starts tasks; `viewer` looks.',
    ].join('\n'),
  );

export const configGrant = defineCommand({
  name: 'grant',
  description: 'What a role may do here: a named role or one operation, perhaps only for a repository or channel',
  operation: 'settings.change',
  options: {
    role: { kind: 'role', description: 'The Discord role; left out: show what is granted' },
    may: { kind: 'string', description: 'A named role, or one operation', choices: [...NAMED_ROLES, ...GRANTABLE] },
    repo: {
      kind: 'string',
      description: 'Only for such repositories; * stands for anything: octo-org/*',
      maxLength: 140,
    },
    branch: { kind: 'string', description: 'Only for such branches: release/*', maxLength: 200 },
    channel: { kind: 'channel', description: 'Only in this channel' },
    take_back: { kind: 'boolean', description: 'Take this grant back' },
  },
  async run(context, { role, may, repo, branch, channel, take_back }) {
    if (role === undefined && may === undefined) return withSettings(context, (settings) => showGrants(settings));
    if (role === undefined || may === undefined) {
      throw new Refusal('half_a_grant', 'Name both the role and what it may. Nothing was changed.');
    }
    const given = isNamedRole(may) ? { role: may } : { operation: may };
    const where = { repo: repo?.trim() || null, branch: branch?.trim() || null, channel_id: channel ?? null };
    const wish = { role_id: role, role: null, operation: null, ...given, ...where, give: !take_back };
    const outcome = await changeGrant(context.rpc, context.actor, wish);
    if (outcome.kind === 'unknown_operation') {
      return refuse(
        outcome.kind,
        `There is no such operation. There are: ${outcome.operations.map((one) => code(one)).join(', ')}.`,
      );
    }
    return afterChange(context, outcome, (settings) => showGrants(settings, 'Saved. '));
  },
});

const KIND = { repo: 'Repositories', branch: 'Branches', channel: 'Channels' } as const;

function showBounds({ allow }: Settings, done = ''): Reply {
  const line = (kind: keyof typeof KIND) => {
    const shown = allow[kind]?.map((one) => (kind === 'channel' ? `<#${one}>` : code(one, 100))) ?? [];
    const more = shown.length > MOST ? ` and ${shown.length - MOST} more` : '';
    return `**${KIND[kind]}:** ${shown.length > 0 ? `only ${shown.slice(0, MOST).join(', ')}${more}` : 'all'}`;
  };
  return tell(
    [`${done}Whoever asks, tasks of this server keep to:`, line('repo'), line('branch'), line('channel')].join('\n'),
  );
}

export const configAllow = defineCommand({
  name: 'allow',
  description: 'What all tasks of this server keep to: repositories, branches, channels',
  operation: 'settings.change',
  options: {
    repo: { kind: 'string', description: 'Allow such repositories; * stands for anything: octo-org/*', maxLength: 140 },
    branch: { kind: 'string', description: 'Allow such branches: main, release/*', maxLength: 200 },
    channel: { kind: 'channel', description: 'Allow this channel' },
    take_back: { kind: 'boolean', description: 'Take what is named away again' },
  },
  async run(context, { repo, branch, channel, take_back }) {
    const named = Object.entries({ repo: repo?.trim(), branch: branch?.trim(), channel }).filter(([, value]) => value);
    for (const [kind, pattern = ''] of named) {
      const bound = { kind: kind as keyof typeof KIND, pattern, give: !take_back };
      const outcome = await changeAllowList(context.rpc, context.actor, bound);
      if (outcome.kind !== 'changed') return refusedByGate(outcome);
    }
    return withSettings(context, (settings) => showBounds(settings, named.length > 0 ? 'Saved. ' : ''));
  },
});
