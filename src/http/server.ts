import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '#kernel/log.ts';
import { type AppDeps, buildApp } from './app.ts';
import type { Metrics } from './metrics.ts';
import { startPulse } from './pulse.ts';
import type { InteractionsRouteDeps } from './routes/discord-interactions.ts';
import type { HealthDeps } from './routes/health.ts';
import type { Webhook } from './routes/webhooks.ts';
import { sampledLog } from './sampled-log.ts';

export type HttpParts = {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly config: {
    /** 0 takes a free one. */
    readonly port: number;
    readonly host: string;
    readonly trustedProxies: number;
    readonly metricsToken: string | undefined;
  };
  readonly health: Pick<HealthDeps, 'readDatabase' | 'migration' | 'isKeyringSound'>;
  readonly interactions?: Pick<InteractionsRouteDeps, 'verifier' | 'answer'> | undefined;
  readonly webhooks: readonly Webhook[];
  readonly finishWithinMs?: number;
};

export type HttpServer = {
  readonly port: number;
  /** Not ready any more, then nothing new is taken, then what is under way has five seconds. */
  stop(): Promise<void>;
};

const FINISH_WITHIN_MS = 5000;

/** The role `http`: every route, on one port. */
export async function startHttp(parts: HttpParts): Promise<HttpServer> {
  const { log, metrics, config, finishWithinMs = FINISH_WITHIN_MS } = parts;
  const pulse = startPulse();
  let isDraining = false;
  const logRefusal = sampledLog(log);
  const deps: AppDeps = {
    log,
    metrics,
    trustedProxies: config.trustedProxies,
    metricsToken: config.metricsToken,
    health: { ...parts.health, loopLagMs: pulse.lagMs, isDraining: () => isDraining },
    interactions: parts.interactions && {
      ...parts.interactions,
      onVerdict: metrics.verdict,
      logRefusal,
    },
    webhooks: { webhooks: parts.webhooks, logRefusal },
  };
  const app = await buildApp(deps);
  try {
    await app.listen({ port: config.port, host: config.host });
  } catch (error) {
    pulse.stop();
    throw error;
  }
  const [address] = app.addresses();
  const port = typeof address === 'object' ? address.port : config.port;
  log.info({ event: 'http.listening', host: config.host, port, interactions: Boolean(parts.interactions) });
  return {
    port,
    stop: async () => {
      isDraining = true;
      const over = new AbortController();
      const late = sleep(finishWithinMs, undefined, { signal: over.signal }).then(
        () => app.server.closeAllConnections(),
        () => {},
      );
      await app.close();
      over.abort();
      await late;
      pulse.stop();
    },
  };
}
