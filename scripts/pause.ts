/** `npm run pause -- on|off`: the kill switch of the whole service. */
import { readConfig } from '#config.ts';
import { openConfigured } from '#db/open-database.ts';
import { pauseService } from '#guilds/pause.ts';
import type { Actor } from '#kernel/actor.ts';
import { messageOf } from '#kernel/errors.ts';
import { makeLog } from '#kernel/log.ts';

const USAGE = `npm run pause -- on     nothing new begins at Jules, no plan is approved, in any server
npm run pause -- off    everything that waited goes on`;

const operator: Actor = {
  id: 'operator',
  name: 'operator',
  guild: null,
  guild_name: null,
  channel: null,
  parent_channel: null,
  roles: [],
  admin: true,
  door: 'operator',
  command: 'pause',
  correlation: crypto.randomUUID(),
};

async function turn(isOn: boolean): Promise<string> {
  const log = makeLog({ level: 'warn', secrets: [], destination: process.stderr });
  const database = await openConfigured(readConfig(process.env), log);
  try {
    const outcome = await pauseService(database.worker, operator, isOn);
    if (outcome.kind === 'resumed') return 'Verne works again. What waited goes on.';
    if (outcome.kind !== 'paused_now') throw new Error(`not done: ${outcome.kind}`);
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
    console.error(messageOf(error));
    process.exitCode = 1;
  }
}
