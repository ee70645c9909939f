/** `npm run keys -- set|remove|list|rotate|abandon`: an operator's hand on the Jules keys and on the master keys. */
import { readConfig } from '#config.ts';
import { masterKeyBeside } from '#db/master-key.ts';
import { type Database, openConfigured } from '#db/open-database.ts';
import { newMasterKey, readKeyring } from '#guilds/keyring.ts';
import { messageOf, Refusal } from '#kernel/errors.ts';
import { makeLog } from '#kernel/log.ts';
import { keyCommand, type Told } from './key-commands.ts';
import { readWish, USAGE, type Wish } from './key-wish.ts';
import { readSecret } from './read-secret.ts';

/** The embedded database keeps one beside it; for any other the configuration has asked for it. */
async function masterKeyOf({ dataDir }: Database): Promise<string> {
  if (!dataDir) throw new Error('VERNE_MASTER_KEYS is missing.');
  return masterKeyBeside(dataDir, newMasterKey);
}

async function run(wish: Wish): Promise<Told> {
  const config = readConfig(process.env);
  const log = makeLog({ level: 'warn', secrets: [], destination: process.stderr });
  const database = await openConfigured(config, log);
  try {
    const deps = {
      rpc: database.worker,
      keyring: async () => readKeyring(config.masterKeys ?? (await masterKeyOf(database))),
      readKey: () => readSecret('Jules API key'),
      limits: config.jules,
    };
    return await keyCommand(deps, wish);
  } finally {
    await database.stop();
  }
}

function wishOrUsage(): Wish {
  try {
    return readWish(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Refusal ? `${messageOf(error)}\n${USAGE}` : messageOf(error));
    process.exit(2);
  }
}

const wish = wishOrUsage();
try {
  const { text, isIncomplete } = await run(wish);
  console.log(text);
  if (isIncomplete) process.exitCode = 1;
} catch (error) {
  const left =
    wish.verb === 'rotate'
      ? 'Not all keys were put over; what was done stays done, and the same command goes on with the rest'
      : 'Nothing was changed';
  console.error(`${left}: ${messageOf(error)}`);
  process.exitCode = 1;
}
