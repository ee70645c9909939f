import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { startProject } from '../support/project.ts';
import { startSandbox } from '../support/sandbox.ts';

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** Hands requests on to the Data API and notes which functions they call. */
async function countCalls(target: string) {
  const calls: string[] = [];
  const server = createServer(async (request, reply) => {
    calls.push(String(request.url).split('/').at(-1) ?? '');
    const body = Buffer.concat(await Array.fromAsync(request));
    const headers = Object.entries(request.headers).filter(
      ([name]) => !['host', 'connection', 'content-length'].includes(name),
    );
    const answer = await fetch(target + request.url, {
      method: request.method ?? 'GET',
      headers: headers.map(([name, value]) => [name, String(value)] as [string, string]),
      ...(body.length > 0 && { body }),
    });
    reply.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
    reply.end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

test('an idle process with every role asks the Data API at most once in two seconds', async () => {
  const { folder, env } = await startProject((end) => endings.push(end));
  const { url, calls } = await countCalls(env.SUPABASE_URL);
  const sandbox = await startSandbox({
    door: 'gateway',
    database: 'env',
    data: folder,
    env: { ...env, SUPABASE_URL: url },
  });
  endings.push(() => sandbox.stop());
  // What the start itself asks for is over by then.
  await sleep(20_000);
  const before = calls.length;
  await sleep(120_000);
  const asked = calls.slice(before);
  const shares = [...new Set(asked)].map((name) => `${name}: ${asked.filter((one) => one === name).length}`);
  console.info(`${asked.length} calls in 120 s (${shares.join(', ')})`);
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.length / 120).toBeLessThanOrEqual(0.5);
});
