/** The simulated Discord and the people in it as a process of its own, with its truth log. */
import { age } from '#sandbox/discord/age.ts';
import { addCrowd, type CrowdGuild } from '#sandbox/discord/crowd.ts';
import { freePort, httpDoor } from '#sandbox/discord/deliver.ts';
import { createInteract, type Deliver } from '#sandbox/discord/interact.ts';
import type { Message } from '#sandbox/discord/model.ts';
import { createDiscord } from '#sandbox/discord/server.ts';
import { emit } from '#sandbox/discord/world.ts';
import { faultBody, orderFault } from '#sandbox/driver-faults.ts';
import { registerDrivers } from '#sandbox/drivers.ts';
import { setUp } from '#sandbox/first-start.ts';
import { seeded } from '../support/seeded.ts';
import { serve, wishOf } from './ipc.ts';
import { startPeople } from './people.ts';
import { discordFault, type Patience, type Storm, startStorm } from './storms.ts';
import { type Deed, type DiscordEffect, keepTruth } from './truth.ts';

export type DiscordWish = {
  readonly folder: string;
  readonly seed: number;
  readonly key: string;
  readonly repo: string;
  readonly guilds: number;
  readonly patience: Patience;
};

const { folder, seed, key, repo, guilds: count, patience } = wishOf<DiscordWish>();
const random = seeded(seed);
const discord = createDiscord({ latencyMs: 2, limits: { isOn: false, identifyEveryMs: 0 } });
const { world } = discord;

const keep = keepTruth<DiscordEffect>(folder, 'discord');
const POSTS: readonly number[] = [0, 19];
const EFFECTS: Readonly<Record<string, DiscordEffect['kind']>> = {
  MESSAGE_CREATE: 'posted',
  MESSAGE_UPDATE: 'edited',
  MESSAGE_DELETE: 'deleted',
};
const effectOf = (kind: DiscordEffect['kind'], message: Message): DiscordEffect => ({
  at: Date.now(),
  kind,
  message: message.id,
  channel: message.channel_id,
  title: message.embeds[0]?.title ?? '',
  content: message.content,
  nonce: message.nonce === undefined ? undefined : String(message.nonce),
  replyTo: message.message_reference?.message_id,
});
world.listeners.add(({ t, d, audience }) => {
  const kind = EFFECTS[t];
  const message = kind && world.messages.get((d as { id: string }).id);
  if (!kind || !message || audience !== 'bot' || message.author.id !== world.bot.id) return;
  if (POSTS.includes(message.type)) keep(effectOf(kind, message));
});

const port = await freePort();
const door = httpDoor(world, `http://127.0.0.1:${port}/interactions`);
/** Both doors at once, as no application has them: each interaction takes one, by the seed. */
const deliver: Deliver = (interaction, payload, times) => {
  if (random.next() < 0.5) return door.deliver(interaction, payload, times);
  for (let nth = 0; nth < times; nth += 1) emit(world, 'INTERACTION_CREATE', payload);
};
const interact = createInteract(world, { deliver });
registerDrivers(discord.app, { discord, interact });
const { origin, apiBase } = await discord.listen(0);

let guilds: CrowdGuild[] = [];
let people: ReturnType<typeof startPeople> | undefined;
let storm: Storm | undefined;

async function setUpGuilds(): Promise<void> {
  guilds = Array.from({ length: count }, (_, nth) =>
    addCrowd(world, { name: `chaos-${nth + 1}`, members: 12, approvers: 3, trainees: 1, channels: 3 }),
  );
  for (const { roles, approvers, members, channels } of guilds) {
    const [admin = '', asker = '', channel = ''] = [approvers[0], members[0], channels[0]?.id];
    await setUp(origin, { people: { admin, asker, channel }, roles, keys: [{ key, plan: 'ultra' }], repo });
  }
  people = startPeople({ world, interact, guilds, random, keep: keepTruth<Deed>(folder, 'deeds') });
  people.failed.catch((error: unknown) => {
    throw error;
  });
}

serve({
  ready: () => ({ apiBase, port, token: discord.token, appId: world.bot.id, publicKey: door.publicKey }),
  isHeard: async () => world.commands.size > 0 && discord.gateway.connected() > 0 && (await door.isProven()),
  setUp: setUpGuilds,
  begin: (atOnce: number) => people?.begin(atOnce),
  end: () => people?.end(),
  state: () => ({ ...people?.state(), refused: world.refused.count }),
  storm: (everyMs: number) => {
    const arm = () => void orderFault({ discord }, faultBody.parse({ rest: discordFault(random, patience) }));
    storm = startStorm({ everyMs, atOnce: 4, waiting: () => discord.faults.armed().length, arm });
  },
  calm: () => {
    const met = storm?.met() ?? 0;
    storm?.calm();
    discord.faults.clear();
    return met;
  },
  age: (ms: number) => age(world, ms),
});
