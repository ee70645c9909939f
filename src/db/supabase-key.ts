import { z } from 'zod';

export type SupabaseKeyKind = 'service_role' | 'secret' | 'anon' | 'publishable' | 'other';

const claims = z.looseObject({ role: z.string().catch(''), ref: z.string().optional().catch(undefined) });

/** What a key of the older form says about itself, unverified: enough to tell a mix-up, no proof of anything. */
function claimsOf(key: string) {
  const [, body = '', signature] = key.split('.');
  if (!signature) return undefined;
  try {
    return claims.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
  } catch {
    return undefined;
  }
}

/** By prefix in the newer form, by the role that the token claims in the older one. */
export function kindOfSupabaseKey(key: string): SupabaseKeyKind {
  if (key.startsWith('sb_secret_')) return 'secret';
  if (key.startsWith('sb_publishable_')) return 'publishable';
  const role = claimsOf(key)?.role;
  return role === 'service_role' || role === 'anon' ? role : 'other';
}

/** Which project a key of the older form was made for; undefined where it does not say. */
export const projectOfSupabaseKey = (key: string) => claimsOf(key)?.ref;
