import { AsyncLocalStorage } from 'node:async_hooks';
import { de } from './de.ts';
import { en } from './en.ts';
import type { Language } from './language.ts';

/** Everything that Verne says, in one language. English is the form that the others are held to by their type. */
export type Words = typeof en;

const CATALOGUE: Readonly<Record<Language, Words>> = { en, de };

/**
 * The language goes with the work, like the actor's name in a log line: an answer to one person alone speaks theirs, a
 * card or a note that of its server. Handing it through every function that writes a word would tell a reader nothing.
 */
const spoken = new AsyncLocalStorage<Language>();

export const speaking = <Result>(language: Language, run: () => Result): Result => spoken.run(language, run);

export const spokenNow = (): Language => spoken.getStore() ?? 'en';

export const words = (): Words => CATALOGUE[spokenNow()];
