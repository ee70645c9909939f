import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { Refusal } from '#kernel/errors.ts';
import { gateRefusals } from '#kernel/gate.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { Secret } from '#kernel/secret.ts';
import { fingerprintOf, type Keyring, seal } from './keyring.ts';

const storeOutcome = z.discriminatedUnion('kind', [
  /** `limits_kept`: its account has other limits than the named plan, and others use it too. */
  z.object({ kind: z.literal('stored'), last4: z.string(), limits_kept: z.boolean() }),
  ...gateRefusals,
]);
const removeOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('removed') }),
  z.object({ kind: z.literal('no_key') }),
  ...gateRefusals,
]);

export type KeyOwner = 'server' | 'person';
export type KeyDeps = {
  readonly rpc: Rpc;
  readonly keyring: Keyring;
  readonly perDay: number;
  readonly atOnce: number;
};
export const PLANS = {
  free: { perDay: 15, atOnce: 3 },
  pro: { perDay: 100, atOnce: 15 },
  ultra: { perDay: 300, atOnce: 60 },
} as const;
/** Google's plans with their limits (jules.google/docs/usage-limits); `custom` has those of the configuration. */
export type Plan = keyof typeof PLANS | 'custom';

export type NewKey = {
  readonly owner: KeyOwner;
  readonly key: string;
  /** None: an account that is known keeps its limits. */
  readonly plan?: Plan;
  /** Those of its account, where they are those of no plan. */
  readonly limits?: { readonly perDay: number; readonly atOnce: number };
  /** Whom a server key is for: a role, a channel, or everybody. Beside the keys that are already there for them. */
  readonly pool?: { readonly role: string | null; readonly channel: string | null };
  /** False: instead of those that are already there for them. */
  readonly isBeside?: boolean;
};

/** Copied by hand: at its ends there may be spaces and line breaks, within it neither those nor what a header cannot carry. */
const KEY = /^[\x21-\x7e]{16,400}$/;

/** Seals a Jules key and stores it for the server or for the person; the one before it is revoked. */
export async function addKey(deps: KeyDeps, actor: Actor, wish: NewKey) {
  const { rpc, keyring } = deps;
  const { owner, key, pool, isBeside = pool !== undefined } = wish;
  const plan = wish.plan ?? (wish.limits ? 'custom' : null);
  const limits = wish.limits ?? (plan === null || plan === 'custom' ? deps : PLANS[plan]);
  const plain = key.trim();
  if (!KEY.test(plain)) {
    throw new Refusal(
      'malformed_key',
      'That is not a Jules API key. Copy it from jules.google.com/settings#api, without spaces or line breaks.',
    );
  }
  const secret = new Secret(plain);
  const id = crypto.randomUUID();
  const binding = { id, guild: owner === 'server' ? actor.guild : null, owner: owner === 'person' ? actor.id : null };
  return call(rpc, storeOutcome, 'store_key', {
    actor,
    owner,
    sealed: {
      id,
      ...seal(keyring, secret, binding),
      last4: secret.last4,
      fingerprint: fingerprintOf(secret),
      plan,
      per_day: limits.perDay,
      at_once: limits.atOnce,
      beside: isBeside,
      role_id: pool?.role ?? null,
      channel_id: pool?.channel ?? null,
    },
  });
}

/** Revokes the server's or the person's keys, or the one with these last four: no new call is made with them. */
export async function removeKey(rpc: Rpc, actor: Actor, owner: KeyOwner, last4?: string) {
  return call(rpc, removeOutcome, 'remove_key', { actor, owner, ...(last4 !== undefined && { last4 }) });
}
