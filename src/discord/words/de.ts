import { gate } from './de/gate.ts';
import { language } from './de/language.ts';
import { said } from './de/said.ts';
import type { Words } from './words.ts';

export const de: Words = { gate, language, said };
