import { afterAll, beforeAll, expect, test } from 'vitest';
import { anActor } from '../support/actors.ts';
import { verdictOn } from '../support/chains.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { anAdmin, CREATE_ROLE } from '../support/tasks.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db?.close());

const OPERATOR = anActor({ id: 'operator', door: 'operator', guild: null, channel: null });
const SERVERS = 6;

test('a master key that is given up beside everything else that writes of keys and servers keeps nobody waiting for ever', async () => {
  const broken: string[] = [];
  for (let round = 0; round < 8; round += 1) {
    const version = `lost${round}`;
    const guilds = Array.from({ length: SERVERS }, (_, at) =>
      String(920_000_000_000_020_000n + BigInt(round * 100 + at)),
    );
    const adminOf = (at: number, nth = 0) =>
      anAdmin({
        guild: guilds[at] ?? '',
        id: String(100_000_000_000_006_000n + BigInt(round * 100 + at * 10 + nth)),
        roles: [CREATE_ROLE],
      });
    const enter = (at: number, owner: 'server' | 'person', nth = 0) => {
      const id = crypto.randomUUID();
      const facts = { id, sealed: 's', wrapped: 'w', kek_version: version, last4: '1a2b', per_day: 100, at_once: 15 };
      const sealed = { ...facts, fingerprint: `${version}-${at % 2}-${owner}`, beside: nth % 2 === 0 };
      return db.rpc('store_key', { actor: adminOf(at, nth), owner, sealed });
    };
    const all = guilds.map((_, at) => at);
    for (const at of all) {
      const changes = { create_roles: [CREATE_ROLE], default_repo: 'octo/repo' };
      await db.rpc('change_settings', { actor: adminOf(at), changes });
      await enter(at, 'server');
      await enter(at, 'person');
    }
    // As if nobody with Manage Server had been seen: the next one is noted in the server's row, before anything of keys.
    await db.sql`update public.guilds set installer_user_id = null where guild_id = any (${guilds})`;
    const accounts = await db.sql`select distinct account_id as id from verne.keys where kek_version = ${version}`;
    await db.sql`update verne.keys set problem = 'no', problem_at = verne.now() where kek_version = ${version}`;
    const acts = all.flatMap((at) => [
      db.rpc('request_task', { actor: adminOf(at), request_key: `${version}-${at}`, wish: { prompt: 'Fix the test' } }),
      enter(at, 'server', 1),
      enter(at, 'person'),
      db.rpc('change_settings', { actor: adminOf(at, 2), changes: { default_branch: 'dev' } }),
      db.rpc('remove_key', { actor: adminOf(at, 3), owner: 'server' }),
      db.rpc('pause_guild', { actor: adminOf(at, 4), pause: false }),
    ]);
    const ends = await Promise.allSettled([
      ...acts.slice(0, SERVERS * 3),
      db.rpc('abandon_master_key', { actor: OPERATOR, version }),
      ...accounts.map(({ id }) => db.sql`select verne.note_key_works(${String(id)})`),
      ...acts.slice(SERVERS * 3),
    ]);
    broken.push(...ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : [])));
    for (const guild of guilds) expect(await verdictOn(db.rpc, guild)).toMatchObject({ kind: 'whole' });
  }
  expect(broken).toEqual([]);
});
