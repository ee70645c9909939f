/**
 * Characters that show nothing, or reorder what is shown: controls, zero width, direction marks, tags, fillers, stray
 * selectors, code points without a meaning (private, unassigned), and marks piled up higher than any script does it.
 *
 * Kept are joiners between what is joined by them (emoji, letters of some scripts), the emoji selector behind what has
 * an emoji form, and the three flags that are written with tags.
 */

const FLAG =
  /(?<=\u{1F3F4})\u{E0067}\u{E0062}(?:\u{E0065}\u{E006E}\u{E0067}|\u{E0073}\u{E0063}\u{E0074}|\u{E0077}\u{E006C}\u{E0073})\u{E007F}/u;
/** Joiners and the selector are judged by their neighbours; Extended_Pictographic also holds emoji of the years to come. */
const NEVER =
  /(?!\n|\t|\u200C|\u200D|\uFE0F)(?:[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}\u2800\u{1D159}]|(?!\p{ExtPict})\p{Cn})/u;
const FLAG_OR_NEVER = new RegExp(`(?<flag>${FLAG.source})|${NEVER.source}`, 'gu');

const EMOJI = /\p{ExtPict}|\p{EMod}/u;
const LETTER =
  /[\p{sc=Arab}\p{sc=Syrc}\p{sc=Nko}\p{sc=Mong}\p{sc=Deva}\p{sc=Beng}\p{sc=Guru}\p{sc=Gujr}\p{sc=Orya}\p{sc=Taml}\p{sc=Telu}\p{sc=Knda}\p{sc=Mlym}\p{sc=Sinh}\p{sc=Khmr}\p{sc=Mymr}\p{sc=Tibt}]/u;
const MARK = /\p{M}/u;
const MARKS = 5;

const JOINERS = new Set(['\u200C', '\u200D']);
const SELECTOR = '\uFE0F';

/** What stands on the left in the text as it is shown: the last character, and how many marks are piled on it. */
type Left = { readonly last: string; readonly marks: number };

function joins({ last, marks }: Left, joiner: string, next: string): boolean {
  if (joiner === '\u200D' && (last === SELECTOR || EMOJI.test(last)) && EMOJI.test(next)) return true;
  return LETTER.test(last) && LETTER.test(next) && !(marks >= MARKS && MARK.test(next));
}

function isSeen(left: Left, one: string, next: string): boolean {
  if (one < '\u0300') return true;
  if (JOINERS.has(one)) return joins(left, one, next);
  if (one === SELECTOR) return /\p{ExtPict}/u.test(left.last) || (/[#*0-9]/.test(left.last) && next === '\u20E3');
  return left.marks < MARKS || !MARK.test(one);
}

function marksAfter({ marks }: Left, one: string): number {
  if (JOINERS.has(one) || one === SELECTOR) return marks;
  return one >= '\u0300' && MARK.test(one) ? marks + 1 : 0;
}

/** The text without what nobody would see. Line ends and tabs stay. */
export function withoutUnseen(text: string): string {
  const characters = [...text.replace(FLAG_OR_NEVER, (_found, flag?: string) => flag ?? '')];
  let left: Left = { last: '', marks: 0 };
  return characters
    .filter((one, at) => {
      const seen = isSeen(left, one, characters[at + 1] ?? '');
      if (seen) left = { last: one, marks: marksAfter(left, one) };
      return seen;
    })
    .join('');
}
