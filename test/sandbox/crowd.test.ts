import { expect, test } from 'vitest';
import { crowdBody, gatherCrowd } from '#sandbox/crowd.ts';
import { addCrowd } from '#sandbox/discord/crowd.ts';
import { defaultWorld } from '#sandbox/discord/seed.ts';
import { permissionsIn } from '#sandbox/discord/views.ts';

const WISH = { name: 'crowd-1', members: 10, approvers: 2, trainees: 3, channels: 2 };

test('a server full of people is told to the bot, and everybody in it has their roles and may be played', () => {
  const world = defaultWorld();
  const told: unknown[] = [];
  world.listeners.add(({ t, d }) => void told.push([t, d]));
  const made = addCrowd(world, WISH);
  expect(told).toEqual([['GUILD_CREATE', expect.objectContaining({ id: made.id, member_count: 11 })]]);
  expect([made.approvers.length, made.trainees.length, made.members.length]).toEqual([2, 3, 5]);
  const rolesOf = (name: string) => {
    const user = world.accounts.get(name);
    return world.guilds.get(made.id)?.members.get(user?.id ?? '')?.roles;
  };
  const { create, confirm, trainee } = made.roles;
  for (const name of made.approvers) expect(rolesOf(name)).toEqual([confirm]);
  for (const name of made.trainees) expect(rolesOf(name)).toEqual([create, trainee]);
  for (const name of made.members) expect(rolesOf(name)).toEqual([create]);
  const channel = world.channels.get(made.channels[1]?.id ?? '');
  if (!channel) throw new Error('there is no second channel');
  const stranger = world.accounts.get('requester')?.id ?? '';
  expect(permissionsIn(world, channel, stranger)).toBe('0');
});

test('a crowd that leaves nobody to ask is refused, and nothing is made', async () => {
  const world = defaultWorld();
  const keys: string[] = [];
  const deps = { repo: 'octo-org/website', addAccount: ({ key }: { key: string }) => void keys.push(key) };
  const wish = crowdBody.parse({ guilds: 2, members: 30, approvers: 5, trainees: 10 });
  await expect(gatherCrowd(world, deps, wish)).rejects.toThrow(/With 15 people in each server nobody would be left/);
  expect([keys, world.guilds.size]).toEqual([[], 1]);
});
