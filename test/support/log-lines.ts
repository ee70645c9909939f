import fc from 'fast-check';
import { makeLog } from '#kernel/log.ts';
import { SECRETS } from './secrets.ts';

const KNOWN = 'kn"ow\\n secret-1';
const piece = fc.oneof(
  fc.constantFrom(
    '\n',
    '\r\n',
    '\u2028',
    '\u0085',
    '\u001b[31m',
    '\u009b31m',
    '"',
    '\\',
    '"}',
    '{"level":60}',
    '","msg":"',
    '\0',
    '\uD800',
    '\u202E',
  ),
  fc.constantFrom(
    'key=',
    'token: ',
    'password=',
    '//u:',
    '@',
    '-----BEGIN PRIVATE KEY-----',
    KNOWN,
    '__proto__',
    '%s',
    '%j',
    '$&',
  ),
  fc.constantFrom(...SECRETS.map(([, secret]) => secret)),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));

export const logWish = fc.record({
  message: text,
  fields: fc.dictionary(
    text,
    fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.dictionary(text, text, { maxKeys: 2 })),
    { maxKeys: 3 },
  ),
  error: fc.option(text),
});
export type LogWish = typeof logWish extends fc.Arbitrary<infer Wish> ? Wish : never;

const COMMANDS = /[\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/;
const BEGINNING = /^[^\n\r]*\n$/;

/** What is wrong with the line that a log makes of it. */
export function logged({ message, fields, error }: LogWish): string[] {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = makeLog({ level: 'info', secrets: [KNOWN], destination });
  log.info({ ...fields, ...(error !== null && { err: new Error(error) }) }, message);
  const [line = ''] = lines;
  const wrong = lines.length === 1 ? [] : [`${lines.length} writes`];
  if (!BEGINNING.test(line)) wrong.push('not one line');
  if (COMMANDS.test(line)) wrong.push('a command for a terminal');
  if ([...line.trimEnd()].some((one) => one < ' ')) wrong.push('a control character');
  if (line.includes(JSON.stringify(KNOWN).slice(1, -1))) wrong.push('a known secret');
  try {
    if (typeof JSON.parse(line) !== 'object') wrong.push('no object');
  } catch {
    wrong.push(`no JSON: ${line}`);
  }
  return wrong;
}
