/** `npm run pause -- on|off`: the kill switch of the whole service. */
import { readConfig } from '#config.ts';
import { openConfigured } from '#db/open-database.ts';
import { pauseService } from '#guilds/pause.ts';
import { messageOf } from '#kernel/errors.ts';
import { makeLog } from '#kernel/log.ts';
import { operator } from './operator.ts';

const USAGE = `npm run pause -- on     nothing new begins at Jules, no plan is approved, in any server
npm run pause -- off    everything that waited goes on`;

async function turn(isOn: boolean): Promise<string> {
  const log = makeLog({ level: 'warn', secrets: [], destination: process.stderr });
  const database = await openConfigured(readConfig(process.env), log);
  try {
    const outcome = await pauseService(database.worker, operator('pause'), isOn);
    if (outcome.kind === 'resumed') return 'Verne works again. What waited goes on.';
    if (outcome.kind !== 'paused_now') throw new Error('the database does not take this command from an operator.');
    return `Verne is paused everywhere since ${outcome.since?.toISOString()}. End it with: npm run pause -- off`;
  } finally {
    await database.stop();
  }
}

const [word, ...rest] = process.argv.slice(2);
if ((word !== 'on' && word !== 'off') || rest.length > 0) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  try {
    console.log(await turn(word === 'on'));
  } catch (error) {
    console.error(`Nothing was changed: ${messageOf(error)}`);
    process.exitCode = 1;
  }
}
