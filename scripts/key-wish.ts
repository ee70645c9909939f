/** What `npm run keys` is asked for: its words, each of which has a sentence where it is wrong. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { type NewKey, PLANS } from '#guilds/add-key.ts';
import { Refusal } from '#kernel/errors.ts';

export const USAGE = `npm run keys -- set --guild ID [--person ID] [--plan free|pro|ultra | --per-day N --at-once N]
                    [--role ID] [--channel ID] [--beside]      reads the key from standard input
npm run keys -- remove --guild ID [--person ID] [--last4 XXXX]
npm run keys -- list [--guild ID]
npm run keys -- rotate                 puts every key under the first of VERNE_MASTER_KEYS
npm run keys -- abandon VERSION        gives up a lost master key, and the Jules keys that only it opens
--guild: the Discord server's id. --person: a person's own key instead of the server's. --beside: the keys that are there stay.`;

type Owner = { readonly guild: string; readonly person: string | undefined };
export type Wish =
  | ({ readonly verb: 'set' } & Owner & Pick<NewKey, 'plan' | 'limits' | 'pool' | 'isBeside'>)
  | ({ readonly verb: 'remove'; readonly last4: string | undefined } & Owner)
  | { readonly verb: 'list'; readonly guild: string | undefined }
  | { readonly verb: 'rotate' }
  | { readonly verb: 'abandon'; readonly version: string };
export type Verb = Wish['verb'];

const text = { type: 'string' } as const;
const OPTIONS = {
  guild: text,
  person: text,
  plan: text,
  'per-day': text,
  'at-once': text,
  role: text,
  channel: text,
  beside: { type: 'boolean' },
  last4: text,
} as const satisfies ParseArgsOptionsConfig;
type Name = keyof typeof OPTIONS;

const TAKES: Record<Verb, readonly Name[]> = {
  set: ['guild', 'person', 'plan', 'per-day', 'at-once', 'role', 'channel', 'beside'],
  remove: ['guild', 'person', 'last4'],
  list: ['guild'],
  rotate: [],
  abandon: [],
};

function wrong(sentence: string): never {
  throw new Refusal('usage', sentence);
}

type Values = { readonly [One in Exclude<Name, 'beside'>]?: string } & { readonly beside?: boolean };
type Given = { readonly verb: Verb; readonly words: readonly string[]; readonly values: Values };

/** What was written is never repeated, nor its error: somebody may have written a key. */
/** The last four may begin with a dash, like an option. */
const joined = (args: readonly string[]) =>
  args.flatMap((arg, at) =>
    args[at - 1] === '--last4' ? [] : arg === '--last4' ? [[arg, ...args.slice(at + 1, at + 2)].join('=')] : [arg],
  );
const parse = (args: readonly string[]) => parseArgs({ args: joined(args), options: OPTIONS, allowPositionals: true });
type Parsed = ReturnType<typeof parse>;

function parseOrRefuse(args: readonly string[]): Parsed {
  let parsed: Parsed | undefined;
  try {
    parsed = parse(args);
  } catch {
    parsed = undefined;
  }
  return parsed ?? wrong('An option is not known, has no value, or has one that it does not take.');
}

function read(args: readonly string[]): Given {
  const { values, positionals } = parseOrRefuse(args);
  const [verb = '', ...words] = positionals;
  if (!Object.hasOwn(TAKES, verb)) wrong('Say what to do: set, remove, list, rotate or abandon.');
  const given = { verb: verb as Verb, words, values };
  const foreign = (Object.keys(values) as Name[]).find((name) => !TAKES[given.verb].includes(name));
  if (foreign) wrong(`${verb} takes no --${foreign}.`);
  if (words.length > (verb === 'abandon' ? 1 : 0)) {
    wrong(
      `There is a word too many behind ${verb}. If it was a Jules key, revoke it: others on this machine could read it. Keys are read from standard input.`,
    );
  }
  return given;
}

function snowflake(values: Values, name: 'guild' | 'person' | 'role' | 'channel', of: string): string | undefined {
  const id = values[name];
  if (id !== undefined && !/^\d{15,20}$/.test(id)) wrong(`--${name} wants the id of a Discord ${of}, 15 to 20 digits.`);
  return id;
}

function ownerOf(values: Values): Owner {
  const guild = snowflake(values, 'guild', 'server');
  const person = snowflake(values, 'person', 'user');
  return { guild: guild ?? wrong('--guild is missing: the id of a Discord server, 15 to 20 digits.'), person };
}

const MOST = 100_000;

function numberOf(values: Values, name: 'per-day' | 'at-once', least: number): number | undefined {
  const written = values[name];
  if (written === undefined) return undefined;
  const number = /^\d{1,6}$/.test(written) ? Number(written) : Number.NaN;
  if (!(number >= least && number <= MOST)) wrong(`--${name} wants a whole number from ${least} to ${MOST}.`);
  return number;
}

function limitsOf(values: Values): Pick<NewKey, 'plan' | 'limits'> {
  const { plan } = values;
  const perDay = numberOf(values, 'per-day', 0);
  const atOnce = numberOf(values, 'at-once', 1);
  if (plan !== undefined) {
    if (!Object.hasOwn(PLANS, plan)) wrong('--plan is free, pro or ultra.');
    if (perDay !== undefined || atOnce !== undefined)
      wrong('--plan says the limits already: leave out --per-day and --at-once, or --plan.');
    return { plan: plan as keyof typeof PLANS };
  }
  if (perDay === undefined && atOnce === undefined) return {};
  if (perDay === undefined || atOnce === undefined) wrong('--per-day and --at-once are given together.');
  return { limits: { perDay, atOnce } };
}

function poolOf(values: Values): Pick<NewKey, 'pool' | 'isBeside'> {
  const role = snowflake(values, 'role', 'role') ?? null;
  const channel = snowflake(values, 'channel', 'channel') ?? null;
  if (values.person !== undefined && (role || channel || values.beside))
    wrong('A person has one key, for themselves: --role, --channel and --beside are for those of a server.');
  return { pool: { role, channel }, isBeside: values.beside ?? false };
}

function last4Of({ last4 }: Values): string | undefined {
  if (last4 !== undefined && !/^[\x21-\x7e]{4}$/.test(last4))
    wrong('--last4 wants the last four characters of a key, as list shows them.');
  return last4;
}

function versionOf([version]: readonly string[]): string {
  if (version === undefined) wrong('abandon wants the version of the master key that is lost, as the bot names it.');
  if (!/^\w{1,20}$/.test(version))
    wrong('A version is 1 to 20 letters, digits or underscores: what stands before the colon in VERNE_MASTER_KEYS.');
  return version;
}

/** Throws a Refusal `usage` with a sentence. */
export function readWish(args: readonly string[]): Wish {
  const { verb, words, values } = read(args);
  switch (verb) {
    case 'set':
      return { verb, ...ownerOf(values), ...limitsOf(values), ...poolOf(values) };
    case 'remove':
      return { verb, ...ownerOf(values), last4: last4Of(values) };
    case 'list':
      return { verb, guild: snowflake(values, 'guild', 'server') };
    case 'rotate':
      return { verb };
    default:
      return { verb, version: versionOf(words) };
  }
}
