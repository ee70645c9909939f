/** What `npm run keys` does, apart from where the words, the database and the master keys come from. */
import { abandonMasterKey } from '#guilds/abandon-master-key.ts';
import { addKey, type KeyOwner, removeKey } from '#guilds/add-key.ts';
import type { Keyring } from '#guilds/keyring.ts';
import { proveMasterKeys } from '#guilds/prove-keyring.ts';
import { type ListedKey, readKeys } from '#guilds/read-keys.ts';
import { rotateKeys } from '#guilds/rotate-keys.ts';
import type { Rpc } from '#kernel/rpc.ts';
import type { Wish } from './key-wish.ts';
import { operator } from './operator.ts';
import { table } from './table.ts';

type Of<V extends Wish['verb']> = Extract<Wish, { readonly verb: V }>;
export type KeyCommandDeps = {
  readonly rpc: Rpc;
  readonly keyring: () => Promise<Keyring>;
  readonly readKey: () => Promise<string>;
  /** Of an account of which nothing else is said. */
  readonly limits: { readonly perDay: number; readonly atOnce: number };
};
type Deps = KeyCommandDeps;
/** What is said, and whether something was left that a person must see to. */
export type Told = { readonly text: string; readonly isIncomplete: boolean };

const ownerOf = ({ person }: { readonly person: string | undefined }): KeyOwner => (person ? 'person' : 'server');
const whoseOf = ({ guild, person }: { readonly guild: string | null; readonly person: string | null | undefined }) =>
  person ? `person ${person}` : `server ${guild}`;
const many = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

/** The keyring is proven first: a key that was sealed by a wrong one would be lost at once. */
async function provenKeyring({ rpc, keyring }: Deps): Promise<Keyring> {
  const ring = await keyring();
  await proveMasterKeys(rpc, ring);
  return ring;
}

async function set(deps: Deps, wish: Of<'set'>): Promise<string> {
  const keyring = await provenKeyring(deps);
  const key = await deps.readKey();
  const outcome = await addKey(
    { rpc: deps.rpc, keyring, ...deps.limits },
    operator('keys set', { id: wish.person, guild: wish.guild }),
    {
      ...wish,
      owner: ownerOf(wish),
      key,
    },
  );
  if (outcome.kind !== 'stored') throw new Error(`the key was not stored: ${outcome.kind}`);
  const rest = wish.isBeside ? 'beside the others' : 'one that was there before is revoked';
  return `The key •••• ${outcome.last4} of ${whoseOf(wish)} is stored, sealed; ${rest}.`;
}

async function remove({ rpc }: Deps, wish: Of<'remove'>): Promise<string> {
  const { kind } = await removeKey(
    rpc,
    operator('keys remove', { id: wish.person, guild: wish.guild }),
    ownerOf(wish),
    wish.last4,
  );
  const named = wish.last4 === undefined ? '' : ` •••• ${wish.last4}`;
  if (kind === 'no_key') return `There was no key${named} of ${whoseOf(wish)}.`;
  if (kind !== 'removed') throw new Error(`the key was not removed: ${kind}`);
  return wish.last4 === undefined
    ? `Every key of ${whoseOf(wish)} is removed.`
    : `The key${named} of ${whoseOf(wish)} is removed.`;
}

const day = (at: Date | null) => at?.toISOString().slice(0, 16).replace('T', ' ') ?? 'never';

const HEADINGS = ['OF', 'KEY', 'FOR', 'PLAN', 'A DAY', 'AT ONCE', 'MASTER KEY', 'ENTERED', 'USED', 'PROBLEM'];
const rowOf = (key: ListedKey): string[] => [
  whoseOf({ guild: key.guild_id, person: key.owner_id }),
  `•••• ${key.last4}`,
  [key.role && `role ${key.role}`, key.channel && `channel ${key.channel}`].filter(Boolean).join(', ') || 'everybody',
  key.plan,
  String(key.per_day),
  String(key.at_once),
  key.master_key,
  day(key.added_at),
  day(key.used_at),
  key.problem ?? '',
];

async function list({ rpc }: Deps, { guild }: Of<'list'>): Promise<string> {
  const keys = await readKeys(rpc, guild);
  return keys.length === 0 ? 'There are no keys.' : table(HEADINGS, keys.map(rowOf), 220);
}

async function rotate(deps: Deps): Promise<Told> {
  const keyring = await provenKeyring(deps);
  const { done, broken } = await rotateKeys(deps.rpc, keyring);
  const text = `${many(done, 'key')} put under the master key of version ${keyring.active}.`;
  if (broken.length === 0) {
    const rest = 'None is left under another: once every process was started with it, the others can be taken away.';
    return { text: `${text} ${rest}`, isIncomplete: false };
  }
  const which = broken.map((key) => `•••• ${key.last4} of ${whoseOf({ guild: key.guild_id, person: key.owner_id })}`);
  const rest = `cannot be opened, since the seal is broken, and must be entered anew: ${which.join(', ')}.`;
  return { text: `${text}\n${many(broken.length, 'key')} ${rest}`, isIncomplete: true };
}

async function abandon({ rpc, keyring }: Deps, { version }: Of<'abandon'>): Promise<string> {
  const outcome = await abandonMasterKey({ rpc, keyring: await keyring() }, operator('keys abandon'), version);
  if (outcome.kind !== 'abandoned') throw new Error(`not permitted: ${outcome.kind}`);
  const { keys, untold } = outcome;
  const told = `The master key of version ${version} is given up, and with it ${many(keys, 'Jules key')}. Who entered them is told by direct message, as soon as the bot runs.`;
  const silent = untold.map(({ guild, last4 }) => `•••• ${last4} of server ${guild}`);
  return silent.length === 0 ? told : `${told}\nEntered from the shell, so nobody is told of: ${silent.join(', ')}.`;
}

function sentenceOf(deps: Deps, wish: Exclude<Wish, { readonly verb: 'rotate' }>): Promise<string> {
  switch (wish.verb) {
    case 'set':
      return set(deps, wish);
    case 'remove':
      return remove(deps, wish);
    case 'list':
      return list(deps, wish);
    default:
      return abandon(deps, wish);
  }
}

/** Does what an operator wishes, and says what was done. */
export async function keyCommand(deps: KeyCommandDeps, wish: Wish): Promise<Told> {
  if (wish.verb === 'rotate') return rotate(deps);
  return { text: await sentenceOf(deps, wish), isIncomplete: false };
}
