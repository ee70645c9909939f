import { en } from './words/en.ts';

/** For cards, which still speak English only. */
export const KEY = en.keys.called;
export const CHOSEN = en.settings.chosen;

export const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);
