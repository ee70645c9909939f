import { randomUUID } from 'node:crypto';
import type { APIInteraction, APIInteractionResponse } from 'discord-api-types/v10';
import type { Config } from '#config.ts';
import { masterKeyBeside } from '#db/master-key.ts';
import { readMigrations } from '#db/migrate.ts';
import { type Database, openConfigured } from '#db/open-database.ts';
import { MIGRATIONS } from '#db/open-embedded.ts';
import { type DiscordClient, discordClient } from '#discord/client.ts';
import { commandDefinitions } from '#discord/definitions.ts';
import { type Gateway, startGateway } from '#discord/gateway.ts';
import { discordHandlers } from '#discord/handlers.ts';
import { handleInteraction } from '#discord/interactions.ts';
import { toResponse } from '#discord/reply.ts';
import { proveVerifier, signatureVerifier } from '#discord/signature.ts';
import { fileOriginsOf } from '#discord/threads/files.ts';
import { messageHearer } from '#discord/threads/hear.ts';
import { startConsumer } from '#events/consume.ts';
import { eventHandlers } from '#events/handlers.ts';
import { holdLease } from '#events/hold-lease.ts';
import { readEventStats } from '#events/read-deliveries.ts';
import { readHealth } from '#events/read-health.ts';
import { tell } from '#events/tell.ts';
import { guildHandlers } from '#guilds/handlers.ts';
import { type Keyring, newMasterKey, openKey, readKeyring } from '#guilds/keyring.ts';
import { recordPresence } from '#guilds/presence.ts';
import { opensWhatItSeals, proveMasterKeys } from '#guilds/prove-keyring.ts';
import { type Metrics, makeMetrics } from '#http/metrics.ts';
import type { Webhook } from '#http/routes/webhooks.ts';
import { startHttp } from '#http/server.ts';
import { keyBreakers } from '#jules/breaker.ts';
import { julesClient } from '#jules/client.ts';
import { pooledFetch } from '#jules/pooled-fetch.ts';
import { sessionsAtJules } from '#jules/sessions.ts';
import { isAuthentic, JULES_WEBHOOK, readReport } from '#jules/webhook.ts';
import { Refusal } from '#kernel/errors.ts';
import type { Handler } from '#kernel/handler.ts';
import type { KeyId } from '#kernel/ids.ts';
import type { Log } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { taskHandlers } from '#tasks/handlers.ts';
import { receiveReport } from '#tasks/receive-report.ts';

/** Something that was started, and how to end it. */
type Started = { stop(): Promise<void> };

/** Reads change nothing, and the consumer's own calls are what it is doing already: neither wakes it. */
const QUIET =
  /^(?:read_|(?:claim|renew|return)_deliveries$|settle_delivery$|show_prompt$|begin_message$|(?:take|release)_lease$)/;

/** What one process publishes its own worker hears at once; other processes are notified, or poll. */
function waking(rpc: Rpc, wake: () => void): Rpc {
  return async (name, args, options) => {
    const answer = await rpc(name, args, options);
    if (!QUIET.test(name)) wake();
    return answer;
  };
}

/** What the roles of one process share. */
type Parts = {
  readonly config: Config;
  readonly log: Log;
  readonly keyring: Keyring;
  readonly metrics: Metrics;
  readonly client: DiscordClient;
  readonly door: Rpc;
  readonly worker: Rpc;
  readonly kind: Database['kind'];
};

const BACKOFF_MS = 1000;
const GRACE_MS = 10_000;

