import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import { call, type Rpc } from '#kernel/rpc.ts';

/** How approvers hear that a task waits: a mention of the confirm roles, of named people, direct messages, or nothing. */
export const APPROVER_NOTICES = ['role', 'people', 'dm', 'nobody'] as const;
type ApproverNotice = (typeof APPROVER_NOTICES)[number];

const repoChoice = z.object({ repo: z.string(), branch: z.string().nullable() });

/** What becomes of tasks that have not begun when Jules refuses their server key: they wait, or move to another one. */
const KEY_RULES = ['wait', 'move'] as const;

/** Whether people read the plan of a task before it runs. */
const PLANS = ['read', 'run'] as const;
export type Plans = (typeof PLANS)[number];

const keyFacts = z.object({
  owner: z.enum(['person', 'server']),
  last4: z.string(),
  added_at: z.coerce.date(),
  used_at: z.coerce.date().nullable(),
  /** Discord ids: a pool of one role, or of one channel. */
  role: z.string().nullable(),
  channel: z.string().nullable(),
  /** What Jules last said against it. */
  problem: z.string().nullable(),
  plan: z.enum(['free', 'pro', 'ultra', 'custom']),
  per_day: z.number(),
  at_once: z.number(),
});

export const NAMED_ROLES = ['admin', 'release_mgr', 'developer', 'viewer'] as const;
const grant = z.object({
  role_id: z.string(),
  role: z.enum(NAMED_ROLES).nullable(),
  operation: z.string().nullable(),
  repo: z.string().nullable(),
  branch: z.string().nullable(),
  channel_id: z.string().nullable(),
});

const settings = z.object({
  kind: z.literal('settings'),
  create_roles: z.array(z.string()),
  confirm_roles: z.array(z.string()),
  default_repo: z.string().nullable(),
  default_branch: z.string(),
  /** What applies to this person here, in order: their own choice, the channel's, the server's. */
  repos: z.array(repoChoice.extend({ from: z.enum(['person', 'channel', 'server']) })),
  /** Of cards and notes. */
  language: z.enum(['en', 'de']),
  notice: z.object({ how: z.enum(APPROVER_NOTICES), people: z.array(z.string()), roles: z.array(z.string()) }),
  /** How this person wants the plans of their own tasks here; null as the server has it. */
  plans: z.enum(PLANS).nullable(),
  /** Whether this person may change the server's settings. */
  may_change: z.boolean(),
  policy: z.object({
    approvals: z.number(),
    self_approval: z.boolean(),
    expire_hours: z.number(),
    key_rule: z.enum(KEY_RULES),
    plan_review: z.boolean(),
  }),
  paused: z.object({ by: z.string(), since: z.coerce.date() }).nullable(),
  key_in_use: z.object({ last4: z.string(), owner: z.enum(['person', 'server']) }).nullable(),
  keys: z.array(keyFacts),
  grants: z.array(grant),
  /** What the server keeps to, by kind; a kind that is missing is not limited. */
  allow: z.partialRecord(z.enum(['repo', 'branch', 'channel']), z.array(z.string())),
  channels: z.array(repoChoice.extend({ id: z.string() })),
});
export type Settings = z.output<typeof settings>;

const readOutcome = z.discriminatedUnion('kind', [settings, ...gateRefusals]);
export type SettingsOutcome = z.output<typeof readOutcome>;

export async function readSettings(rpc: Rpc, actor: Actor): Promise<SettingsOutcome> {
  return call(rpc, readOutcome, 'read_settings', { actor });
}

const changeOutcome = z.discriminatedUnion('kind', [z.object({ kind: z.literal('changed') }), ...gateRefusals]);
export type ChangeOutcome = z.output<typeof changeOutcome>;

/** What is named is changed, what is not named stays. */
export type SettingsChange = {
  readonly create_roles?: readonly string[];
  readonly confirm_roles?: readonly string[];
  readonly default_repo?: string | null;
  readonly default_branch?: string;
  readonly approver_notice?: ApproverNotice;
  readonly approver_people?: readonly string[];
  readonly approvals_needed?: number;
  readonly self_approval?: boolean;
  readonly expire_hours?: number;
  readonly plan_review?: boolean;
  readonly language?: string;
  readonly key_rule?: (typeof KEY_RULES)[number];
};

export async function changeSettings(rpc: Rpc, actor: Actor, changes: SettingsChange): Promise<ChangeOutcome> {
  return call(rpc, changeOutcome, 'change_settings', { actor, changes });
}

export type RepoChoice = {
  readonly kind: 'person' | 'channel';
  /** The channel; a person can only choose for themselves. */
  readonly id: string;
  /** Null forgets the choice. */
  readonly repo: string | null;
  readonly branch?: string | undefined;
};

export async function chooseRepo(rpc: Rpc, actor: Actor, choice: RepoChoice): Promise<ChangeOutcome> {
  return call(rpc, changeOutcome, 'choose_repo', { actor, ...choice });
}

/** For the person's own tasks here; null forgets the choice. */
export async function choosePlans(rpc: Rpc, actor: Actor, plans: Plans | null): Promise<ChangeOutcome> {
  return call(rpc, changeOutcome, 'choose_plans', { actor, ...(plans && { plans }) });
}

/** A door's own refusal is audited too. */
export async function recordRefusal(
  rpc: Rpc,
  actor: Actor,
  refusal: { operation: string; code: string; args?: object },
) {
  await rpc('record_refusal', { actor, ...refusal });
}
