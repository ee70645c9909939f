import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '#db/open-embedded.ts';
import { connect } from '#db/postgres.ts';
import { readSettings, urlOf, writeSettings } from '#db/settings.ts';
import { makeLog } from '#kernel/log.ts';
import { scaledWaits } from '#sandbox/durations.ts';
import { startPostgrest } from '../support/postgrest.ts';
import type { DiscordWish } from './discord-process.ts';
import { compileOnce, type Fleet, MEMBERS, type MemberName, startFleet } from './fleet.ts';
import { type Gate, openGate, type Point, type Verdict } from './gate.ts';
import { type Remote, startRemote } from './ipc.ts';
import type { JulesWish } from './jules-process.ts';
import type { PeopleState } from './people.ts';
import type { Patience } from './storms.ts';

type Transport = 'postgres' | 'supabase';

export type WorldWish = {
  readonly seed: number;
  readonly transport: Transport;
  /** Servers that use the bot, with one Jules account. */
  readonly guilds: number;
  /** A stopped, migrated Postgres to copy; without it a new one is made. */
  readonly database?: string | undefined;
};

const KEY = 'AIzaChaos-00000000000000000000000000000';
const REPO = 'octo/chaos';
const SPEED = 40;
const MASTER = `1:${Buffer.alloc(32, 3).toString('base64')}`;

type Times = { readonly patience: Patience; readonly leaseMs: number; readonly slowness: number };

const COMPILES_IN_MS = 2000;
const SLOWEST = 4;
/** Over HTTP a renewal is a request. */
const LEASE_MS: Readonly<Record<Transport, number>> = { postgres: 3000, supabase: 6000 };
const RENEWALS_A_LEASE = 4;

/**
 * Short, so that what a killed process left behind is soon taken up; but on a machine that is busy everything takes its
 * time, and a lease that lapses while its holder works, or a window that is over before a call has landed, would be the
 * machine's fault.
 */
function timesFor(transport: Transport, compiledMs: number): Times {
  const slowness = Math.min(SLOWEST, Math.max(1, compiledMs / COMPILES_IN_MS));
  const scaled = (ms: number) => Math.round(ms * slowness);
  const patience = {
    discordTimeoutMs: scaled(1500),
    discordIntentMs: scaled(5000),
    julesTimeoutMs: scaled(2000),
    julesIntentMs: scaled(8000),
  };
  return { patience, leaseMs: scaled(LEASE_MS[transport]), slowness };
}

const envFor = ({ patience, leaseMs }: Times) => ({
  ...scaledWaits(SPEED),
  VERNE_LEASE_MS: String(leaseMs),
  VERNE_RENEW_MS: String(Math.round(leaseMs / RENEWALS_A_LEASE)),
  VERNE_POLL_MS: '300',
  VERNE_HTTP_POLL_MS: '500',
  VERNE_DISCORD_TIMEOUT_MS: String(patience.discordTimeoutMs),
  VERNE_DISCORD_INTENT_MS: String(patience.discordIntentMs),
  VERNE_JULES_TIMEOUT_MS: String(patience.julesTimeoutMs),
  VERNE_JULES_CREATE_TIMEOUT_MS: String(patience.julesTimeoutMs),
  VERNE_JULES_INTENT_MS: String(patience.julesIntentMs),
  VERNE_PERSON_PER_MINUTE: '1000000',
  VERNE_PERSON_IN_SERVER_PER_MINUTE: '1000000',
  VERNE_SERVER_PER_MINUTE: '1000000',
  VERNE_MASTER_KEYS: MASTER,
});

const run = promisify(execFile);
type Ends = (() => Promise<unknown>)[];

async function openDatabase(folder: string, { database }: WorldWish, ends: Ends): Promise<EmbeddedDatabase> {
  const home = join(folder, 'postgres');
  if (database !== undefined) {
    // Postgres starts only where its files belong to the user that runs it.
    await run('cp', ['--archive', database, home]);
    await writeSettings(home, { ...(await readSettings(home)), port: 0 });
  }
  const opened = await openEmbeddedDatabase({
    dataDir: folder,
    throwaway: false,
    log: makeLog({ level: 'silent', secrets: [] }),
  });
  ends.push(() => opened.close());
  return opened;
}

/** Ends Postgres as a crash does, and starts it again: it recovers from its log. */
async function crash({ outage, dataDir }: EmbeddedDatabase): Promise<void> {
  const file = join(dataDir, 'postgres/cluster/postmaster.pid');
  const [pid = ''] = (await readFile(file, 'utf8')).split('\n');
  process.kill(Number(pid), 'SIGQUIT');
  await outage.turn('stop');
  await outage.turn('start');
}

/** Where each process finds its services: through gates of its own. */
async function openGates(targets: Readonly<Record<string, URL>>, onPoint: OnPoint, ends: Ends) {
  const gates = new Map<MemberName, Record<string, Gate>>();
  for (const member of MEMBERS) {
    const own: Record<string, Gate> = {};
    for (const [service, target] of Object.entries(targets)) {
      const gate = await openGate({ target, onPoint: (point) => onPoint(member, point) });
      ends.push(() => gate.stop());
      own[service] = gate;
    }
    gates.set(member, own);
  }
  return gates;
}

const through = (target: URL, gate: Gate | undefined) => {
  const url = new URL(target);
  url.port = String(gate?.port);
  return url.href;
};

export type OnPoint = (member: MemberName, point: Point) => Verdict;

const ROLES: Record<MemberName, string> = {
  http: 'http',
  gateway: 'gateway',
  'worker-1': 'worker',
  'worker-2': 'worker',
};
const READY_MS = 60_000;

