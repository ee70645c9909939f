import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

/** Shapes that must never reach a log line, whatever field they stand in. */
const SECRET_SHAPES: readonly RegExp[] = [
  /AIza[\w-]{30,}/g, // Google API keys
  /\bAQ\.[\w-]{20,}/g, // Google API keys of the newer kind
  /\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}/g, // Discord bot tokens
  /(?<=\/(?:interactions|webhooks)\/\d{15,20}\/)[\w-]{20,}/g, // Discord interaction and webhook tokens in URLs
  /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g, // JSON web tokens
  /\bgh[pousr]_\w{20,}/g,
  /\bgithub_pat_\w{20,}/g,
  /\bwhsec_[\w+/=]{16,}/g,
  /\bsb_secret_[\w-]{10,}/g, // Supabase secret keys
  /(?<=\/\/[^/\s:@"]+:)[^@/\s"]+(?=@)/g, // passwords in URLs
];

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

/** Hides known secrets and anything shaped like one in a whole line. */
export function scrubber(known: readonly string[]): (line: string) => string {
  const words = known.filter((word) => word.length >= 8);
  return (line) => {
    let clean = line;
    for (const word of words) clean = clean.replaceAll(word, '[redacted]');
    for (const shape of SECRET_SHAPES) clean = clean.replace(shape, '[redacted]');
    return clean;
  };
}

export type LogOptions = {
  readonly level: string;
  /** Values that must never appear: tokens, master keys, database passwords. */
  readonly secrets: readonly string[];
  readonly destination?: DestinationStream;
};

/**
 * One wide event per unit of work, as JSON on standard output. Redaction works by field name *and* by a scrubber
 * over the whole line, since secrets also travel in messages, URLs and stack traces.
 */
export function makeLog({ level, secrets, destination }: LogOptions): Log {
  const scrub = scrubber(secrets);
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
    hooks: { streamWrite: scrub },
  };
  return destination ? pino(options, destination) : pino(options);
}
