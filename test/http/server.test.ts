import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { signatureVerifier } from '#discord/signature.ts';
import { makeMetrics } from '#http/metrics.ts';
import { startHttp } from '#http/server.ts';
import { makeLog } from '#kernel/log.ts';
import { healthy, post, publicKey, signed } from './support.ts';

async function start(answer: () => Promise<{ type: 1 }>, facts: { finishWithinMs?: number } = {}) {
  const server = await startHttp({
    log: makeLog({ level: 'silent', secrets: [] }),
    metrics: makeMetrics({ readStats: async () => [] }),
    config: { port: 0, host: '127.0.0.1', trustedProxies: 0, metricsToken: undefined },
    health: healthy,
    webhooks: [],
    interactions: { verifier: await signatureVerifier({ publicKey }), answer },
    ...facts,
  });
  return { ...server, origin: `http://127.0.0.1:${server.port}` };
}

test('a stop takes nothing new, lets what is under way end, and says that the process is not ready', async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<{ type: 1 }>();
  const server = await start(() => {
    begun.resolve();
    return finish.promise;
  });
  const kept = connect(server.port, '127.0.0.1');
  await once(kept, 'connect');
  const underWay = post(server, signed('{"id":"1","type":2}'));
  await begun.promise;
  const stopped = server.stop();
  // A connection from before the stop that has a request half sent is still answered, and told the truth.
  kept.write('GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n');
  const [text] = (await once(kept.setEncoding('utf8'), 'data')) as [string];
  expect(text).toMatch(/^HTTP\/1\.1 503 /);
  expect(text).toContain('"draining":{"ok":false}');
  expect(text.toLowerCase()).toContain('connection: close');
  await expect(post(server, signed('{"id":"2","type":2}'))).rejects.toThrow();
  finish.resolve({ type: 1 });
  const finishedAt = performance.now();
  expect(await (await underWay).json()).toEqual({ type: 1 });
  await stopped;
  // Nobody is left whom only the end of the five seconds would cut off.
  expect(performance.now() - finishedAt).toBeLessThan(3000);
});

test('a request that does not end keeps the process no longer than its time', async () => {
  const begun = Promise.withResolvers<void>();
  const server = await start(
    () => {
      begun.resolve();
      return new Promise(() => {});
    },
    { finishWithinMs: 100 },
  );
  const hanging = expect(post(server, signed('{"id":"1","type":2}'))).rejects.toThrow();
  await begun.promise;
  const startedAt = performance.now();
  await server.stop();
  expect(performance.now() - startedAt).toBeLessThan(2000);
  await hanging;
});

test('a port that is taken is an error of the start', async () => {
  const server = await start(async () => ({ type: 1 }));
  const again = startHttp({
    log: makeLog({ level: 'silent', secrets: [] }),
    metrics: makeMetrics({ readStats: async () => [] }),
    config: { port: server.port, host: '127.0.0.1', trustedProxies: 0, metricsToken: undefined },
    health: healthy,
    webhooks: [],
  });
  await expect(again).rejects.toThrow(/EADDRINUSE/);
  await server.stop();
});
