import { type DestinationStream, type Logger, pino } from 'pino';
import { scrubber } from './scrub.ts';

export type Log = Logger;

const REDACTED_PATHS = [
  'token',
  'key',
  'apiKey',
  'api_key',
  'password',
  'secret',
  'authorization',
  'prompt',
  'reason_text',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export type LogOptions = {
  readonly level: string;
  /** Values that must never appear: tokens, master keys, database passwords. */
  readonly secrets: readonly string[];
  readonly destination?: DestinationStream;
};

/** What a terminal or a reader of lines takes for a command or a line's end, and JSON does not escape. */
const UNSAFE = /[\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g;
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const UNREADABLE = `${JSON.stringify({ level: 50, msg: 'A log line was left out: without its secrets it was no JSON' })}\n`;

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** A line without secrets, which is still one line of JSON. */
function safeLine(scrub: (line: string) => string): (line: string) => string {
  return (line) => {
    const clean = scrub(line);
    return clean === line || isJson(clean) ? clean.replace(UNSAFE, escaped) : UNREADABLE;
  };
}

/**
 * Node's own stream, which writes at once and holds nothing back at the end: pino's flushes at the exit, and where
 * nobody reads any more it tries that for ever. A log without a reader is no reason to stop working.
 */
function standardOutput(): DestinationStream {
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', () => {});
  return process.stdout;
}

/**
 * One wide event per unit of work, as JSON on standard output. Redaction works by field name *and* by a scrubber
 * over the whole line, since secrets also travel in messages, URLs and stack traces.
 */
export function makeLog({ level, secrets, destination }: LogOptions): Log {
  const options = {
    level,
    // Several processes may write into one place.
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
    hooks: { streamWrite: safeLine(scrubber(secrets)) },
  };
  return pino(options, destination ?? standardOutput());
}
