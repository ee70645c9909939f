import { expect } from 'vitest';
import { addKey, removeKey } from '#guilds/add-key.ts';
import { readKeyring } from '#guilds/keyring.ts';
import type { Actor } from '#kernel/actor.ts';
import type { TestDatabase } from './database.ts';
import type { Seeded } from './seeded.ts';
import { aRequester, aServer, aTask, CREATE_ROLE, MASTER_KEYS } from './tasks.ts';

const keyring = readKeyring(MASTER_KEYS);
const ROLES = ['300000000000000021', '300000000000000022'];
const CHANNELS = ['200000000000000021', '200000000000000022'];
const GUILDS = ['900000000000000051', '900000000000000052'];

type Used = {
  readonly requester: string;
  readonly owner: string | null;
  readonly guild: string | null;
  readonly asked_in: string;
};

/**
 * People with and without keys of their own ask in two servers with pools, while keys come and go. Says how many tasks
 * got a key, and which of them got one that is neither their requester's nor their server's.
 */
export async function askAtRandom(db: TestDatabase, random: Seeded, count: number) {
  for (const guild of GUILDS) await aServer(db, { guild, perDay: 100_000, atOnce: 100_000 });
  const deps = { rpc: db.rpc, keyring, perDay: 100_000, atOnce: 100_000 };
  const people = Array.from({ length: 20 }, (_, at) => `1000000000000005${at + 10}`);
  const actorOf = (id: string): Actor =>
    aRequester({
      id,
      guild: random.pick(GUILDS),
      channel: random.pick([...CHANNELS, '200000000000000001']),
      roles: [CREATE_ROLE, ...ROLES.filter(() => random.next() < 0.3)],
    });
  const someKey = () => `a-key-of-many-${random.below(15)}-${'k'.repeat(20)}`;
  const acts: ((actor: Actor) => Promise<unknown>)[] = [
    (actor) => addKey(deps, actor, { owner: 'person', key: someKey() }),
    (actor) => removeKey(db.rpc, actor, 'person'),
    (actor) =>
      addKey(
        deps,
        { ...actor, admin: true },
        {
          owner: 'server',
          key: someKey(),
          pool: { role: random.pick([null, ...ROLES]), channel: random.pick([null, ...CHANNELS]) },
        },
      ),
  ];
  let asked = 0;
  for (let at = 0; at < count; at += 1) {
    const actor = actorOf(random.pick(people));
    if (random.next() < 0.3) await random.pick(acts)(actor);
    await aTask(db, actor, { repo: 'octo/repo' });
    asked += 1;
  }
  const used = await db.sql<Used[]>`
    select t.discord_user_id as requester, k.owner_id as owner, k.guild_id as guild, g.guild_id as asked_in
    from public.tasks t join verne.keys k on k.id = t.key_id join public.guilds g on g.id = t.guild_id`;
  const foreign = used.filter(
    ({ requester, owner, guild, asked_in }) => (owner ?? requester) !== requester || (guild ?? asked_in) !== asked_in,
  );
  expect(used).toHaveLength(asked);
  return { asked, personal: used.filter(({ owner }) => owner !== null).length, foreign };
}
