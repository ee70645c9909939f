import { gate } from './de/gate.ts';
import type { Words } from './words.ts';

export const de: Words = { gate };
