import { randomBytes, randomInt } from 'node:crypto';

/** Activities, plans, steps and commits: 32 hex digits unless said otherwise. */
export const hexId = (digits = 32) => randomBytes(digits / 2).toString('hex');

/** 17 to 20 digits; about every fourth is above 2^63, where a signed 64-bit integer ends. */
export function sessionId(): string {
  const shape = randomInt(4);
  const low = String(randomInt(10 ** 12)).padStart(12, '0');
  if (shape === 0) return `1${randomInt(1_000_000, 8_000_000)}${low}`;
  const digits = 17 + shape - 1;
  return `${randomInt(1, 10)}${String(randomInt(10 ** 12)).padStart(12, '0')}${low}`.slice(0, digits);
}
