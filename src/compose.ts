import type { APIInteraction } from 'discord-api-types/v10';
import type { Config } from '#config.ts';
import { masterKeyBeside } from '#db/master-key.ts';
import { openEmbeddedDatabase } from '#db/open-embedded.ts';
import { connect, postgresRpc } from '#db/postgres.ts';
import { discordClient } from '#discord/client.ts';
import { startGateway } from '#discord/gateway.ts';
import { discordHandlers } from '#discord/handlers.ts';
import { handleInteraction, type InteractionDeps } from '#discord/interactions.ts';
import { commandDefinitions } from '#discord/register.ts';
import { toResponse } from '#discord/reply.ts';
import { startConsumer } from '#events/consume.ts';
import { eventHandlers } from '#events/handlers.ts';
import { tell } from '#events/tell.ts';
import { type Keyring, newMasterKey, openKey, readKeyring } from '#guilds/keyring.ts';
import { type JulesClient, julesClient } from '#jules/client.ts';
import { pooledFetch } from '#jules/pooled-fetch.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import type { Handler } from '#kernel/handler.ts';
import type { KeyId } from '#kernel/ids.ts';
import type { Log } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { taskHandlers } from '#tasks/handlers.ts';
import type { Sessions } from '#tasks/ports.ts';

/** Something that was started, and how to end it. */
type Started = { stop(): Promise<void> };

/** Jules as tasks see it: the key is opened here, for one call, and is handed to the client alone. */
function sessionsOf(client: JulesClient, open: (key: KeyId) => ReturnType<typeof openKey>): Sessions {
  const keyOf = async (keyId: KeyId) => {
    const key = await open(keyId);
    if (key) return key;
    const what = 'The Jules key of this task was removed or replaced by one of another account.';
    throw new RemoteFailure(what, { service: 'jules', code: 'no_key', retry: 'never' });
  };
  return {
    listSources: async (key, options) => client.listSources(await keyOf(key), {}, options),
    list: async (key, since, options) => {
      const stopAt = ({ createTime }: { createTime: Date | null }) => createTime !== null && createTime < since;
      return client.listSessions(await keyOf(key), { stopAt }, options);
    },
    read: async (key, name, options) => client.getSession(await keyOf(key), { name }, options),
    create: async (key, wish, options) => client.createSession(await keyOf(key), wish, options),
    approve: async (key, name, options) => client.approvePlan(await keyOf(key), { name }, options),
    archive: async (key, name, options) => client.archiveSession(await keyOf(key), { name }, options),
    activities: async (key, wish, options) => client.listActivities(await keyOf(key), wish, options),
  };
}

/** Reads change nothing, and the consumer's own calls are what it is doing already: neither wakes it. */
const QUIET = /^(?:read_|(?:claim|renew|return)_deliveries$|settle_delivery$|show_prompt$|begin_message$)/;

/** What one process publishes its own worker hears at once; other processes poll. */
function waking(rpc: Rpc, wake: () => void): Rpc {
  return async (name, args, options) => {
    const answer = await rpc(name, args, options);
    if (!QUIET.test(name)) wake();
    return answer;
  };
}

/** Two pools: what a person waits for never queues behind what workers do. */
async function openDatabase(config: Config, log: Log) {
  const database = await openEmbeddedDatabase({ ...config.database, log });
  const door = connect(database.workerUrl, {
    max: 5,
    statementTimeoutMs: config.discord.answerMs,
    applicationName: 'verne door',
  });
  const worker = connect(database.workerUrl, {
    max: config.worker.slots,
    statementTimeoutMs: 15_000,
    applicationName: 'verne worker',
  });
  return {
    dataDir: database.dataDir,
    door: postgresRpc(door),
    worker: postgresRpc(worker),
    stop: async () => {
      await Promise.all([door.end({ timeout: 5 }), worker.end({ timeout: 5 })]);
      await database.close();
    },
  };
}

type Parts = {
  readonly config: Config;
  readonly token: string;
  readonly log: Log;
  readonly keyring: Keyring;
  readonly door: Rpc;
  readonly worker: Rpc;
};

const BACKOFF_MS = 1000;
const GRACE_MS = 10_000;

function composeHandlers({ config, keyring, worker: rpc, log, token }: Parts) {
  const { jules } = config;
  const client = discordClient({ token, apiBase: config.discord.apiBase, timeoutMs: config.discord.timeoutMs });
  const { fetch, close } = pooledFetch();
  const sessions = sessionsOf(julesClient({ ...jules, fetch }), (key) => openKey(rpc, keyring, key));
  const handlers: Record<string, Handler> = {
    ...eventHandlers({ rpc }),
    ...taskHandlers({ rpc, sessions, windows: jules }),
    ...discordHandlers({
      rpc,
      client,
      log,
      times: config.discord,
      appId: config.discord.appId,
      commands: commandDefinitions(),
    }),
  };
  return { client, handlers, close };
}

/**
 * The worker and the gateway door in one process; they end in reverse order. Gives back the gateway's readiness, which
 * breaks where Discord refuses the token for good: a Discord that is only away is waited for.
 */
async function startRoles(parts: Parts, started: Started[]) {
  const { config, log, keyring, token } = parts;
  let wake = () => {};
  const worker = waking(parts.worker, () => wake());
  const { client, handlers, close } = composeHandlers({ ...parts, worker });
  started.push({
    stop: async () => {
      client.close();
      await close();
    },
  });

  await tell(worker, { topic: 'service.started', key: 'service:verne' });
  const { slots, leaseMs, renewMs, pollMs, backoffMs } = config.worker;
  const backoffScale = backoffMs / BACKOFF_MS;
  const consumer = startConsumer({ rpc: worker, handlers, slots, leaseMs, renewMs, pollMs, backoffScale, log });
  wake = () => consumer.wake();
  started.push({ stop: () => consumer.stop({ graceMs: GRACE_MS }) });

  const doorDeps: InteractionDeps = {
    rpc: waking(parts.door, () => wake()),
    keyring,
    perDay: config.jules.perDay,
    atOnce: config.jules.atOnce,
    log,
    answerMs: config.discord.answerMs,
    door: 'gateway',
    newCorrelation: () => crypto.randomUUID(),
  };
  const gateway = startGateway({
    token,
    apiBase: config.discord.apiBase,
    client,
    onInteraction: async (payload: APIInteraction) => toResponse(await handleInteraction(doorDeps, payload)),
    log,
  });
  started.push(gateway);
  return { connected: gateway.ready };
}

/** Starts everything that the configuration asks for. What was started before a failure is stopped again. */
export async function startVerne(config: Config, token: string, log: Log): Promise<Started & { ready: Promise<void> }> {
  const started: Started[] = [];
  const stop = async () => {
    for (const one of started.splice(0).reverse()) await one.stop();
  };
  try {
    const database = await openDatabase(config, log);
    started.push(database);
    const master = config.masterKeys ?? (await masterKeyBeside(database.dataDir, newMasterKey));
    const { door, worker } = database;
    const ready = await startRoles({ config, token, log, keyring: readKeyring(master), door, worker }, started);
    return { stop, ready: ready.connected };
  } catch (error) {
    await stop();
    throw error;
  }
}
