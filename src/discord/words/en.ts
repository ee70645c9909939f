import { gate } from './en/gate.ts';
import { language } from './en/language.ts';
import { said } from './en/said.ts';

export const en = { gate, language, said };
