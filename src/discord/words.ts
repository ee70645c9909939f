import type { KeyOwner } from '#guilds/add-key.ts';
import type { TaskView } from '#tasks/task.ts';

/** How one thing is called: to the person themselves, and where everybody reads it. */
type Called = { readonly you: string; readonly all: string };

export const KEY: Record<KeyOwner, Called> = {
  server: { you: 'the server key', all: 'the server key' },
  person: { you: 'your key', all: "the requester's key" },
};

/** Whose choice a task's repository and branch were. */
export const CHOSEN: Record<TaskView['repo_from'], Called> = {
  option: { you: 'as you named it', all: 'as the requester named it' },
  person: { you: 'your default', all: "the requester's default" },
  channel: { you: "this channel's default", all: "this channel's default" },
  server: { you: "the server's default", all: "the server's default" },
};

export const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

/** Discord's most for one select, and enough for one line. */
const MOST_ROLES = 25;

/** Mentions of roles, or `none`; those that are not named are counted. */
export function roleList(roles: readonly string[], none: string): string {
  const all = [...new Set(roles)].map((id) => `<@&${id}>`);
  const left = all.length - MOST_ROLES;
  return [...all.slice(0, MOST_ROLES), ...(left > 0 ? [`and ${left} more`] : [])].join(', ') || none;
}
