import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { Refusal } from '#kernel/errors.ts';
import { gateRefusals } from '#kernel/gate.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { NAMED_ROLES } from './settings.ts';

/**
 * Who may do what: a Discord role is granted a named role (release_mgr, …) or one operation, everywhere or only for
 * repositories and branches (`*` stands for any characters) or in one channel. Beside the grants stand the two lists
 * that a dashboard knows, create_roles and confirm_roles; and what the whole server keeps to, the allow-lists.
 */
export type Grant = {
  readonly role_id: string;
  readonly role?: (typeof NAMED_ROLES)[number] | null;
  readonly operation?: string | null;
  readonly repo?: string | null;
  readonly branch?: string | null;
  readonly channel_id?: string | null;
};

/** `octo-org/*`: the same letters as a repository's name, and `*`. */
export function repoPattern(typed: string): string {
  const name = typed
    .trim()
    .replace(/^(?:https?:\/\/)?github\.com\//i, '')
    .replace(/\/$/, '')
    .replace(/\*+/g, '*')
    .replace(/^\*$/, '*/*');
  if (/^(?!-)[A-Za-z0-9*-]{1,39}\/[A-Za-z0-9_.*-]{1,100}$/.test(name)) return name;
  throw new Refusal(
    'not_a_pattern',
    'That names no repositories, so nothing was changed. Write `owner/name`; `*` stands for any characters: `octo-org/*`.',
  );
}

/** `release/*`: what git allows in a branch's name, and `*`. */
export function branchPattern(typed: string): string {
  const name = typed.trim().replace(/\*+/g, '*');
  if (/^[^\s~^:?[\\\p{C}\p{DI}\u2800]{1,200}$/u.test(name) && !/\.\.|^[-/]|\/$|@\{/.test(name)) return name;
  throw new Refusal(
    'not_a_pattern',
    'That names no branches, so nothing was changed. Write a name such as `main`; `*` stands for any characters: `release/*`.',
  );
}

const changed = z.object({ kind: z.literal('changed') });
/** It was so already. */
const same = z.object({ kind: z.literal('same') });
const tooMany = z.object({ kind: z.literal('too_many'), most: z.number() });
const grantOutcome = z.discriminatedUnion('kind', [
  changed,
  same,
  tooMany,
  /** What acts on the whole server cannot be granted for a part of it. */
  z.object({ kind: z.literal('not_limited') }),
  z.object({ kind: z.literal('unknown_operation'), operations: z.array(z.string()) }),
  ...gateRefusals,
]);
export type GrantOutcome = z.output<typeof grantOutcome>;

export async function changeGrant(rpc: Rpc, actor: Actor, wish: Grant & { readonly give: boolean }) {
  return call(rpc, grantOutcome, 'change_grant', { actor, wish });
}

export type Bound = { readonly kind: 'repo' | 'branch' | 'channel'; readonly pattern: string; readonly give: boolean };
const boundOutcome = z.discriminatedUnion('kind', [changed, same, tooMany, ...gateRefusals]);
export type BoundOutcome = z.output<typeof boundOutcome>;

export async function changeAllowList(rpc: Rpc, actor: Actor, bound: Bound) {
  return call(rpc, boundOutcome, 'change_allow_list', { actor, ...bound });
}

const answers = z.object({
  kind: z.literal('answers'),
  /** `by` is null where it is the whole service. */
  paused: z.object({ by: z.string().nullable(), since: z.coerce.date().nullable() }).nullable(),
  /** What of here is outside what the server keeps to. */
  bounds: z.object({ what: z.enum(['repo', 'branch', 'channel']), allowed: z.array(z.string()) }).nullable(),
  budget: z.object({ per_day: z.number().nullable(), at_once: z.number().nullable() }),
  named_roles: z.array(z.enum(NAMED_ROLES)),
  operations: z.array(
    z.object({
      operation: z.string(),
      may: z.boolean(),
      /** Discord roles that may. */
      roles: z.array(z.string()),
      /** Where alone, by a limited grant; empty where it is everywhere, or nowhere. */
      where: z.array(
        z.object({ repo: z.string().optional(), branch: z.string().optional(), channel: z.string().optional() }),
      ),
    }),
  ),
});
const canIOutcome = z.discriminatedUnion('kind', [answers, ...gateRefusals]);
export type CanIOutcome = z.output<typeof canIOutcome>;

export type Place = { readonly repo?: string | undefined; readonly branch?: string | undefined };

/** What somebody may do here, and why or why not; perhaps on one repository and branch. */
export async function canI(rpc: Rpc, actor: Actor, place: Place = {}): Promise<CanIOutcome> {
  return call(rpc, canIOutcome, 'can_i', { actor, scope: place });
}
