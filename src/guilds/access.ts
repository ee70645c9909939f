import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
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

const changed = z.object({ kind: z.literal('changed') });
const grantOutcome = z.discriminatedUnion('kind', [
  changed,
  z.object({ kind: z.literal('unknown_operation'), operations: z.array(z.string()) }),
  ...gateRefusals,
]);
export type GrantOutcome = z.output<typeof grantOutcome>;

export async function changeGrant(rpc: Rpc, actor: Actor, wish: Grant & { readonly give: boolean }) {
  return call(rpc, grantOutcome, 'change_grant', { actor, wish });
}

export type Bound = { readonly kind: 'repo' | 'branch' | 'channel'; readonly pattern: string; readonly give: boolean };
const boundOutcome = z.discriminatedUnion('kind', [changed, ...gateRefusals]);

export async function changeAllowList(rpc: Rpc, actor: Actor, bound: Bound) {
  return call(rpc, boundOutcome, 'change_allow_list', { actor, ...bound });
}

const answers = z.object({
  kind: z.literal('answers'),
  paused: z.boolean(),
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
      /** Where, if not everywhere. */
      where: z.array(
        z.object({ repo: z.string().optional(), branch: z.string().optional(), channel: z.string().optional() }),
      ),
    }),
  ),
});
const canIOutcome = z.discriminatedUnion('kind', [answers, ...gateRefusals]);
export type CanIOutcome = z.output<typeof canIOutcome>;

/** What somebody may do here, and why or why not. */
export async function canI(rpc: Rpc, actor: Actor): Promise<CanIOutcome> {
  return call(rpc, canIOutcome, 'can_i', { actor });
}
