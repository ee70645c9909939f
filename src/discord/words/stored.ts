import { stored } from './de/stored.ts';
import type { Language } from './language.ts';
import { spokenNow } from './words.ts';

/**
 * What capabilities wrote down of a failure is English, and may hold what Jules answered. Each of their sentences stands
 * here as it is built there, with `…` for what is filled in; of several that fit, the first is meant.
 */
export const TEMPLATES = [
  'Jules refused the key. Enter a working one with /config key, then ask again. (…)',
  'Jules refused the key. Enter a working one with /config key, then ask again.',
  'Verne gave up on this task after many tries: … An operator can have it tried again with: npm run events -- dead',
  'Verne gave up on this task after many tries',
  '… An operator can have it tried again with: npm run events -- dead',
  'Jules refused the session: …',
  'Jules refused the session',
  'Jules cannot reach … with this key. Install the Jules GitHub App for it at https://jules.google.com, or choose another repository.',
  '… has no branch "…" that Jules knows. Ask again with another branch.',
  'Jules did not say whether it made the session, and it is not in its list. …',
  'Jules did not say whether it made the session, and it is not in its list.',
  '… Verne looks whether the session was made.',
  'Jules dropped the plan … times before Verne could approve it.',
  'Nobody answered Jules for … hours.',
  'Jules gave no sign of life for … hours, last in state ….',
  'Jules gave no reason.',
  'The session was deleted at Jules.',
  'The session takes nothing any more: the task was over before Jules could be told.',
  'Jules did not say whether it was told, three times, and it is not in the session.',
  'The Jules key of this task was removed or replaced by one of another account.',
  'The stored Jules key cannot be opened any more: its seal is broken. It must be entered anew.',
  'Its seal is broken; it must be entered anew.',
  'Jules failed again and again with this key, and another call looks whether it is back.',
  'Jules failed … times in a row with this key, so it is left alone for … seconds.',
  'Jules answered … when asked to …: …',
  'Jules answered … when asked to …',
  'Jules was asked to …, and its answer cannot be read: …',
  'Jules could not be asked to …: …',
  'Jules cannot be asked to …: the key holds characters that no key has',
  'Jules was not asked: …',
  'list sources',
  'list sessions',
  'list activities',
  'read a session',
  'create a session',
  'approve a plan',
  'send a message',
  'archive a session',
  'the call was stopped',
  'no answer in time',
  'others of this account are being created and take long',
  'it took too long to begin',
  'more than … bytes',
  'more than … pages',
  'it is not JSON',
  'it is not a page of a list',
  'a page leads back to itself',
  'it is not what was asked for',
] as const;

type Template = (typeof TEMPLATES)[number];
type Holes<Text extends string> = Text extends `${string}…${infer Rest}` ? [string, ...Holes<Rest>] : [];
/** A sentence, or a function of what fills its template's holes, which is said in the same language where it is known. */
export type Stored = {
  readonly [Text in Template]: Holes<Text> extends [] ? string : (...holes: Holes<Text>) => string;
};

const CATALOGUE: Readonly<Record<Exclude<Language, 'en'>, Stored>> = { de: stored };

/** What fills the holes of a template; null where the text is another one. */
function holesOf(template: string, text: string): string[] | null {
  const [first = '', ...pieces] = template.split('…');
  if (pieces.length === 0) return text === first ? [] : null;
  const last = pieces.pop() ?? '';
  if (!text.startsWith(first) || !text.endsWith(last)) return null;
  const holes: string[] = [];
  let at = first.length;
  for (const piece of pieces) {
    const end = text.indexOf(piece, at);
    if (end < 0) return null;
    holes.push(text.slice(at, end));
    at = end + piece.length;
  }
  const end = text.length - last.length;
  return at < end ? [...holes, text.slice(at, end)] : null;
}

/** A sentence may quote another one; a text that does so for ever is not ours. */
const DEEPEST = 5;

function say(text: string, catalogue: Stored, depth: number): string {
  const said: Readonly<Record<Template, string | ((...holes: string[]) => string)>> = catalogue;
  for (const template of depth > DEEPEST ? [] : TEMPLATES) {
    const holes = holesOf(template, text);
    if (holes === null) continue;
    const one = said[template];
    return typeof one === 'string' ? one : one(...holes.map((hole) => say(hole, catalogue, depth + 1)));
  }
  return text;
}

/** A stored sentence in the language that is spoken; what Verne did not write itself stays as it is. */
export function sayStored(text: string): string {
  const language = spokenNow();
  return language === 'en' ? text : say(text, CATALOGUE[language], 1);
}
