import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { supabaseRpc } from '#db/supabase.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { freshDatabase } from '../support/database.ts';
import { startPostgrest } from '../support/postgrest.ts';

/** What real sockets and a real PostgREST do; the answers that neither gives are in supabase.test.ts. */

const KEY = 'sb_secret_of-nobody';
const ask = (rpc: Rpc) =>
  rpc('read_subscriptions', {}).then(
    (result) => expect.fail(`answered ${JSON.stringify(result)}`),
    (thrown: unknown) => thrown as Error,
  );

async function againstSocket(behave: (socket: Socket) => void, work: (url: string) => Promise<void>) {
  const listener = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => behave(socket));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  try {
    await work(`http://127.0.0.1:${(listener.address() as AddressInfo).port}`);
  } finally {
    listener.close();
  }
}

test.each([
  ['a connection that is reset', (socket: Socket) => void socket.resetAndDestroy(), /ECONNRESET|UND_ERR_SOCKET/],
  ['a connection that closes', (socket: Socket) => void socket.end(), /UND_ERR_SOCKET/],
  [
    'a result that breaks off',
    (socket: Socket) =>
      void socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"kind"'),
    /UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH/,
  ],
])('%s has an unknown outcome', async (_, behave, code) => {
  await againstSocket(behave, async (url) => {
    expect(await ask(supabaseRpc({ url, key: KEY, timeoutMs: 2000 }))).toMatchObject({
      code: expect.stringMatching(code),
      retry: 'soon',
      unknownOutcome: true,
    });
  });
});

test('nothing that listens is nothing done', async () => {
  let closed = '';
  await againstSocket(
    () => {},
    async (url) => {
      closed = url;
    },
  );
  const error = await ask(supabaseRpc({ url: closed, key: KEY, timeoutMs: 2000 }));
  expect(error).toMatchObject({ code: 'ECONNREFUSED', retry: 'soon', unknownOutcome: false });
});

test('real PostgREST refuses every wrong key, and the variable is named', async () => {
  const db = await freshDatabase();
  const postgrest = await startPostgrest(db);
  const timeoutMs = 5000;
  const { url } = postgrest;
  try {
    const expired = await postgrest.userToken({ sub: 'x', role: 'service_role', expiresInS: -120 });
    for (const key of [
      postgrest.anonKey,
      await postgrest.userToken({ sub: 'x' }),
      expired,
      `${postgrest.serviceKey}x`,
      'sb_secret_x',
    ]) {
      const error = await ask(supabaseRpc({ url, key, timeoutMs }));
      expect(error).toMatchObject({ retry: 'never', service: 'database' });
      expect(error.message).toMatch(/SUPABASE_SERVICE_ROLE_KEY/);
    }
  } finally {
    await postgrest.stop();
    await db.close();
  }
});

test('a connection of PostgREST that is cut while a call runs has an unknown outcome, and the next call works', async () => {
  const db = await freshDatabase();
  await db.sql.unsafe(`
    create function public.doze(seconds int) returns jsonb language sql as $$ select to_jsonb(pg_sleep(seconds)::text) $$;
    grant execute on function public.doze to service_role`);
  const postgrest = await startPostgrest(db);
  try {
    const rpc = supabaseRpc({ url: postgrest.url, key: postgrest.serviceKey, timeoutMs: 10_000 });
    const dozing = rpc('doze', { seconds: 60 }).catch((thrown: unknown) => thrown);
    await expect
      .poll(
        () => db.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where usename = 'authenticator' and datname = ${db.name} and wait_event = 'PgSleep'`,
      )
      .toHaveLength(1);
    expect(await dozing).toMatchObject({ service: 'database', retry: 'soon', unknownOutcome: true });
    await expect.poll(() => rpc('doze', { seconds: 0 })).toBe('');
  } finally {
    await postgrest.stop();
    await db.close();
  }
});