type DiscordFacts = {
  readonly apiBase: string;
  readonly port: number;
  readonly token: string;
  readonly appId: string;
  readonly publicKey: string;
};

async function startSimulators(folder: string, { seed, guilds, patience }: WorldWish & Times, ends: Ends) {
  const common = { folder, key: KEY, repo: REPO, patience };
  const discord = startRemote('./discord-process.ts', { ...common, seed, guilds } satisfies DiscordWish);
  ends.push(() => discord.stop());
  const jules = startRemote('./jules-process.ts', { ...common, seed: seed + 1, speed: SPEED } satisfies JulesWish);
  ends.push(() => jules.stop());
  const facts = await discord.ask<DiscordFacts>('ready');
  return { discord, jules, facts, julesUrl: new URL((await jules.ask<{ url: string }>('ready')).url) };
}

/** The database as the bot is told of it: its address, or that of the Data API before it, with the key for that. */
async function databaseFor(
  { transport }: WorldWish,
  database: EmbeddedDatabase,
  sql: ReturnType<typeof connect>,
  ends: Ends,
) {
  if (transport === 'postgres') {
    const url = new URL(database.workerUrl);
    return { url, envFor: (gate: Gate | undefined) => ({ DATABASE_URL: through(url, gate) }) };
  }
  const settings = await readSettings(join(database.dataDir, 'postgres'));
  const authenticatorUrl = urlOf(settings, 'authenticator', 'postgres');
  const api = await startPostgrest({ authenticatorUrl, sql });
  ends.push(() => api.stop());
  const url = new URL(api.url);
  const envFor = (gate: Gate | undefined) => ({
    SUPABASE_URL: through(url, gate).replace(/\/$/, ''),
    SUPABASE_SERVICE_ROLE_KEY: api.serviceKey,
  });
  return { url, envFor };
}

async function untilHeard(discord: Remote, fleet: Fleet): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!(await Promise.race([discord.ask<boolean>('isHeard'), fleet.failed]))) {
    if (Date.now() > deadline) throw new Error(`the bot did not open its doors within ${READY_MS / 1000} s`);
    await sleep(50);
  }
}

export type ChaosWorld = Awaited<ReturnType<typeof startWorld>>;

/** Everything but the havoc: database, simulators and people, and the bot in four processes behind its gates. */
export async function startWorld(wish: WorldWish, onPoint: OnPoint) {
  const ends: Ends = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'verne-chaos-'));
    ends.push(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
    // As root, Postgres runs as another user, who must be able to pass.
    await chmod(folder, 0o711);
    const [compiled, database] = await Promise.all([compileOnce(folder), openDatabase(folder, wish, ends)]);
    const times = timesFor(wish.transport, compiled.tookMs);
    const sql = connect(database.adminUrl, { max: 2, applicationName: 'verne chaos' });
    ends.push(() => sql.end({ timeout: 5 }));
    const { discord, jules, facts, julesUrl } = await startSimulators(folder, { ...wish, ...times }, ends);
    const reached = await databaseFor(wish, database, sql, ends);
    const discordUrl = new URL(facts.apiBase);
    const gates = await openGates({ database: reached.url, discord: discordUrl, jules: julesUrl }, onPoint, ends);
    const envOf = (name: MemberName) => ({
      ...envFor(times),
      ...compiled.env,
      ...reached.envFor(gates.get(name)?.['database']),
      DISCORD_TOKEN: facts.token,
      DISCORD_APP_ID: facts.appId,
      DISCORD_API_BASE: through(discordUrl, gates.get(name)?.['discord']),
      JULES_API_BASE: through(julesUrl, gates.get(name)?.['jules']),
      JULES_PER_DAY: '100000',
      JULES_AT_ONCE: '200',
      VERNE_ROLES: ROLES[name],
      ...(name === 'http' && {
        DISCORD_PUBLIC_KEY: facts.publicKey,
        PORT: String(facts.port),
        VERNE_HTTP_HOST: '127.0.0.1',
      }),
    });
    const fleet = startFleet(folder, envOf);
    ends.push(() => fleet.stop());
    await untilHeard(discord, fleet);
    await Promise.race([discord.ask('setUp'), fleet.failed]);
    return {
      folder,
      sql,
      fleet,
      leaseMs: times.leaseMs,
      slowness: times.slowness,
      /** Whatever was sent has landed after so long. */
      landedMs: Math.max(times.patience.discordIntentMs, times.patience.julesIntentMs),
      people: {
        begin: (atOnce: number) => discord.ask('begin', atOnce),
        end: () => discord.ask('end'),
        state: () => discord.ask<PeopleState & { readonly refused: number }>('state'),
      },
      storm: async (everyMs: number) =>
        void (await Promise.all([discord.ask('storm', everyMs), jules.ask('storm', everyMs)])),
      /** The end of all troubles; how many calls met one. */
      calm: async () => (await discord.ask<number>('calm')) + (await jules.ask<number>('calm')),
      crash: () => crash(database),
      /** So much time passes for the database, Jules and Discord at once. */
      pass: async (ms: number) => {
        await sql`update verne.clock set shift = shift + ${`${ms} milliseconds`}::interval`;
        await jules.ask('advance', ms);
        await discord.ask('age', ms);
      },
      /** Calls of a process that have not been answered yet. */
      underWay: (name: MemberName) =>
        Object.values(gates.get(name) ?? {}).reduce((sum, gate) => sum + gate.underWay(), 0),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
