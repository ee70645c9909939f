import { inline } from '#discord/text.ts';
import { sayStored } from '#discord/words/stored.ts';
import { words } from '#discord/words/words.ts';
import type { TaskView } from '#tasks/task.ts';
import { type Clip, clip, restOf } from './clip.ts';

/** What went wrong: our own sentence, and what the other service answered word for word. */
type Problem = { readonly sentence: string; readonly detail: string };

/** `Jules refused the key. … (Jules answered 403 …: long message)`, or the answer alone: then its own message is the detail. */
const FORMS = [
  /^(?<sentence>.+?)(?:: | \()(?<detail>Jules answered \d{3}\b.*?)\)?$/s,
  /^(?<sentence>Jules answered \d{3}\b[^:]*): (?<detail>.+)$/s,
];

function problemOf(error: string): Problem {
  const found = FORMS.map((form) => form.exec(error)?.groups).find((groups) => groups !== undefined);
  return { sentence: sayStored(found?.['sentence'] ?? error), detail: sayStored(found?.['detail'] ?? '') };
}

/** Room for `/config key` in backticks and for the line that counts what was left out. */
const MARKS_ROOM = 70;

const both = (one: Clip, other: Clip): Clip => ({
  text: '',
  shown: one.shown + other.shown,
  whole: one.whole + other.whole,
});

/** The sentence with commands to be typed, then the foreign answer in small print, then how much was left out. */
export function problemLines(error: string, max: number): string {
  const { sentence, detail } = problemOf(error.trim());
  const room = max - MARKS_ROOM;
  const foreign = clip(detail, { write: inline, room: Math.floor(room / 2) });
  const own = clip(sentence, { write: inline, room: room - foreign.text.length });
  const said = own.text.replace(/(?<!`)\/config key/, '`/config key`');
  const full = /[.!?…]$/.test(said) ? said : `${said}.`;
  return [...(said ? [full] : []), ...(foreign.text ? [`-# ${foreign.text}`] : []), ...restOf(both(own, foreign))].join(
    '\n',
  );
}

/** What the requester can do about it, by what went wrong; the sentence itself may have said so already. */
export function nextStep({ session }: TaskView, error: string): string {
  if (error.includes('/config key')) return '';
  const { next } = words().card;
  if (!session?.opened_at) return next.mend;
  if (session.deleted) return next.deleted;
  return session.jules_state === 'FAILED' ? next.failed : next.otherwise;
}
