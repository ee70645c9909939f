import { gate } from './en/gate.ts';
import { language } from './en/language.ts';

export const en = { gate, language };
