/** `npm run keys -- set|remove --guild ID [--person ID]`: an operator enters a Jules key. It is read from standard input. */
import { parseArgs } from 'node:util';
import { readConfig } from '#config.ts';
import { masterKeyBeside } from '#db/master-key.ts';
import { type Database, openConfigured } from '#db/open-database.ts';
import { addKey, type KeyOwner, removeKey } from '#guilds/add-key.ts';
import { newMasterKey, readKeyring } from '#guilds/keyring.ts';
import type { Actor } from '#kernel/actor.ts';
import { messageOf, Refusal } from '#kernel/errors.ts';
import { makeLog } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { readSecret } from './read-secret.ts';

const USAGE = `npm run keys -- set    --guild ID [--person ID]   reads the key from standard input
npm run keys -- remove --guild ID [--person ID]
--guild: the Discord server's id. --person: a person's own key instead of the server's.`;

type Wish = { readonly verb: 'set' | 'remove'; readonly guild: string; readonly person: string | undefined };

function readWish(): Wish {
  const options = { guild: { type: 'string' }, person: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [verb] = positionals;
  const isId = (id: string | undefined) => id === undefined || /^\d{15,20}$/.test(id);
  if (verb !== 'set' && verb !== 'remove') throw new Refusal('usage', 'Say what to do: set or remove.');
  if (!values.guild || !isId(values.guild))
    throw new Refusal('usage', '--guild wants the id of a Discord server, 15 to 20 digits.');
  if (!isId(values.person)) throw new Refusal('usage', '--person wants the id of a Discord user, 15 to 20 digits.');
  return { verb, guild: values.guild, person: values.person };
}

function operator({ guild, person, verb }: Wish): Actor {
  return {
    id: person ?? 'operator',
    name: 'operator',
    guild,
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

async function carryOut(rpc: Rpc, wish: Wish, master: string): Promise<string> {
  const { jules } = readConfig(process.env);
  const actor = operator(wish);
  const owner: KeyOwner = wish.person ? 'person' : 'server';
  const whose = wish.person ? `person ${wish.person}` : `server ${wish.guild}`;
  if (wish.verb === 'remove') {
    const { kind } = await removeKey(rpc, actor, owner);
    return kind === 'removed' ? `The key of ${whose} is removed.` : `There was no key of ${whose}.`;
  }
  const deps = { rpc, keyring: readKeyring(master), perDay: jules.perDay, atOnce: jules.atOnce };
  const outcome = await addKey(deps, actor, { owner, key: await readSecret('Jules API key') });
  if (outcome.kind !== 'stored') throw new Error(`the key was not stored: ${outcome.kind}`);
  return `The key •••• ${outcome.last4} of ${whose} is stored, sealed.`;
}

/** The embedded database keeps one beside it; for any other the configuration has asked for it. */
async function masterKeyOf({ dataDir }: Database): Promise<string> {
  if (!dataDir) throw new Error('VERNE_MASTER_KEYS is missing.');
  return masterKeyBeside(dataDir, newMasterKey);
}

async function run(): Promise<string> {
  const wish = readWish();
  const config = readConfig(process.env);
  const log = makeLog({ level: 'warn', secrets: [], destination: process.stderr });
  const database = await openConfigured(config, log);
  try {
    return await carryOut(database.worker, wish, config.masterKeys ?? (await masterKeyOf(database)));
  } finally {
    await database.stop();
  }
}

try {
  console.log(await run());
} catch (error) {
  const isUsage = error instanceof Refusal && error.code === 'usage';
  console.error(isUsage ? `${messageOf(error)}\n${USAGE}` : `Nothing was changed: ${messageOf(error)}`);
  process.exitCode = isUsage ? 2 : 1;
}
