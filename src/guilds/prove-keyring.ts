import { z } from 'zod';
import { call, type Rpc } from '#kernel/rpc.ts';
import { Secret } from '#kernel/secret.ts';
import { type Keyring, seal, unseal } from './keyring.ts';

const KNOWN = 'a known answer';
const BINDING = { id: 'prove-keyring', guild: null, owner: null };

/** True where the active master key opens what it sealed. Cheap: readiness asks it each time. */
export const opensWhatItSeals = (keyring: Keyring): boolean =>
  unseal(keyring, seal(keyring, new Secret(KNOWN), BINDING), BINDING).reveal() === KNOWN;

const sealedText = z.object({ sealed: z.string(), wrapped: z.string(), kek_version: z.string() });
const stored = z.array(z.object({ version: z.string(), known_answer: z.string().nullable(), keys: z.number() }));

function opens(keyring: Keyring, answer: string): boolean {
  try {
    return unseal(keyring, sealedText.parse(JSON.parse(answer)), BINDING).reveal() === KNOWN;
  } catch {
    return false;
  }
}

/**
 * Proves at the start that the master keys are those of this database: each opens what it sealed here the first time.
 * Throws, naming versions and never a key, where one is another key under the same name, or where keys are stored that
 * only a missing one opens.
 */
export async function proveMasterKeys(rpc: Rpc, keyring: Keyring): Promise<void> {
  const known = await call(rpc, stored, 'read_master_keys', {});
  for (const { version, known_answer, keys } of known) {
    if (!keyring.masters.has(version)) {
      if (keys === 0) continue;
      throw new Error(
        `VERNE_MASTER_KEYS lacks the master key of version ${version}, which alone opens ${keys} stored Jules keys. Put it back behind the others; or, if it is lost, give these keys up with: npm run keys -- abandon ${version}`,
      );
    }
    if (known_answer !== null && !opens(keyring, known_answer)) {
      throw new Error(
        `VERNE_MASTER_KEYS has another master key under version ${version} than the one that this database was used with. Put the right one back, or give the new one another version.`,
      );
    }
  }
  for (const version of keyring.masters.keys()) {
    if (known.some((one) => one.version === version && one.known_answer !== null)) continue;
    const sealed = seal({ ...keyring, active: version }, new Secret(KNOWN), BINDING);
    await rpc('note_master_key', { version, known_answer: JSON.stringify(sealed) });
  }
}
