import { defineCommand } from '#discord/command.ts';
import { withSettings } from '#discord/panels/settings.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse, tell } from '#discord/reply.ts';
import { code } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import {
  type Bound,
  type BoundOutcome,
  branchPattern,
  changeAllowList,
  changeGrant,
  type GrantOutcome,
  repoPattern,
} from '#guilds/access.ts';
import { NAMED_ROLES, type Settings } from '#guilds/settings.ts';
import { Refusal } from '#kernel/errors.ts';

/** The operations that can be granted one by one; those of the named roles are in the database. */
const GRANTABLE = [
  'task.create',
  'task.confirm',
  'task.cancel',
  'settings.change',
  'guild.pause',
  'limits.raise',
  'audit.read',
] as const;
const isNamedRole = (word: string): word is (typeof NAMED_ROLES)[number] =>
  (NAMED_ROLES as readonly string[]).includes(word);

/** What was just done stands before what holds now. */
const before = (done: string, head: string) => (done === '' ? head : `${done} ${head}`);

/** As many as fit, the rest counted. */
function fitting(parts: readonly string[], chars: number): { shown: readonly string[]; more: string[] } {
  let room = chars;
  const shown = parts.filter((part) => {
    room -= part.length;
    return room > 0;
  });
  const left = parts.length - shown.length;
  return { shown, more: left > 0 ? [words().common.more(left)] : [] };
}

function grantLine({ role_id, role, operation, repo, branch, channel_id }: Settings['grants'][number]): string {
  const { grants } = words().access;
  const where = [
    repo && grants.onRepo(code(repo, 100)),
    branch && grants.onBranch(code(branch, 80)),
    channel_id && grants.inChannel(`<#${channel_id}>`),
  ];
  return [grants.to(`<@&${role_id}>`, code(role ?? operation ?? '')), ...where.filter(Boolean)].join(' ');
}

function showGrants({ grants }: Settings, done = ''): Reply {
  const { shown, more } = fitting(grants.map(grantLine), 1500);
  const said = words().access.grants;
  const lines = [...(shown.length > 0 ? shown : [said.nobodyElse]), ...more];
  return tell([before(done, said.head), ...lines, said.whatRolesMay].join('\n'));
}

function notGranted(outcome: Exclude<GrantOutcome, { kind: 'changed' | 'same' }>): Reply {
  const { grants, full } = words().access;
  switch (outcome.kind) {
    case 'unknown_operation': {
      const known = outcome.operations.map((one) => code(one)).join(', ');
      return refuse(outcome.kind, grants.noSuchOperation(known));
    }
    case 'not_limited':
      return refuse(outcome.kind, grants.notLimited);
    case 'too_many':
      return refuse(outcome.kind, full(outcome.most));
    default:
      return refusedByGate(outcome);
  }
}

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
  async run(context, given) {
    const { role, may, repo, branch, channel, take_back: takesBack } = given;
    if (Object.values(given).every((value) => value === undefined)) return withSettings(context, showGrants);
    if (role === undefined || may === undefined) {
      throw new Refusal('half_a_grant', words().access.grants.half);
    }
    const outcome = await changeGrant(context.rpc, context.actor, {
      role_id: role,
      role: isNamedRole(may) ? may : null,
      operation: isNamedRole(may) ? null : may,
      repo: repo === undefined ? null : repoPattern(repo),
      branch: branch === undefined ? null : branchPattern(branch),
      channel_id: channel ?? null,
      give: !takesBack,
    });
    if (outcome.kind !== 'changed' && outcome.kind !== 'same') return notGranted(outcome);
    const { wasNotGranted, wasGranted } = words().access.grants;
    const was = takesBack ? wasNotGranted : wasGranted;
    return withSettings(context, (settings) =>
      showGrants(settings, outcome.kind === 'same' ? was : words().common.saved),
    );
  },
});

function showBounds({ allow }: Settings, done = ''): Reply {
  const { head, all: everything, only } = words().access.bounds;
  const line = (kind: keyof typeof only) => {
    const all = allow[kind]?.map((one) => (kind === 'channel' ? `<#${one}>` : code(one, 100))) ?? [];
    const { shown, more } = fitting(all, 500);
    return all.length > 0 ? only[kind]([...shown, ...more].join(', ')) : everything[kind];
  };
  return tell([before(done, head), line('repo'), line('branch'), line('channel')].join('\n'));
}

type Named = {
  readonly repo?: string | undefined;
  readonly branch?: string | undefined;
  readonly channel?: string | undefined;
};

function boundsOf({ repo, branch, channel }: Named): Omit<Bound, 'give'>[] {
  return [
    ...(repo === undefined ? [] : [{ kind: 'repo' as const, pattern: repoPattern(repo) }]),
    ...(branch === undefined ? [] : [{ kind: 'branch' as const, pattern: branchPattern(branch) }]),
    ...(channel === undefined ? [] : [{ kind: 'channel' as const, pattern: channel }]),
  ];
}

function notBound(outcome: Exclude<BoundOutcome, { kind: 'changed' | 'same' }>): Reply {
  return outcome.kind === 'too_many' ? refuse(outcome.kind, words().access.full(outcome.most)) : refusedByGate(outcome);
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
  async run(context, { take_back: takesBack, ...given }) {
    const named = boundsOf(given);
    if (named.length === 0 && takesBack) {
      throw new Refusal('nothing_named', words().access.bounds.nothingNamed);
    }
    let isNew = false;
    for (const bound of named) {
      const outcome = await changeAllowList(context.rpc, context.actor, { ...bound, give: !takesBack });
      if (outcome.kind !== 'changed' && outcome.kind !== 'same') return notBound(outcome);
      isNew ||= outcome.kind === 'changed';
    }
    const { wasNotListed, wasListed } = words().access.bounds;
    const was = takesBack ? wasNotListed : wasListed;
    const done = named.length === 0 ? '' : isNew ? words().common.saved : was;
    return withSettings(context, (settings) => showBounds(settings, done));
  },
});
