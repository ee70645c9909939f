import { words } from './words/words.ts';

/** Discord's most for one select, and enough for one line. */
const MOST_ROLES = 25;

/** Mentions of roles, or `none`; those that are not named are counted. */
export function roleList(roles: readonly string[], none: string): string {
  const all = [...new Set(roles)].map((id) => `<@&${id}>`);
  const left = all.length - MOST_ROLES;
  return [...all.slice(0, MOST_ROLES), ...(left > 0 ? [words().gate.andMore(left)] : [])].join(', ') || none;
}
