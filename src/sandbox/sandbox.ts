import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageFlags } from 'discord-api-types/v10';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '#db/open-embedded.ts';
import { makeLog } from '#kernel/log.ts';
import { freePort, type HttpDoor, httpDoor } from './discord/deliver.ts';
import { createInteract } from './discord/interact.ts';
import { defaultWorld } from './discord/seed.ts';
import { createDiscord, type Discord } from './discord/server.ts';
import { emit, type World } from './discord/world.ts';
import { registerDrivers } from './drivers.ts';
import { scaledWaits } from './durations.ts';
import { setUp } from './first-start.ts';
import { startJules } from './jules/server.ts';
import { type Processes, startProcesses } from './processes.ts';
import type { BotFacts } from './state.ts';
import { registerPage } from './static.ts';

export type SandboxWish = {
  /** 0 takes a free one. */
  readonly port: number;
  readonly speed: number;
  /** How interactions reach the bot: by its connection to the gateway, or as signed requests to its HTTP door. */
  readonly door: 'gateway' | 'http';
  /** 0: the bot is one process; else one keeps its doors, and so many others work. */
  readonly workers: number;
  /** False where `env` names a database for the bot: then none is started here. */
  readonly embedded: boolean;
  readonly dataDir: string;
  /** For the bot, beside what the sandbox tells it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
};

export type Sandbox = { readonly origin: string; stop(): Promise<void> };

const JULES_KEY = 'AIzaSandbox-0000000000000000000000000000';
const DEFAULT_REPO = 'octo-org/website';
const repository = (name: string, isPrivate = false, branches = ['main']) => {
  const [owner = '', repo = ''] = name.split('/');
  return { owner, repo, isPrivate, defaultBranch: 'main', branches };
};
const SOURCES = [
  repository(DEFAULT_REPO, false, ['main', 'develop', 'release/2026-11']),
  repository('octo-org/api', true, ['main', 'develop']),
  repository('octo-org/mobile-app', true),
  repository('octo-org/docs'),
];

/** Fixed, and in the documents: whoever tries `/webhook/jules` here has no secret to find. */
const WEBHOOK_SECRET = 'sandbox-webhook-secret';

/** Discord is told an address before the bot starts, so there the port is chosen for it. */
async function openHttpDoor({ world }: Discord) {
  const port = await freePort();
  const door = httpDoor(world, `http://127.0.0.1:${port}/interactions`);
  return { ...door, env: { DISCORD_PUBLIC_KEY: door.publicKey, PORT: String(port) } };
}

async function startSimulators({ speed, port, door }: SandboxWish, outage: EmbeddedDatabase['outage'] | undefined) {
  const discord = createDiscord({ world: defaultWorld({ mayReadMessages: true }) });
  const http = door === 'http' ? await openHttpDoor(discord) : undefined;
  const jules = await startJules({ port: 0, speed, onChange: () => emit(discord.world, 'SANDBOX_JULES', {}, 'page') });
  jules.control.addAccount({ key: JULES_KEY, label: 'Sandbox', sources: SOURCES });
  const bot: BotFacts = {};
  registerDrivers(discord.app, {
    discord,
    bot,
    outage,
    interact: createInteract(discord.world, { ...(http && { deliver: http.deliver }) }),
    crowd: { repo: DEFAULT_REPO, addAccount: (facts) => jules.control.addAccount({ ...facts, sources: SOURCES }) },
    jules: {
      state: () => jules.control.state(),
      script: (body) => jules.control.script(body),
      fault: (body) => jules.control.fault(body),
      clearFaults: () => jules.control.clearFaults(),
      armed: () => jules.control.armed(),
      offers: () => jules.control.offers(),
    },
  });
  registerPage(discord.app);
  const { origin, apiBase } = await discord.listen(port);
  return { discord, jules, http, bot, origin, apiBase };
}

type Simulated = Awaited<ReturnType<typeof startSimulators>>;

function startBot({ discord, jules, http, bot, apiBase }: Simulated, wish: SandboxWish): Processes {
  const { door, workers, dataDir, complain } = wish;
  const given = Object.entries(wish.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const env = {
    ...scaledWaits(wish.speed),
    DISCORD_THREAD_REPLIES: 'on',
    ...Object.fromEntries(given),
    DISCORD_TOKEN: discord.token,
    DISCORD_APP_ID: discord.world.bot.id,
    DISCORD_API_BASE: apiBase,
    JULES_API_BASE: jules.url,
    VERNE_DATA_DIR: dataDir,
  };
  const doorEnv = { PORT: '0', VERNE_HTTP_HOST: '127.0.0.1', JULES_WEBHOOK_SECRET: WEBHOOK_SECRET, ...http?.env };
  const onListening = (address: string) => {
    bot.http = address;
  };
  return startProcesses({ door, workers, dataDir, env, doorEnv, complain, onListening });
}

const READY_MS = 30_000;

/** The bot is there when it has registered its commands and listens at its door. */
async function waitForBot({ world, gateway }: Discord, http: HttpDoor | undefined): Promise<void> {
  const deadline = Date.now() + READY_MS;
  const isHeard = () => (http ? http.isProven() : gateway.connected() > 0);
  while (world.commands.size === 0 || !(await isHeard())) {
    if (Date.now() > deadline)
      throw new Error(`the bot did not open its ${http ? 'HTTP' : 'gateway'} door within ${READY_MS / 1000} s`);
    await new Promise((resume) => setTimeout(resume, 50));
  }
}

/** Nobody has to read what the sandbox asked of itself. */
function forgetSetUp(world: World) {
  for (const [id, { flags }] of world.messages) if (flags & MessageFlags.Ephemeral) world.messages.delete(id);
  world.interactions.clear();
  world.requests.length = 0;
}

/** The mark stands beside the embedded database; of another one nobody here knows whether it was set up. */
async function firstStart(simulated: Simulated, { dataDir, embedded }: SandboxWish) {
  const mark = join(dataDir, 'sandbox-is-set-up');
  if (embedded && existsSync(mark)) return;
  const { discord, origin } = simulated;
  const roleNamed = (name: string) =>
    [...discord.world.guilds.values()].flatMap((guild) => guild.roles).find((role) => role.name === name)?.id ?? '';
  const roles = { create: roleNamed('Developer'), confirm: roleNamed('Release approver') };
  await setUp(origin, { roles, keys: [{ key: JULES_KEY }], repo: DEFAULT_REPO });
  forgetSetUp(discord.world);
  if (embedded) await writeFile(mark, '');
}

type End = () => Promise<void>;

/** The sandbox holds the database too, so that a bot that is killed leaves no Postgres behind. */
async function openDatabase({ dataDir }: SandboxWish, ends: End[]) {
  const log = makeLog({ level: 'warn', secrets: [] });
  const database = await openEmbeddedDatabase({ dataDir, throwaway: false, log });
  ends.push(() => database.close());
  return database.outage;
}

/** Both simulators, the database and the bot as child processes, on one port with the page. */
export async function startSandbox(wish: SandboxWish): Promise<Sandbox> {
  const ends: End[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const outage = wish.embedded ? await openDatabase(wish, ends) : undefined;
    const simulated = await startSimulators(wish, outage);
    ends.push(() => simulated.jules.close());
    ends.push(() => simulated.discord.close());
    // Until it is set up the sandbox asks more at once than people would, of a bot that may have to connect again.
    const { limits } = simulated.discord;
    limits.isOn = false;
    const bot = startBot(simulated, wish);
    ends.push(() => bot.stop());
    // One that is paused cannot be stopped, and the bot would wait for it in vain.
    ends.push(async () => outage?.turn('start'));
    await Promise.race([waitForBot(simulated.discord, simulated.http), bot.failed]);
    await firstStart(simulated, wish);
    limits.isOn = true;
    return { origin: simulated.origin, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
