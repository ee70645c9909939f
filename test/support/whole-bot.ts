import { startVerne } from '#compose.ts';
import { readConfig } from '#config.ts';
import { addKey } from '#guilds/add-key.ts';
import { readKeyring } from '#guilds/keyring.ts';
import { changeSettings } from '#guilds/settings.ts';
import { makeLog } from '#kernel/log.ts';
import { createInteract } from '#sandbox/discord/interact.ts';
import { addBot, removeBot } from '#sandbox/discord/membership.ts';
import { createDiscord } from '#sandbox/discord/server.ts';
import { scaledWaits } from '#sandbox/durations.ts';
import { startJules } from '#sandbox/jules/server.ts';
import { anActor } from './actors.ts';
import type { TestDatabase } from './database.ts';

const MASTER = `1:${Buffer.alloc(32, 1).toString('base64')}`;
const KEY = 'AIzaWholeBot-000000000000000000000000000';
const SPEED = 40;
const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

/**
 * The bot as it runs, but in this process, between a simulated Discord and a simulated Jules, over a database of the
 * test's own. More `bots` are workers beside the first one.
 */
export async function startWholeBot(db: TestDatabase, { bots = 1 }: { readonly bots?: number } = {}) {
  const discord = createDiscord({ latencyMs: 0, limits: { isOn: false, identifyEveryMs: 0 } });
  const { apiBase } = await discord.listen(0);
  const jules = await startJules({ speed: SPEED });
  const source = { owner: 'octo', repo: 'repo', defaultBranch: 'main', branches: ['main'] };
  jules.control.addAccount({ key: KEY, label: 'whole', sources: [source], perDay: 10_000, atOnce: 1000 });
  const { world } = discord;
  const [guild] = world.guilds.values();
  const [channel] = world.channels.values();
  if (!guild || !channel) throw new Error('the simulated world is empty');
  const role = (name: string) => guild.roles.find((one) => one.name === name)?.id ?? '';
  const admin = anActor({ id: '1190000000000000044', name: 'owner', guild: guild.id, admin: true });
  const changes = {
    create_roles: [role('Developer')],
    confirm_roles: [role('Release approver')],
    default_repo: 'octo/repo',
  };
  await changeSettings(db.rpc, admin, changes);
  await addKey({ rpc: db.rpc, keyring: readKeyring(MASTER), perDay: 10_000, atOnce: 1000 }, admin, {
    owner: 'server',
    key: KEY,
  });
  const env = {
    ...scaledWaits(SPEED),
    VERNE_POLL_MS: '200',
    VERNE_PERSON_PER_MINUTE: '1000000',
    VERNE_PERSON_IN_SERVER_PER_MINUTE: '1000000',
    VERNE_SERVER_PER_MINUTE: '1000000',
    DATABASE_URL: db.workerUrl,
    DISCORD_TOKEN: discord.token,
    DISCORD_APP_ID: world.bot.id,
    DISCORD_API_BASE: apiBase,
    JULES_API_BASE: jules.url,
    VERNE_MASTER_KEYS: MASTER,
    VERNE_LOG_LEVEL: 'silent',
  };
  const log = makeLog({ level: 'silent', secrets: [] });
  const running: Awaited<ReturnType<typeof startVerne>>[] = [];
  for (let nth = 0; nth < bots; nth += 1) {
    const config = readConfig({ ...env, VERNE_ROLES: nth === 0 ? 'gateway,worker' : 'worker' });
    running.push(await startVerne(config, discord.token, log));
  }
  const until = async <Found>(
    what: string,
    look: () => Found | undefined | false | Promise<Found | undefined | false>,
    withinMs = 20_000,
  ) => {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const found = await look();
      if (found) return found;
      if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
      await pause(15);
    }
  };
  await until('the gateway', () => discord.gateway.connected() > 0 && world.commands.size > 0);
  const interact = createInteract(world);
  // What comes in the moment before the connection is ready is heard by nobody.
  const isAnswered = () =>
    interact.command({ as: 'requester', name: 'can-i', options: {} }).then(
      () => true,
      () => false,
    );
  for (let tries = 0; !(await isAnswered()); tries += 1) if (tries > 5) throw new Error('the bot does not answer');
  const cards = () =>
    [...world.messages.values()].filter((message) => message.embeds.length > 0 && message.channel_id === channel.id);
  const cardOf = (prompt: string) => cards().find((card) => JSON.stringify(card.embeds).includes(prompt));
  return {
    discord,
    jules,
    world,
    guild,
    admin,
    interact,
    until,
    cardOf,
    titleOf: (prompt: string) => cardOf(prompt)?.embeds[0]?.title ?? '',
    ask: (prompt: string) => interact.command({ as: 'requester', name: 'jules', options: { prompt } }),
    async confirm(prompt: string) {
      const card = await until(`the card of ${prompt}`, () => cardOf(prompt));
      const button = JSON.stringify(card.components).match(/v1:confirm:[0-9a-f-]+/)?.[0] ?? '';
      return interact.press({ as: 'approver', message: card.id, custom_id: button });
    },
    endsOf: (prompt: string) => {
      const card = cardOf(prompt);
      return [...world.messages.values()].filter((one) => card && one.message_reference?.message_id === card.id);
    },
    /** What began at Jules by the bot: sessions and approvals of plans, by when. */
    begun: () =>
      jules.control.truth
        .filter(({ kind }) => kind === 'created' || kind === 'approved')
        .map(({ kind, title }) => `${kind} ${title}`),
    remove: () => removeBot(world),
    add: () => addBot(world),
    async stop() {
      for (const one of running.toReversed()) await one.stop();
      await jules.close();
      await discord.close();
    },
  };
}

export type WholeBot = Awaited<ReturnType<typeof startWholeBot>>;
