import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { RemoteFailure } from '#kernel/errors.ts';
import type { KeyId } from '#kernel/ids.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { Secret } from '#kernel/secret.ts';

/**
 * Keys are sealed in the application, so that no plain key ever reaches SQL: each with a data key of its own
 * (AES-256-GCM), which a master key wraps. What is authenticated beside the ciphertext binds it to its row and owner:
 * a ciphertext that is moved to another row opens nothing.
 */
export type Keyring = {
  /** The version that seals; the others only open. */
  readonly active: string;
  readonly masters: ReadonlyMap<string, Buffer>;
};

/** Whose key it is: of a server or of a person. */
export type KeyBinding = { readonly id: string; readonly guild: string | null; readonly owner: string | null };

export type Sealed = { readonly sealed: string; readonly wrapped: string; readonly kek_version: string };

/** Reads `version:base64,version:base64`, newest first. Throws without showing any value. */
export function readKeyring(text: string): Keyring {
  const masters = new Map<string, Buffer>();
  for (const [index, part] of text.split(',').entries()) {
    const [version = '', encoded = ''] = part.trim().split(':');
    const master = Buffer.from(encoded, 'base64');
    if (!/^\w{1,20}$/.test(version) || master.length !== 32) {
      throw new Error(
        `VERNE_MASTER_KEYS: entry ${index + 1} is not "version:base64 of 32 bytes". Make one with: openssl rand -base64 32`,
      );
    }
    if (masters.has(version)) throw new Error(`VERNE_MASTER_KEYS: version ${version} is there twice.`);
    masters.set(version, master);
  }
  const [active = ''] = masters.keys();
  return { active, masters };
}

/** A seal that does not open: changed, moved to another row, or of another master key than it says. */
export class BrokenSeal extends Error {}

/** A new master key in the form that `readKeyring` reads. */
export function newMasterKey(): string {
  return `1:${randomBytes(32).toString('base64')}`;
}

/** Length-prefixed, so that no two bindings read the same. */
function associatedData(purpose: string, binding: KeyBinding, version: string): Buffer {
  const parts = ['verne1', purpose, 'keys', binding.id, binding.guild ?? '', binding.owner ?? '', version];
  return Buffer.from(parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('|'));
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

function encrypt(key: Buffer, plain: Buffer, aad: Buffer): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** One text for one seal: base64 that says the same in another way is a change like any other. */
function decrypt(key: Buffer, text: string, aad: Buffer): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new TypeError('A seal is written as base64.');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(aad).setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
}

function masterOf({ masters }: Keyring, version: string): Buffer {
  const master = masters.get(version);
  if (!master)
    throw new Error(
      `The master key of version ${version} is not in VERNE_MASTER_KEYS. Add it again, or enter the Jules key anew.`,
    );
  return master;
}

export function seal(keyring: Keyring, secret: Secret, binding: KeyBinding): Sealed {
  const version = keyring.active;
  const dataKey = randomBytes(32);
  return {
    sealed: encrypt(dataKey, Buffer.from(secret.reveal()), associatedData('key', binding, version)),
    wrapped: encrypt(masterOf(keyring, version), dataKey, associatedData('data-key', binding, version)),
    kek_version: version,
  };
}

/** Throws a `BrokenSeal`; and another error where the master key is not there. */
export function unseal(keyring: Keyring, sealed: Sealed, binding: KeyBinding): Secret {
  const version = sealed.kek_version;
  const master = masterOf(keyring, version);
  try {
    const dataKey = decrypt(master, sealed.wrapped, associatedData('data-key', binding, version));
    return new Secret(decrypt(dataKey, sealed.sealed, associatedData('key', binding, version)).toString());
  } catch (cause) {
    throw new BrokenSeal('The seal of a key is broken.', { cause });
  }
}

/**
 * Tells two entries of the same key apart from two keys. A Jules key is random and long, so its hash leads nobody back
 * to it; and unlike a hash under a master key it stays the same when master keys are exchanged.
 */
export function fingerprintOf(secret: Secret): string {
  return createHash('sha256').update(`verne fingerprint:${secret.reveal()}`).digest('hex');
}

/** A sealed key as the database keeps it. */
export const sealedKey = z.object({
  id: z.string(),
  guild_id: z.string().nullable(),
  owner_id: z.string().nullable(),
  sealed: z.string(),
  wrapped: z.string(),
  kek_version: z.string(),
});
export type SealedKey = z.output<typeof sealedKey>;

export const bindingOf = ({ id, guild_id, owner_id }: SealedKey): KeyBinding => ({
  id,
  guild: guild_id,
  owner: owner_id,
});

/** Whoever can mend it is told, and the audit has it: a seal breaks by no accident. */
async function reportBroken(rpc: Rpc, { id }: SealedKey, cause: BrokenSeal): Promise<never> {
  await rpc('report_broken_key', { key_id: id });
  const sentence = 'The stored Jules key cannot be opened any more: its seal is broken. It must be entered anew.';
  throw new RemoteFailure(sentence, { service: 'jules', code: 'no_key', retry: 'never', cause });
}

/** The key by its id; null where it was revoked. The one place where a stored key becomes a usable one. */
export async function openKey(rpc: Rpc, keyring: Keyring, keyId: KeyId): Promise<Secret | null> {
  const found = await call(rpc, sealedKey.nullable(), 'read_key', { key_id: keyId });
  if (!found) return null;
  const version = found.kek_version;
  // Another process was started with newer master keys than this one, which will be replaced soon.
  if (!keyring.masters.has(version)) {
    const sentence = `A Jules key is sealed by the master key of version ${version}, which this process was not given.`;
    throw new RemoteFailure(sentence, { service: 'database', code: 'no_master_key', retry: 'soon', uncounted: true });
  }
  try {
    return unseal(keyring, found, bindingOf(found));
  } catch (error) {
    if (error instanceof BrokenSeal) return reportBroken(rpc, found, error);
    throw error;
  }
}
