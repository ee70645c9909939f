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

/** Mentions of roles, or `none`; more than Discord takes in one select are not listed. */
export const roleList = (roles: readonly string[], none: string) =>
  [...new Set(roles)]
    .slice(0, 25)
    .map((id) => `<@&${id}>`)
    .join(', ') || none;
