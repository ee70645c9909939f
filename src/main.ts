import { startVerne } from '#compose.ts';
import { ConfigError, readConfig } from '#config.ts';
import { messageOf, Refusal } from '#kernel/errors.ts';
import { makeLog } from '#kernel/log.ts';

/** sysexits: the configuration is wrong, starting again will not help. */
const EXIT_CONFIG = 78;

/** Says what is wrong without a stack: whoever starts the bot reads this, not its maintainers. */
function refuseToStart(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(EXIT_CONFIG);
}

function configure() {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (error instanceof ConfigError) refuseToStart(error.message);
    throw error;
  }
}

const config = configure();
/** Without a token there is nobody to be on Discord; only a process that just takes requests needs none. */
function tokenOrRefuse(): string {
  const { token, publicKey } = config.discord;
  const needsToken = config.roles.some((role) => role !== 'http');
  if (!token && needsToken) {
    refuseToStart(
      'DISCORD_TOKEN is missing. Put the bot token into .env, or try Verne without any account: npm run sandbox',
    );
  }
  if (!needsToken && !publicKey && config.http.webhookSecrets.length === 0) {
    refuseToStart(
      'VERNE_ROLES is http alone, but neither DISCORD_PUBLIC_KEY nor JULES_WEBHOOK_SECRET is set: nobody could call.',
    );
  }
  return token ?? '';
}

const token = tokenOrRefuse();
const { database, http, masterKeys } = config;
const secrets = [
  token,
  ...(masterKeys?.split(',').map((entry) => entry.split(':').at(-1) ?? '') ?? []),
  ...http.webhookSecrets,
  http.metricsToken ?? '',
  database.supabase?.key ?? '',
  database.url ? decodeURIComponent(new URL(database.url).password) : '',
];
const log = makeLog({ level: config.logLevel, secrets });

let isStopping = false;
const stopping = Promise.withResolvers<string>();
/** Whatever hangs, at the start or at the end, is left where it is: hosts kill without a word a little later. */
function giveUpStopping(): never {
  log.fatal({ event: 'verne.stuck', stopMs: config.stopMs }, 'Verne did not end in time and is broken off.');
  process.exit(1);
}
stopping.promise.then(() => {
  isStopping = true;
  setTimeout(giveUpStopping, config.stopMs).unref();
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.resolve(signal));
// Started by the sandbox, which may be killed without a word.
process.once('disconnect', () => stopping.resolve('parent gone'));
process.on('unhandledRejection', (error) => {
  log.fatal({ err: error }, 'An unhandled rejection: the process cannot trust itself any more.');
  process.exit(1);
});

try {
  const verne = await startVerne(config, token, log);
  log.info({ event: 'verne.started', pid: process.pid }, 'Verne has started.');
  const refused = verne.refused?.catch((error: unknown) =>
    isStopping
      ? stopping.promise
      : refuseToStart(`Discord refuses the token or its intents (${messageOf(error)}). Check DISCORD_TOKEN.`),
  );
  const reason = await Promise.race([stopping.promise, refused ?? stopping.promise]);
  log.info({ event: 'verne.stopping', reason }, 'Verne stops.');
  await verne.stop();
  log.info({ event: 'verne.stopped' }, 'Verne has stopped.');
  process.exit(0);
} catch (error) {
  // What whoever starts the bot can put right themselves: another master key than that of the database.
  if (error instanceof Refusal) refuseToStart(error.sentence);
  log.fatal({ err: error }, `Verne could not start or stop: ${messageOf(error)}`);
  process.exit(1);
}
