/** `npm run keys -- set|remove|list|rotate|abandon`: an operator's hand on the Jules keys and on the master keys. */
import { readConfig } from '#config.ts';
import { masterKeyBeside } from '#db/master-key.ts';
import { type Database, openConfigured } from '#db/open-database.ts';
import { abandonMasterKey } from '#guilds/abandon-master-key.ts';
import { addKey, type KeyOwner, removeKey } from '#guilds/add-key.ts';
import { type Keyring, newMasterKey, readKeyring } from '#guilds/keyring.ts';
import { proveMasterKeys } from '#guilds/prove-keyring.ts';
import { type ListedKey, readKeys } from '#guilds/read-keys.ts';
import { rotateKeys } from '#guilds/rotate-keys.ts';
import type { Actor } from '#kernel/actor.ts';
import { messageOf, Refusal } from '#kernel/errors.ts';
import { makeLog } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { readWish, USAGE, type Wish } from './key-wish.ts';
import { readSecret } from './read-secret.ts';
import { table } from './table.ts';

type Of<V extends Wish['verb']> = Extract<Wish, { readonly verb: V }>;
type Deps = { readonly rpc: Rpc; readonly keyring: () => Promise<Keyring> };

function operator(
  verb: string,
  { guild, person }: { readonly guild?: string; readonly person?: string | undefined },
): Actor {
  return {
    id: person ?? 'operator',
    name: 'operator',
    guild: guild ?? null,
    guild_name: null,
    channel: null,
    parent_channel: null,
    roles: [],
    admin: true,
    door: 'operator',
    command: `keys ${verb}`,
    correlation: crypto.randomUUID(),
  };
}

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

/** What is true of the database where the command fails. */
let changing = 'Nothing was changed';

async function set(deps: Deps, wish: Of<'set'>): Promise<string> {
  const { perDay, atOnce } = readConfig(process.env).jules;
  const keyring = await provenKeyring(deps);
  const key = await readSecret('Jules API key');
  const outcome = await addKey({ rpc: deps.rpc, keyring, perDay, atOnce }, operator('set', wish), {
    ...wish,
    owner: ownerOf(wish),
    key,
  });
  if (outcome.kind !== 'stored') throw new Error(`the key was not stored: ${outcome.kind}`);
  const rest = wish.isBeside ? 'beside the others' : 'one that was there before is revoked';
  return `The key •••• ${outcome.last4} of ${whoseOf(wish)} is stored, sealed; ${rest}.`;
}

async function remove({ rpc }: Deps, wish: Of<'remove'>): Promise<string> {
  const { kind } = await removeKey(rpc, operator('remove', wish), ownerOf(wish), wish.last4);
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

async function rotate(deps: Deps): Promise<string> {
  const keyring = await provenKeyring(deps);
  changing = 'Broken off, and begun again with the same command; what was done stays done';
  const { done, broken } = await rotateKeys(deps.rpc, keyring);
  const told = `${many(done, 'key')} put under the master key of version ${keyring.active}.`;
  if (broken.length === 0)
    return `${told} None is left under another: once every process was started with it, the others can be taken away.`;
  process.exitCode = 1;
  const which = broken.map((key) => `•••• ${key.last4} of ${whoseOf({ guild: key.guild_id, person: key.owner_id })}`);
  return `${told}\n${many(broken.length, 'key')} cannot be opened, since the seal is broken, and must be entered anew: ${which.join(', ')}.`;
}

async function abandon({ rpc, keyring }: Deps, { version }: Of<'abandon'>): Promise<string> {
  const outcome = await abandonMasterKey({ rpc, keyring: await keyring() }, operator('abandon', {}), version);
  if (outcome.kind !== 'abandoned') throw new Error(`not permitted: ${outcome.kind}`);
  const { keys, untold } = outcome;
  const told = `The master key of version ${version} is given up, and with it ${many(keys, 'Jules key')}. Who entered them is told by direct message, as soon as the bot runs.`;
  const silent = untold.map(({ guild, last4 }) => `•••• ${last4} of server ${guild}`);
  return silent.length === 0 ? told : `${told}\nEntered from the shell, so nobody is told of: ${silent.join(', ')}.`;
}

function carryOut(deps: Deps, wish: Wish): Promise<string> {
  switch (wish.verb) {
    case 'set':
      return set(deps, wish);
    case 'remove':
      return remove(deps, wish);
    case 'list':
      return list(deps, wish);
    case 'rotate':
      return rotate(deps);
    default:
      return abandon(deps, wish);
  }
}

/** The embedded database keeps one beside it; for any other the configuration has asked for it. */
async function masterKeyOf({ dataDir }: Database): Promise<string> {
  if (!dataDir) throw new Error('VERNE_MASTER_KEYS is missing.');
  return masterKeyBeside(dataDir, newMasterKey);
}

async function run(): Promise<string> {
  const wish = readWish(process.argv.slice(2));
  const config = readConfig(process.env);
  const log = makeLog({ level: 'warn', secrets: [], destination: process.stderr });
  const database = await openConfigured(config, log);
  try {
    const keyring = async () => readKeyring(config.masterKeys ?? (await masterKeyOf(database)));
    return await carryOut({ rpc: database.worker, keyring }, wish);
  } finally {
    await database.stop();
  }
}

try {
  console.log(await run());
} catch (error) {
  const isUsage = error instanceof Refusal && error.code === 'usage';
  console.error(isUsage ? `${messageOf(error)}\n${USAGE}` : `${changing}: ${messageOf(error)}`);
  process.exitCode = isUsage ? 2 : 1;
}