/** The role `worker`: every handler there is. */
async function startWorker({ config, log, keyring, metrics, client: toDiscord, worker: rpc }: Parts) {
  const { jules, discord, worker } = config;
  // A delivery makes one call at a time: none waits for a connection after it was allowed to begin.
  const { fetch, close } = pooledFetch({ connections: worker.slots });
  const onCall = metrics.call.bind(metrics, 'jules');
  const breakers = keyBreakers({
    openMs: jules.breakerMs,
    onOpen: (key) => log.warn({ event: 'breaker.open', key }, 'Jules fails again and again with a key'),
    onClose: (key) => log.info({ event: 'breaker.closed', key }, 'Jules answers again'),
  });
  const client = julesClient({ ...jules, fetch, onCall });
  const open = (key: KeyId) => openKey(rpc, keyring, key);
  const sessions = sessionsAtJules({ client, breakers, open, createTimeoutMs: jules.createTimeoutMs });
  const shown = { appId: discord.appId, commands: commandDefinitions() };
  const handlers: Record<string, Handler> = {
    ...eventHandlers({ rpc }),
    ...guildHandlers({ rpc, log }),
    ...taskHandlers({ rpc, sessions, windows: jules }),
    ...discordHandlers({ rpc, client: toDiscord, log, times: discord, ...shown }),
  };
  await rpc('set_rates', { per_minute: config.rates });
  await tell(rpc, { topic: 'service.started', key: 'service:verne' });
  const backoffScale = worker.backoffMs / BACKOFF_MS;
  const consumer = startConsumer({ ...worker, rpc, handlers, backoffScale, log, onDelivery: metrics.delivery });
  return {
    wake: consumer.wake.bind(consumer),
    stop: async () => {
      await consumer.stop({ graceMs: GRACE_MS });
      await close();
    },
  };
}

/** What stands behind both doors: a raw payload in, the answer out. */
function answererOf({ config, log, keyring, metrics, door: rpc }: Parts, door: 'gateway' | 'http') {
  const { perDay, atOnce } = config.jules;
  const { answerMs } = config.discord;
  const deps = {
    rpc,
    keyring,
    perDay,
    atOnce,
    log,
    answerMs,
    door,
    onAnswered: metrics.interaction,
    newCorrelation: randomUUID,
  };
  return async (payload: APIInteraction): Promise<APIInteractionResponse> =>
    toResponse(await handleInteraction(deps, payload));
}

/** So long a message in a thread waits for a database that is away; nobody is there who could be asked to send it again. */
const MESSAGE_PATIENCE_MS = 20_000;

/** What people write in threads, where that is wanted. */
function hearerOf({ config: { discord }, log, client, door: rpc }: Parts) {
  if (!discord.hearsThreads) return undefined;
  const files = { origins: fileOriginsOf(discord.apiBase) };
  return messageHearer({ rpc, client, files, log, newCorrelation: randomUUID, patienceMs: MESSAGE_PATIENCE_MS });
}

/** Over HTTP each renewal is a request: seldom enough for half a request a second in all, often enough for the ten. */
const HTTP_LEASE = { ttlMs: 6000, renewMs: 3000 };

function leaseTimes({ config: { worker }, kind }: Parts) {
  if (kind === 'supabase') return HTTP_LEASE;
  return { ttlMs: worker.gatewayLeaseMs, renewMs: worker.renewMs };
}

/** The role `gateway`: one process at a time holds the socket. `refused` breaks where Discord will never take the token. */
function startGatewayRole(parts: Parts, token: string) {
  const { config, log, client, worker: rpc } = parts;
  const refused = Promise.withResolvers<never>();
  let gateway: Gateway | undefined;
  const lease = holdLease({
    rpc,
    name: 'gateway',
    owner: randomUUID(),
    ...leaseTimes(parts),
    log,
    onHeld: async () => {
      const onInteraction = answererOf(parts, 'gateway');
      const presence = recordPresence({ rpc, log });
      const { apiBase } = config.discord;
      const onMessage = hearerOf(parts);
      gateway = startGateway({ token, apiBase, client, onInteraction, onMessage, presence, log });
      const { ready } = gateway;
      ready.catch((error: unknown) => gateway?.ready === ready && refused.reject(error));
    },
    onLost: async () => {
      const lost = gateway;
      gateway = undefined;
      await lost?.stop();
    },
  });
  return { refused: refused.promise, stop: lease.stop };
}

const WEBHOOK_LIMIT_BYTES = 64 * 1024;
const one = (header: string | string[] | undefined) => (typeof header === 'string' ? header : undefined);

