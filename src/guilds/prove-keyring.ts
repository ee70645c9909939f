import { Secret } from '#kernel/secret.ts';
import { type Keyring, seal, unseal } from './keyring.ts';

const KNOWN = 'a known answer';
const BINDING = { id: 'prove-keyring', guild: null, owner: null };

/** True where the active master key opens what it sealed. Cheap: readiness asks it each time. */
export const opensWhatItSeals = (keyring: Keyring): boolean =>
  unseal(keyring, seal(keyring, new Secret(KNOWN), BINDING), BINDING).reveal() === KNOWN;
