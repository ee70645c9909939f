import type { APIEmbedField } from 'discord-api-types/v10';
import { isKnownHost, splitAddresses } from '#discord/links.ts';
import { code, codeBlock, hiddenCharacters, hiddenSecrets, inline, oddLetters, visible } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import type { TaskView } from '#tasks/task.ts';
import { type Clip, clip } from './clip.ts';

/** Who decides reads it; who follows the work knows it, and wants to see how far the work is. */
const DECIDING = { most: 900, lines: 20 };
const FOLLOWING = { most: 300, lines: 6 };

const sizeFor = ({ status }: TaskView) => (status === 'pending_confirmation' ? DECIDING : FOLLOWING);

const MASKED_LINK = /\[[^[\]\n]{1,300}\]\(\s{0,9}<?https?:/gi;
const MENTION = /@everyone\b|@here\b|<@[!&]?\d{15,20}>/g;
const PLACES_NAMED = 3;

/** Of a known host it matters which of its pages it is: one may ask somebody to sign in. */
function placeOf(address: string): string {
  const url = URL.parse(address);
  if (!url?.host) return address.slice(0, 60);
  return isKnownHost(url.host) ? `${url.host}${url.pathname}`.slice(0, 60) : url.host;
}

/** Every address that would not be shown as a link, as far as it matters. */
function foreignPlaces(text: string): string[] {
  const foreign = splitAddresses(text).filter(({ kind, written }) => kind === 'address' && written.startsWith('`'));
  return [...new Set(foreign.map(({ written }) => placeOf(written.slice(1, -1))))];
}

function placesText(places: readonly string[]): string[] {
  if (places.length === 0) return [];
  const named = places.slice(0, PLACES_NAMED).map((place) => code(place, 60));
  const left = places.length - PLACES_NAMED;
  const said = words().card.prompt;
  return [said.places([...named, ...(left > 0 ? [said.morePlaces(left)] : [])].join(', '))];
}

/** What there is none of needs no word. */
const ifAny = (number: number, say: (number: number) => string) => (number > 0 ? [say(number)] : []);

function leftOut(prompt: string): string[] {
  const { hidden, masked } = words().card.prompt;
  return [...ifAny(hiddenCharacters(prompt), hidden), ...ifAny(hiddenSecrets(prompt), masked)];
}

/** What an approver may overlook: it is no proof of bad will, and nothing here is a proof of good. */
export function suspicions({ prompt, branch }: Pick<TaskView, 'prompt' | 'branch'>): string[] {
  const seen = visible(prompt);
  const odd = oddLetters(branch);
  const said = words().card.prompt;
  return [
    ...leftOut(prompt),
    ...ifAny(seen.match(MASKED_LINK)?.length ?? 0, said.maskedLinks),
    ...ifAny(seen.match(MENTION)?.length ?? 0, said.mentions),
    ...placesText(foreignPlaces(seen)),
    ...(odd ? [said.oddBranch(inline(odd, 80))] : []),
  ];
}

/** Makes an approver look twice, before the prompt is read. */
export function warningFields(task: TaskView): APIEmbedField[] {
  const found = task.status === 'pending_confirmation' ? suspicions(task) : [];
  return found.length > 0
    ? [{ name: words().card.fields.closely, value: found.map((one) => `- ${one}`).join('\n') }]
    : [];
}

/** What was left out is told here only where no warning above has told it. */
function sizeLine({ prompt, status }: TaskView, { shown, whole }: Clip): string {
  const out = status === 'pending_confirmation' ? [] : leftOut(prompt);
  const notes = [
    ...(shown < whole ? [words().card.prompt.shows(shown, whole)] : []),
    ...(out.length > 0 ? [`⚠️ ${out.join(' · ')}`] : []),
  ];
  return notes.length > 0 ? `-# ${notes.join(' · ')}` : '';
}

/** For the line that counts, before what was left out is named. */
const SIZE_ROOM = 90;

/** The prompt as far as it fits into `room`; whether that is less than there is. */
export function promptPart(task: TaskView, room: number): { readonly field: APIEmbedField; readonly isCut: boolean } {
  const block = clip(task.prompt, {
    write: codeBlock,
    room: room - SIZE_ROOM - leftOut(task.prompt).join().length,
    ...sizeFor(task),
  });
  const value = [block.text, sizeLine(task, block)].filter(Boolean).join('\n');
  return { field: { name: words().card.fields.prompt, value }, isCut: block.shown < block.whole };
}
