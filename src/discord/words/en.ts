import { gate } from './en/gate.ts';

export const en = { gate };
