import { afterAll, beforeAll, expect, test } from 'vitest';
import { addKey } from '#guilds/add-key.ts';
import { openKey, readKeyring } from '#guilds/keyring.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { type KeyId, taskId } from '#kernel/ids.ts';
import { openSession } from '#tasks/open-session.ts';
import type { Sessions } from '#tasks/ports.ts';
import { readTask } from '#tasks/read-task.ts';
import { sweepAccount } from '#tasks/sweep-account.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import {
  aDelivery,
  anAdmin,
  anApprover,
  aTask,
  CONFIRM_ROLE,
  CREATE_ROLE,
  fakeJules,
  MASTER_KEYS,
  someSources,
  WINDOWS,
} from '../support/tasks.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

const keyring = readKeyring(MASTER_KEYS);
const KEY = `AQ.${'one-key-of-two-servers'}`;

/** A fake Jules to which each call opens the stored key first, as the real one does. */
function withStoredKeys(): Sessions {
  const jules = fakeJules();
  const opened = async (key: KeyId) => {
    if (await openKey(db.rpc, keyring, key)) return;
    throw new RemoteFailure('The key is gone.', { service: 'jules', code: 'no_key', retry: 'never' });
  };
  return {
    ...jules,
    create: async (key, wish, options) => {
      const mayBegin = async () => {
        const may = await options.mayBegin();
        if (may) await opened(key);
        return may;
      };
      return jules.create(key, wish, { ...options, mayBegin });
    },
    list: async (key, since, options) => {
      await opened(key);
      return jules.list(key, since, options);
    },
  };
}

async function aServerWithIt(guild: string) {
  const actor = anAdmin({ guild });
  const changes = { create_roles: [CREATE_ROLE], confirm_roles: [CONFIRM_ROLE], default_repo: 'octo/repo' };
  await db.rpc('change_settings', { actor, changes });
  const enter = () => addKey({ rpc: db.rpc, keyring, perDay: 100, atOnce: 15 }, actor, { owner: 'server', key: KEY });
  const keyOf = async () => {
    const [row] = await db.sql`select id, account_id from verne.keys where guild_id = ${guild} and revoked_at is null`;
    await someSources(db, String(row?.['id']));
    return { id: String(row?.['id']), account: String(row?.['account_id']) };
  };
  await enter();
  return { enter, keyOf };
}

test('a broken seal is ended by entering the key anew, not by another server whose copy of the key works', async () => {
  const [mine, theirs] = ['940000000000000012', '940000000000000013'];
  const server = await aServerWithIt(mine);
  const other = await aServerWithIt(theirs);
  const { id, account } = await server.keyOf();
  await other.keyOf();
  const task = await aTask(db, anApprover({ guild: mine }));
  const theirTask = await aTask(db, anApprover({ guild: theirs }));
  await db.sql`update verne.keys set sealed = overlay(sealed placing 'AAAA' from 20) where id = ${id}`;
  const deps = { rpc: db.rpc, sessions: withStoredKeys(), windows: WINDOWS };
  for (let round = 0; round < 4; round += 1) {
    await openSession(deps, aDelivery('task', task.id));
    await openSession(deps, aDelivery('task', theirTask.id));
    await sweepAccount(deps, aDelivery('account', account));
  }
  expect(await db.sql`select outcome from verne.audit where operation = 'keys.open'`).toEqual([
    { outcome: 'broken_seal' },
  ]);
  expect(await db.sql`select from verne.messages where subject = ${`key:${id}`} and view = 'key_lost'`).toHaveLength(1);
  expect((await readTask(db.rpc, taskId(task.id)))?.session?.queue).toEqual({ because: 'key' });

  await server.enter();
  await server.keyOf();
  await sweepAccount(deps, aDelivery('account', account));
  expect(await openSession(deps, aDelivery('task', task.id))).toEqual({ kind: 'done' });
  expect((await readTask(db.rpc, taskId(task.id)))?.session?.phase).toBe('planning');
});