/** What Jules's webhook says is stored as a fact about its task; the worker then asks Jules. */
function julesWebhook({ config, door: rpc }: Parts): Webhook {
  return {
    ...JULES_WEBHOOK,
    bodyLimitBytes: WEBHOOK_LIMIT_BYTES,
    isAuthentic: ({ body, headers }) => {
      const proof = { signature: one(headers['x-verne-signature']), authorization: one(headers['authorization']) };
      return isAuthentic({ body, ...proof }, config.http.webhookSecrets);
    },
    receive: async ({ body }) => {
      const outcome = await receiveReport(rpc, readReport(body, new Date()));
      if (outcome.kind === 'unknown_task') {
        throw new Refusal('unknown_task', 'No task of Verne has this id or this session.');
      }
      if (outcome.kind === 'foreign_pull_request') {
        throw new Refusal(
          'foreign_pull_request',
          `The pull request is not one of ${outcome.repo}, which the task is about.`,
        );
      }
      return outcome;
    },
  };
}

/** The role `http`: Discord's other door, webhooks, health and metrics. */
async function startHttpRole(parts: Parts): Promise<Started> {
  const { config, log, metrics, keyring, door } = parts;
  const { publicKey } = config.discord;
  await proveVerifier();
  const migrations = await readMigrations(MIGRATIONS);
  return startHttp({
    log,
    metrics,
    config: config.http,
    health: {
      readDatabase: (signal) => readHealth(door, { signal }),
      migration: migrations.at(-1)?.version ?? '',
      isKeyringSound: () => opensWhatItSeals(keyring),
    },
    interactions: publicKey
      ? { verifier: await signatureVerifier({ publicKey }), answer: answererOf(parts, 'http') }
      : undefined,
    webhooks: config.http.webhookSecrets.length > 0 ? [julesWebhook(parts)] : [],
  });
}

type Roles = { readonly refused: Promise<never> | undefined };

/** Worker first and doors last, so that what comes in is heard; they end the other way round. */
async function startRoles(parts: Parts, token: string, begin: (one: Started) => void): Promise<Roles> {
  const { roles } = parts.config;
  if (roles.includes('http')) begin(await startHttpRole(parts));
  if (!roles.includes('gateway')) return { refused: undefined };
  const gateway = startGatewayRole(parts, token);
  begin(gateway);
  return { refused: gateway.refused };
}

/** Starts every role that the configuration asks for. What was started before a failure is stopped again. */
export async function startVerne(config: Config, token: string, log: Log): Promise<Started & Roles> {
  const started: Started[] = [];
  const stop = async () => {
    for (const one of started.splice(0).reverse()) await one.stop();
  };
  try {
    const database = await openConfigured(config, log);
    started.push(database);
    const master = config.masterKeys ?? (await masterKeyBeside(database.dataDir ?? '', newMasterKey));
    const keyring = readKeyring(master);
    await proveMasterKeys(database.worker, keyring);
    const metrics = makeMetrics({ readStats: () => readEventStats(database.worker) });
    const { apiBase, timeoutMs } = config.discord;
    const client = discordClient({ token, apiBase, timeoutMs, onCall: metrics.call.bind(metrics, 'discord') });
    started.push({ stop: async () => client.close() });
    let wake = () => {};
    const [door, worker] = [database.door, database.worker].map((rpc) => waking(rpc, () => wake())) as [Rpc, Rpc];
    // Over HTTP the gateway's lease is asked for as well, so the worker beside it asks less often for both to stay within
    // half a request a second; what its own process publishes wakes it anyway.
    const asksMore = database.kind === 'supabase' && config.roles.includes('gateway');
    const pollMs = database.pollMs * (asksMore ? 2.5 : 1);
    const settings = { ...config, worker: { ...config.worker, pollMs } };
    const parts = {
      kind: database.kind,
      config: settings,
      log,
      keyring,
      metrics,
      client,
      door,
      worker,
    };
    if (config.roles.includes('worker')) {
      const consumer = await startWorker(parts);
      started.push(consumer);
      wake = consumer.wake;
      database.listen(wake);
    }
    return { stop, ...(await startRoles(parts, token, (one) => started.push(one))) };
  } catch (error) {
    await stop();
    throw error;
  }
}
