import { z } from 'zod';
import { call, type Rpc } from '#kernel/rpc.ts';
import { type Keyring, seal, unseal } from './keyring.ts';

const batch = z.object({
  left: z.number(),
  keys: z.array(
    z.object({
      id: z.string(),
      guild_id: z.string().nullable(),
      owner_id: z.string().nullable(),
      sealed: z.string(),
      wrapped: z.string(),
      kek_version: z.string(),
    }),
  ),
});
const outcome = z.object({ kind: z.enum(['rewrapped', 'stale']) });

/**
 * Puts every key under the active master key, while work goes on: a key is written only if nobody wrote it since it was
 * read, and both master keys open what they sealed until the last is done. Says how many were put over. Throws where a
 * key cannot be opened, before it is touched; what was done stays done.
 */
export async function rotateKeys(rpc: Rpc, keyring: Keyring): Promise<number> {
  let done = 0;
  for (;;) {
    const { keys } = await call(rpc, batch, 'read_keys_to_rewrap', { version: keyring.active });
    if (keys.length === 0) return done;
    for (const { id, guild_id, owner_id, ...sealed } of keys) {
      const binding = { id, guild: guild_id, owner: owner_id };
      const renewed = seal(keyring, unseal(keyring, sealed, binding), binding);
      const { kind } = await call(rpc, outcome, 'rewrap_key', { key_id: id, before: sealed.wrapped, sealed: renewed });
      if (kind === 'rewrapped') done += 1;
    }
  }
}
