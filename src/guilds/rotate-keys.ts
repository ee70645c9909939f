import { z } from 'zod';
import { call, type Rpc } from '#kernel/rpc.ts';
import { BrokenSeal, bindingOf, type Keyring, type SealedKey, seal, sealedKey, unseal } from './keyring.ts';

const batch = z.array(sealedKey.extend({ last4: z.string() }));
type Old = z.output<typeof batch>[number];
const outcome = z.object({ kind: z.enum(['rewrapped', 'stale']) });

export type Rotated = {
  readonly done: number;
  /** Keys whose seal is broken: their owners must enter them anew. They stay as they are. */
  readonly broken: readonly Pick<Old, 'guild_id' | 'owner_id' | 'last4'>[];
};

type Rewrapped = 'rewrapped' | 'stale' | 'broken';

async function rewrap(rpc: Rpc, keyring: Keyring, key: SealedKey): Promise<Rewrapped> {
  const binding = bindingOf(key);
  try {
    const sealed = seal(keyring, unseal(keyring, key, binding), binding);
    return (await call(rpc, outcome, 'rewrap_key', { key_id: key.id, before: key.wrapped, sealed })).kind;
  } catch (error) {
    if (error instanceof BrokenSeal) return 'broken';
    throw error;
  }
}

type Round = { readonly done: number; readonly stale: number; readonly broken: readonly Old[] };

/** Once over all keys that another master key opens. */
async function goRound(rpc: Rpc, keyring: Keyring): Promise<Round> {
  const met: Record<Rewrapped, Old[]> = { rewrapped: [], stale: [], broken: [] };
  let after: string | null = null;
  do {
    const keys: Old[] = await call(rpc, batch, 'read_keys_to_rewrap', { version: keyring.active, after });
    for (const key of keys) met[await rewrap(rpc, keyring, key)].push(key);
    after = keys.at(-1)?.id ?? null;
  } while (after !== null);
  return { done: met.rewrapped.length, stale: met.stale.length, broken: met.broken };
}

/**
 * Puts every key under the active master key, while work goes on: a key is written only if nobody wrote it since it was
 * read, and both master keys open what they sealed until the last is done. Broken off, it is simply begun again. It
 * ends with a round that found nothing to do, since processes with older master keys may still seal.
 */
export async function rotateKeys(rpc: Rpc, keyring: Keyring): Promise<Rotated> {
  let done = 0;
  for (;;) {
    const round = await goRound(rpc, keyring);
    done += round.done;
    if (round.done + round.stale === 0) return { done, broken: round.broken };
  }
}
