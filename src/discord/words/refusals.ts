import type { Refusal, Size } from '#kernel/errors.ts';
import { refusals } from './de/refusals.ts';
import type { Language } from './language.ts';
import { spokenNow } from './words.ts';

/**
 * What capabilities refuse: they know no languages, so their sentences are English, and each is said in the others by
 * its code.
 */
type Code =
  | 'empty_instruction'
  | 'empty_prompt'
  | 'hidden_text'
  | 'long_instruction'
  | 'long_prompt'
  | 'malformed_branch'
  | 'malformed_key'
  | 'malformed_repo'
  | 'not_a_pattern';

export type Refusals = Readonly<Record<Code, string | ((size: Size) => string)>>;

const CATALOGUE: Readonly<Record<Exclude<Language, 'en'>, Refusals>> = { de: refusals };

/** One that was thrown, or what was kept of it. */
type Said = Pick<Refusal, 'code' | 'sentence'> & { readonly size?: Size | undefined };

/** The sentence of a refusal, in the language that is spoken. */
export function sayRefusal({ code, sentence, size }: Said): string {
  const language = spokenNow();
  if (language === 'en') return sentence;
  const said: Readonly<Partial<Record<string, Refusals[Code]>>> = CATALOGUE[language];
  const one = said[code];
  if (typeof one === 'function') return size === undefined ? sentence : one(size);
  return one ?? sentence;
}
