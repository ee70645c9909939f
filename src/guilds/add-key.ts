import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { Refusal } from '#kernel/errors.ts';
import { gateRefusals } from '#kernel/gate.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { Secret } from '#kernel/secret.ts';
import { fingerprintOf, type Keyring, seal } from './keyring.ts';

const storeOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stored'), last4: z.string() }),
  ...gateRefusals,
]);
const removeOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['removed', 'no_key']) }),
  ...gateRefusals,
]);

export type KeyOwner = 'server' | 'person';
export type KeyDeps = {
  readonly rpc: Rpc;
  readonly keyring: Keyring;
  readonly perDay: number;
  readonly atOnce: number;
};
export type NewKey = { readonly owner: KeyOwner; readonly key: string };

/** Seals a Jules key and stores it for the server or for the person; the one before it is revoked. */
export async function addKey({ rpc, keyring, perDay, atOnce }: KeyDeps, actor: Actor, { owner, key }: NewKey) {
  const plain = key.trim();
  if (!/^[\x21-\x7e]{16,400}$/.test(plain)) {
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
      per_day: perDay,
      at_once: atOnce,
    },
  });
}

/** Revokes the server's or the person's key: no new call is made with it. */
export async function removeKey(rpc: Rpc, actor: Actor, owner: KeyOwner) {
  return call(rpc, removeOutcome, 'remove_key', { actor, owner });
}
