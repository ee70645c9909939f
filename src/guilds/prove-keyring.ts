import { z } from 'zod';
import { Refusal } from '#kernel/errors.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { Secret } from '#kernel/secret.ts';
import { BrokenSeal, bindingOf, type Keyring, seal, sealedKey, unseal } from './keyring.ts';

const KNOWN = 'a known answer';
const BINDING = { id: 'prove-keyring', guild: null, owner: null };

/** True where the active master key opens what it sealed. Cheap: readiness asks it each time. */
export const opensWhatItSeals = (keyring: Keyring): boolean =>
  unseal(keyring, seal(keyring, new Secret(KNOWN), BINDING), BINDING).reveal() === KNOWN;

const sealedText = z.object({ sealed: z.string(), wrapped: z.string(), kek_version: z.string() });

const masterKey = z.object({
  version: z.string(),
  /** What it sealed here the first time; null where a release that knew of no such thing used it. */
  known_answer: z.string().nullable(),
  keys: z.number(),
  /** Without a known answer: some of the keys that it sealed. */
  samples: z.array(sealedKey),
});
type MasterKey = z.output<typeof masterKey>;

function opens(unsealing: () => Secret): boolean {
  try {
    unsealing();
    return true;
  } catch (error) {
    if (error instanceof BrokenSeal) return false;
    throw error;
  }
}

function opensAnswer(keyring: Keyring, answer: string): boolean {
  const sealed = sealedText.parse(JSON.parse(answer));
  return opens(() => unseal(keyring, sealed, BINDING));
}

/** One key that opens proves it; a single broken one proves nothing against it. */
function isRight(keyring: Keyring, { known_answer, samples }: MasterKey): boolean {
  if (known_answer !== null) return opensAnswer(keyring, known_answer);
  return samples.length === 0 || samples.some((one) => opens(() => unseal(keyring, one, bindingOf(one))));
}

export const readMasterKeys = (rpc: Rpc): Promise<MasterKey[]> => call(rpc, z.array(masterKey), 'read_master_keys', {});

export type Verdict = 'right' | 'wrong' | 'missing';
/** Whether this keyring has the master key that the database was used with. */
export function judge(keyring: Keyring, known: MasterKey): Verdict {
  if (!keyring.masters.has(known.version)) return 'missing';
  return isRight(keyring, known) ? 'right' : 'wrong';
}

const giveUp = (version: string) => `npm run keys -- abandon ${version}`;

function refuse(verdict: Exclude<Verdict, 'right'>, { version, keys }: MasterKey): never {
  const count = keys === 1 ? '1 stored Jules key' : `${keys} stored Jules keys`;
  throw new Refusal(
    'wrong_master_key',
    verdict === 'missing'
      ? `VERNE_MASTER_KEYS lacks the master key of version ${version}, which alone opens ${count}. Put it back behind the others; or, if it is lost, give what it sealed up with: ${giveUp(version)}`
      : `VERNE_MASTER_KEYS has another master key under version ${version} than the one that this database was used with, which alone opens ${count}. Put the right one back; or, if it is lost, give what it sealed up with: ${giveUp(version)}`,
  );
}

const noted = z.object({ known_answer: z.string() });

/** Two processes that start at once may both be the first: who came second proves itself by what the other noted. */
async function note(rpc: Rpc, keyring: Keyring, version: string): Promise<void> {
  const sealed = seal({ ...keyring, active: version }, new Secret(KNOWN), BINDING);
  const kept = await call(rpc, noted, 'note_master_key', { version, known_answer: JSON.stringify(sealed) });
  if (!opensAnswer(keyring, kept.known_answer))
    refuse('wrong', { version, known_answer: kept.known_answer, keys: 0, samples: [] });
}

/**
 * Proves at the start that the master keys are those of this database: each opens what it sealed here the first time.
 * Throws, naming versions and never a key, where one is another key under the same name, or where keys are stored that
 * only a missing one opens.
 */
export async function proveMasterKeys(rpc: Rpc, keyring: Keyring): Promise<void> {
  const known = await readMasterKeys(rpc);
  for (const one of known) {
    const verdict = judge(keyring, one);
    if (verdict === 'wrong' || (verdict === 'missing' && one.keys > 0)) refuse(verdict, one);
  }
  for (const version of keyring.masters.keys()) {
    if (known.some((one) => one.version === version && one.known_answer !== null)) continue;
    await note(rpc, keyring, version);
  }
}
