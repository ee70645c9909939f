/**
 * Keys and passwords in text that leaves: log lines, stored errors, whatever is shown in Discord. Known ones are found
 * by their value, others by the shapes that their makers gave them, the rest by standing after a word such as "token"
 * while looking random. Nothing here may match across a quotation mark or half of a JSON escape: a log line stays JSON.
 */

const MASK = '[redacted]';

/** A shape begins where a word does; bounded repetition keeps every one of them linear. */
const SHAPES: readonly RegExp[] = [
  /-----BEGIN (?:[A-Z]{1,12} ){0,3}PRIVATE KEY-----(?:(?:\\[nr]|[\w+/=:,.\s]|-(?!-{4}))*-----END [A-Z ]{1,40}-----|(?:\\[nr]|[\w+/=\s])*)/g,
  /(?<![\w-])AIza[\w-]{30,}/g, // Google API keys
  /(?<![\w-])AQ\.[\w-]{20,}/g, // Google API keys of the newer kind
  /(?<![\w-])ya29\.[\w-]{20,}/g, // Google access tokens
  /(?<![\w-])[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}/g, // Discord bot tokens
  /(?<=\/(?:interactions|webhooks)\/\d{15,20}\/)[\w-]{20,}/g, // Discord interaction and webhook tokens in URLs
  /(?<=hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]{20,}/g, // Slack webhooks
  /(?<![\w-])eyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?/g, // JSON web tokens
  /(?<!\w)gh[pousr]_\w{20,}/g,
  /(?<!\w)github_pat_\w{20,}/g,
  /(?<!\w)glpat-[\w-]{20,}/g,
  /(?<!\w)whsec_[\w+/=]{16,}/g,
  /(?<!\w)sb_secret_[\w-]{10,}/g, // Supabase secret keys
  /(?<!\w)sbp_[0-9a-f]{40,}/g, // Supabase access tokens
  /(?<![\w-])sk-[\w-]{20,}/g, // OpenAI, Anthropic
  /(?<!\w)[rs]k_(?:live|test)_\w{16,}/g, // Stripe
  /(?<![\w-])xox[abeoprs]-[\w-]{10,}/g, // Slack
  /(?<!\w)npm_\w{36,}/g,
  /(?<!\w)hf_[A-Za-z0-9]{30,}\w*/g, // Hugging Face
  /(?<![\w-])SG\.[\w-]{16,}\.[\w-]{16,}/g, // SendGrid
  /(?<!\w)do[opr]_v1_\w{40,}/g, // DigitalOcean
  /(?<!\w)A[KS]IA[0-9A-Z]{16}(?!\w)/g, // AWS key ids
  // Passwords in addresses of databases and the like, which people write with any sign in them.
  /(?<=\b(?:postgres(?:ql)?|mysql|mariadb|rediss?|amqps?|mongodb(?:\+srv)?|mssql|smtps?|s?ftp|ldaps?):\/\/[^/\s:@"\\]{0,64}:)(?:(?!:\/\/)[^\s"\\])+(?=@)/g,
  /(?<=:\/\/[^/\s:@"\\]{0,64}:)[^/\s"\\]+(?=@)/g, // passwords in URLs
];

const BETWEEN = String.raw`\\?["'\x60]?(?<sign>\s{0,3}(?::|=>?|\bis\b)\s{0,3}|\s{1,3})\\?["'\x60]?`;
/** A log line's own `"subject":"key:<id>"`: that is how keys are spoken of without showing them. */
const SUBJECT = '(?<!"subject":"(?=key:[0-9a-f]{8}-[0-9a-f-]{27}"))';
const NAMED = new RegExp(
  String.raw`${SUBJECT}(?<name>token|secret|credentials?|bearer|basic|(?<![a-z])(?:(?:api|access|private|signing|master|jules|service|auth)[-_ ]?)?key)${BETWEEN}(?<value>[\w+/=.~-]{16,256})`,
  'gi',
);
const PASSWORD = new RegExp(
  String.raw`(?<name>passw(?:or)?d|passphrase|pwd)${BETWEEN}(?<value>[^\s"'\x60\\,;<>()[\]{}]{8,128})`,
  'gi',
);

const UUID_OR_HEX = /^(?:[0-9a-f]{16,128}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/i;
/** `docs/2024-plan`, `user_id2`: names, however long. */
const isWords = (value: string) => value.split(/[-_./]/).every((part) => /^(?:[a-z]*\d{0,2}|\d{1,20})$/i.test(part));

/** In bits for each character: 4.7 for random letters, about 3 for a word or two. */
function entropyOf(value: string): number {
  const counts = new Map<string, number>();
  for (const one of value) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts.values()].reduce((sum, n) => sum - (n / value.length) * Math.log2(n / value.length), 0);
}

/** How often letters and digits take turns; a name has its number at the end, a random value has them anywhere. */
const turnsOf = (value: string) => value.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0;

/** Of both cases with digits, as base64 is, and no path with an ending: nobody writes that by hand. */
const isDense = (value: string) =>
  /^[\w+/=]{32,}$/.test(value) && [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(value)) && entropyOf(value) >= 4;

/** Said without `=` or `:`, a commit or the id of a task is no secret ("the key 6f1c2f0e-…" is one of ours). */
function looksRandom(value: string, isAssigned: boolean): boolean {
  if (isWords(value)) return false;
  if (turnsOf(value) < 3) return isAssigned && isDense(value);
  if (UUID_OR_HEX.test(value)) return isAssigned;
  return entropyOf(value) >= (isAssigned ? 3 : 3.5);
}

type Found = { readonly name: string; readonly sign: string; readonly value: string };
const isAssigned = ({ sign }: Found) => sign.trim() !== '';

function mask(text: string, named: RegExp, isSecret: (found: Found) => boolean): string {
  return text.replace(named, (whole: string, ...rest: unknown[]) => {
    const found = rest.at(-1) as Found;
    return isSecret(found) ? whole.slice(0, whole.length - found.value.length) + MASK : whole;
  });
}

/** Hides whatever is shaped like a secret. Scrubbing twice changes nothing more. */
export function scrub(text: string): string {
  let clean = text;
  for (const shape of SHAPES) clean = clean.replace(shape, MASK);
  clean = mask(clean, NAMED, (found) => looksRandom(found.value, isAssigned(found)));
  return mask(clean, PASSWORD, (found) => isAssigned(found) && /\d/.test(found.value) && /[a-z]/i.test(found.value));
}

/** How many values of a text are hidden by `scrub`. */
export function countSecrets(text: string): number {
  const masks = (written: string) => written.split(MASK).length;
  return Math.max(0, masks(scrub(text)) - masks(text));
}

/** As they are written in a text, in JSON and in a URL. */
const spellings = (word: string) => new Set([word, JSON.stringify(word).slice(1, -1), encodeURIComponent(word)]);

/** Hides known secrets too, in every spelling; longer ones first, since one may contain another. */
export function scrubber(known: readonly string[]): (text: string) => string {
  const words = known
    .filter((word) => word.length >= 8)
    .flatMap((word) => [...spellings(word.toWellFormed())])
    .toSorted((a, b) => b.length - a.length);
  return (text) => scrub(words.reduce((clean, word) => clean.replaceAll(word, MASK), text));
}
