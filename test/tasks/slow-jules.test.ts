import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openKey, readKeyring } from '#guilds/keyring.ts';
import { pauseGuild } from '#guilds/pause.ts';
import { keyBreakers } from '#jules/breaker.ts';
import type { Fetch } from '#jules/call.ts';
import { julesClient } from '#jules/client.ts';
import { sessionsAtJules } from '#jules/sessions.ts';
import { taskId } from '#kernel/ids.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { followSession } from '#tasks/follow-session.ts';
import { openSession } from '#tasks/open-session.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aDelivery, anAdmin, anApprover, aServer, aTask, MASTER_KEYS, someSources, WINDOWS } from '../support/tasks.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

const keyring = readKeyring(MASTER_KEYS);

async function until(what: string, isSo: () => boolean) {
  const deadline = performance.now() + 15_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await sleep(5);
  }
}

/** A Jules whose creations take as long as the test wants. */
function aSlowJules() {
  const posts: string[] = [];
  const held = Promise.withResolvers<void>();
  const fetch: Fetch = async (url, init) => {
    const path = new URL(url).pathname.slice(1);
    const name = `sessions/${crypto.randomUUID().replaceAll(/\D/g, '')}`;
    if (init.method === 'POST') posts.push(path.replace(/sessions\/\d+/, 'one'));
    if (init.method === 'POST' && path === 'sessions') await held.promise;
    const plan = { planGenerated: { plan: { id: 'p', steps: [{ id: 's', title: 'Look' }] } } };
    const activity = { name: `${path}/1`, createTime: new Date().toISOString(), ...plan };
    const body = path.endsWith('/activities')
      ? { activities: [activity] }
      : { name: path === 'sessions' ? name : path, state: 'AWAITING_PLAN_APPROVAL' };
    return Response.json(body) as Awaited<ReturnType<Fetch>>;
  };
  const atJules = sessionsAtJules({
    client: julesClient({ apiBase: 'http://jules', fetch, timeoutMs: 10_000, createTimeoutMs: 30_000 }),
    breakers: keyBreakers({ openMs: 60_000 }),
    open: (key) => openKey(db.rpc, keyring, key),
    createTimeoutMs: 30_000,
  });
  let waiting = 0;
  const create: typeof atJules.create = (...args) => {
    waiting += 1;
    return atJules.create(...args);
  };
  return { posts, release: held.resolve, waiting: () => waiting, sessions: { ...atJules, create } };
}

const stops = {
  'a pause': (guild: string) => pauseGuild(db.rpc, anAdmin({ guild }), true),
  'the removal of the key': (guild: string) =>
    db.rpc('remove_key', { actor: anAdmin({ guild }), owner: 'server' }) as Promise<unknown>,
  'the removal of the bot': (guild: string) => db.rpc('leave_guild', { guild_id: guild }) as Promise<unknown>,
  'a cancel': (guild: string, ids: readonly string[]) =>
    Promise.all(
      ids.map((id) => decideTask(db.rpc, anApprover({ guild }), { taskId: taskId(id), verb: 'cancel' })),
    ) as Promise<unknown>,
};

test.each(Object.entries(stops).map(([what, stop], at) => [what, stop, `9300000000000001${at}0`] as const))(
  'what waits for its turn while Jules is slow is not created after %s (G08, C10, R12)',
  async (_what, stop, guild) => {
    await someSources(db, await aServer(db, { guild }));
    const jules = aSlowJules();
    const deps = { rpc: db.rpc, sessions: jules.sessions, windows: WINDOWS };
    const ids: string[] = [];
    for (let nth = 0; nth < 4; nth += 1) ids.push((await aTask(db, anApprover({ guild }))).id);
    const opened = ids.map((id) => openSession(deps, aDelivery('task', id)));
    await until('two asked and two wait', () => jules.posts.length === 2 && jules.waiting() === 4);
    await stop(guild, ids);
    jules.release();
    await Promise.all(opened);
    expect(jules.posts).toEqual(['sessions', 'sessions']);
    const left = await db.sql`select attempted_at from verne.sessions where tenant = ${guild} and name is null`;
    expect(left).toEqual([{ attempted_at: null }, { attempted_at: null }]);
  },
);

test.each(['a pause', 'a cancel'] as const)(
  'no plan is approved after %s that came when all was recorded',
  async (what) => {
    const guild = `93000000000000020${what.length}`;
    await someSources(db, await aServer(db, { guild }));
    const jules = aSlowJules();
    jules.release();
    const { id } = await aTask(db, anApprover({ guild }));
    const deps = { rpc: db.rpc, sessions: jules.sessions, windows: WINDOWS };
    await openSession(deps, aDelivery('task', id));
    const rpc: TestDatabase['rpc'] = async (name, ...rest) => {
      const answer = await db.rpc(name, ...rest);
      if (name === 'record_session') await stops[what](guild, [id]);
      return answer;
    };
    await followSession({ ...deps, rpc }, aDelivery('task', id));
    expect(jules.posts).toEqual(['sessions']);
    await pauseGuild(db.rpc, anAdmin({ guild }), false);
    await followSession(deps, aDelivery('task', id));
    expect(jules.posts).toEqual(['sessions', what === 'a pause' ? 'one:approvePlan' : 'one:archive']);
  },
);
