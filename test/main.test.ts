import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readKeyring } from '#guilds/keyring.ts';
import { proveMasterKeys } from '#guilds/prove-keyring.ts';
import { freshDatabase } from './support/database.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Takes connections and says nothing. */
async function startSilence() {
  const taken: Socket[] = [];
  const server = createServer((socket) => void taken.push(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    url: `postgres://verne_worker:x@127.0.0.1:${(server.address() as AddressInfo).port}/postgres`,
    stop: () => {
      for (const socket of taken) socket.destroy();
      server.close();
    },
  };
}

test('a process with another master key than that of its database says so without a stack, and ends as one that is configured wrongly', async () => {
  const db = await freshDatabase();
  const masters = (byte: number) => `1:${Buffer.alloc(32, byte).toString('base64')}`;
  await proveMasterKeys(db.rpc, readKeyring(masters(1)));
  const env = {
    PATH: process.env['PATH'],
    DATABASE_URL: db.workerUrl,
    VERNE_MASTER_KEYS: masters(2),
    DISCORD_TOKEN: 'none',
    VERNE_ROLES: 'worker',
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const said = text(child.stderr);
    expect(await once(child, 'exit', { signal: AbortSignal.timeout(40_000) })).toEqual([78, null]);
    expect(await said).toMatch(/^VERNE_MASTER_KEYS has another master key under version 1 [^\n]*\n$/);
    expect(await said).not.toContain(masters(2).slice(2, 12));
  } finally {
    child.kill('SIGKILL');
    await db.close();
  }
});

test('a process that is told to stop while it waits for a silent database ends in time and says so', async () => {
  const silence = await startSilence();
  const env = {
    PATH: process.env['PATH'],
    DISCORD_TOKEN: 'none',
    DATABASE_URL: silence.url,
    VERNE_MASTER_KEYS: `1:${Buffer.alloc(32, 1).toString('base64')}`,
    VERNE_ROLES: 'worker',
    VERNE_STOP_MS: '100',
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const said = text(child.stdout);
    await once(silence.server, 'connection', { signal: AbortSignal.timeout(40_000) });
    child.kill('SIGTERM');
    expect(await once(child, 'exit', { signal: AbortSignal.timeout(5000) })).toEqual([1, null]);
    expect(await said).toContain('verne.stuck');
  } finally {
    child.kill('SIGKILL');
    silence.stop();
  }
});
