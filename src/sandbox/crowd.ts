import { z } from 'zod';
import { Refusal } from '#kernel/errors.ts';
import { addCrowd, type CrowdGuild } from '#sandbox/discord/crowd.ts';
import type { World } from '#sandbox/discord/world.ts';
import { setUp } from './first-start.ts';

const PLANS = ['free', 'pro', 'ultra'] as const;
const ROLES = ['Trainee'] as const;
type Plan = (typeof PLANS)[number];

export type CrowdDeps = {
  /** Makes an account in the simulated Jules, and the key that opens it. */
  addAccount(account: { readonly key: string; readonly label: string; readonly plan: Plan }): void;
  /** What every server works on unless somebody names another. */
  readonly repo: string;
};

const account = z.strictObject({
  name: z.string().regex(/^[A-Za-z]{1,20}$/, 'must be one word of letters'),
  plan: z.enum(PLANS),
  /** Its key is for people with this role alone. */
  role: z.enum(ROLES).optional(),
});

/** A crowd: so many people in so many servers, which share these Jules accounts. */
export const crowdBody = z.strictObject({
  guilds: z.int().min(1).max(20).default(4),
  members: z.int().min(1).max(5000).default(500),
  /** In each server. */
  channels: z.int().min(1).max(50).default(8),
  approvers: z.int().min(1).max(50).default(5),
  trainees: z.int().min(0).max(100).default(10),
  accounts: z
    .array(account)
    .min(1)
    .default([
      { name: 'Free', plan: 'free', role: 'Trainee' },
      { name: 'Pro', plan: 'pro' },
      { name: 'Ultra', plan: 'ultra' },
    ]),
});

type Wish = z.infer<typeof crowdBody>;

/** They end in their names, so that people tell them apart by the last four characters. */
const keyOf = ({ name }: { readonly name: string }) => `AIzaCrowd-${'0'.repeat(29 - name.length)}${name}`;

/** By its administrator, with the commands of the bot. */
async function setUpGuild(world: World, { accounts, repo }: Wish & CrowdDeps, guild: CrowdGuild) {
  const { roles, approvers, members, channels } = guild;
  const [admin = '', asker = '', channel = ''] = [approvers[0], members[0], channels[0]?.id];
  const keys = accounts.map(({ plan, role, ...one }) => ({
    key: keyOf(one),
    plan,
    ...(role && { role: roles.trainee }),
  }));
  await setUp(world.origin, { people: { admin, asker, channel }, roles, keys, repo });
}

/** Makes the servers, adds the bot to them, and has each set up by its own administrator. */
export async function gatherCrowd(world: World, deps: CrowdDeps, wish: Wish) {
  const { guilds, members, channels, approvers, trainees, accounts } = wish;
  const each = Math.floor(members / guilds);
  if (each <= approvers + trainees)
    throw new Refusal(
      'bad_request',
      `With ${each} people in each server nobody would be left beside its approvers and trainees.`,
    );
  for (const one of accounts) deps.addAccount({ key: keyOf(one), label: one.name, plan: one.plan });
  const first = [...world.guilds.values()].length;
  const made = Array.from({ length: guilds }, (_, nth) =>
    addCrowd(world, {
      name: `crowd-${first + nth}`,
      members: each + Number(nth < members % guilds),
      approvers,
      trainees,
      channels,
    }),
  );
  await Promise.all(made.map((guild) => setUpGuild(world, { ...wish, ...deps }, guild)));
  return { guilds: made };
}
