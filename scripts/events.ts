/** `npm run events -- list | show | dead | replay | discard | stats`: the operator's look at deliveries. */
import { parseArgs } from 'node:util';
import { ConfigError, readConfig } from '#config.ts';
import { openConfigured } from '#db/open-database.ts';
import { messageOf, RemoteFailure } from '#kernel/errors.ts';
import { makeLog } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { eventCommand, USAGE, UsageError, type Wish } from './event-commands.ts';

const EXIT_USAGE = 2;
const EXIT_FAILED = 3;

function readArguments(args: readonly string[]): { readonly wish: Wish; readonly isJson: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        state: { type: 'string' },
        topic: { type: 'string' },
        subscriber: { type: 'string' },
        limit: { type: 'string' },
        reason: { type: 'string' },
        all: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    });
    const [command = '', ...ids] = positionals;
    return { wish: { command, ids, options: values }, isJson: values.json ?? false };
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

async function withDatabase<Result>(work: (rpc: Rpc) => Promise<Result>): Promise<Result> {
  // Standard output is the answer's; the log has the other one.
  const log = makeLog({ level: 'warn', secrets: [], destination: process.stderr });
  const database = await openConfigured(readConfig(process.env), log);
  try {
    return await work(database.worker);
  } finally {
    await database.stop();
  }
}

async function main() {
  try {
    const { wish, isJson } = readArguments(process.argv.slice(2));
    const { data, text, exitCode } = await withDatabase(eventCommand(wish));
    console.log(isJson ? JSON.stringify(data, null, 2) : text);
    process.exitCode = exitCode;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\n${USAGE}`);
      process.exitCode = EXIT_USAGE;
    } else if (error instanceof ConfigError || error instanceof RemoteFailure) {
      console.error(error.message);
      process.exitCode = EXIT_FAILED;
    } else throw error;
  }
}

await main();
