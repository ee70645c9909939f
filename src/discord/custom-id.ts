import { z } from 'zod';
import { LISTED, SHOWS } from '#tasks/list-tasks.ts';

/**
 * A component carries `v1:<verb>:<target>`, nothing else: all state is in the database, so a button works for ever and
 * in any process. The version lets later forms live beside the messages that are already out there.
 */
const owner = z.enum(['server', 'person']);

/** The plan of a Jules account, and the role and channel whose pool the key joins; 0 for none. */
export const POOL = /^(free|pro|ultra|custom)\.(\d{15,20}|0)\.(\d{15,20}|0)$/;

/** A task, and the plan or the question that a button is about. */
const about = z.string().regex(/^[0-9a-f-]{36}\.[0-9a-f]{8,12}$/);

/** Which list of tasks (show, status, the repository's hash), and behind (b) or in front of (a) which number the page is. */
export const LIST_TARGET = new RegExp(
  `^(${SHOWS.join('|')})\\.(${LISTED.join('|')}|any)\\.([0-9a-f]{10}|any)\\.([ab-])(\\d{1,9})$`,
);

/** A task, and which of its words are meant: how often they had been edited; those that never were need not be named. */
const words = z.string().regex(/^[0-9a-f]{8}-[0-9a-f-]{27}(?:\.\d{1,6})?$/);

const TARGETS = {
  asking: z.literal('task'),
  confirm: words,
  edit: z.uuid(),
  editing: words,
  retry: z.uuid(),
  retrying: z.uuid(),
  reject: z.uuid(),
  'reject-reason': z.uuid(),
  cancel: z.uuid(),
  prompt: z.uuid(),
  approve_plan: about,
  ask_changes: about,
  changes: about,
  plan_again: z.uuid(),
  answer: about,
  'go-on': about,
  'you-decide': about,
  answering: about,
  reply: z.uuid(),
  replying: z.uuid(),
  nudge: about,
  publish: about,
  get_patch: z.uuid(),
  follow_up: z.uuid(),
  following: z.uuid(),
  'follow-anew': about,
  'following-anew': z.uuid(),
  roles: z.enum(['create', 'confirm']),
  notice: z.enum(['how', 'people']),
  key: owner,
  'key-enter': owner,
  'key-add': z.string().regex(POOL),
  'key-remove': owner,
  'key-revoke': owner,
  'key-keep': owner,
  tasks: z.string().regex(LIST_TARGET),
  /** A task's number, and behind which entry; or in front of or behind which message. */
  timeline: z.string().regex(/^\d{1,9}\.\d{1,6}$/),
  delivery: z.string().regex(/^\d{1,9}\.(?:-0|[ab]\d{1,18})$/),
  'send-again': z.string().regex(/^\d{1,9}\.\d{1,18}\.(?:here|there)$/),
} as const;

export type CustomIdVerb = keyof typeof TARGETS;
export type CustomIdTarget<Verb extends CustomIdVerb> = z.output<(typeof TARGETS)[Verb]>;
export type CustomId = { [Verb in CustomIdVerb]: { verb: Verb; target: CustomIdTarget<Verb> } }[CustomIdVerb];

export function customId<Verb extends CustomIdVerb>(verb: Verb, target: CustomIdTarget<Verb>): string {
  return `v1:${verb}:${target}`;
}

const isVerb = (word: string): word is CustomIdVerb => Object.hasOwn(TARGETS, word);

/** Null where it is not ours, or of a form that this version does not know. */
export function readCustomId(text: string): CustomId | null {
  const [version, verb = '', target, ...rest] = text.split(':');
  if (version !== 'v1' || !isVerb(verb) || rest.length > 0) return null;
  const read = TARGETS[verb].safeParse(target);
  return read.success ? ({ verb, target: read.data } as CustomId) : null;
}
