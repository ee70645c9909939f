import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Sql } from 'postgres';
import { createInteract } from '#sandbox/discord/interact.ts';
import { createDiscord } from '#sandbox/discord/server.ts';
import { registerDrivers } from '#sandbox/drivers.ts';
import { scaledWaits } from '#sandbox/durations.ts';
import { startJules } from '#sandbox/jules/server.ts';
import { freshDatabase } from './database.ts';
import { echoingIlls } from './echoing-ills.ts';
import { type Answer, IMPATIENT, type State } from './sandbox.ts';
import { startTappingProxy } from './tapping-proxy.ts';
import { MASTER_KEYS } from './tasks.ts';

const fileOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const SPEED = 40;
export const METRICS_TOKEN = 'a metrics token of the walk';
export const WEBHOOK_SECRET = 'a webhook secret of the walk';

export type Ran = { readonly code: number | null; readonly said: string };

/** All rows of all tables as text, as a dump of the database has them. `leaveOut` are columns that may hold it. */
export async function dumpOf(sql: Sql, leaveOut: Readonly<Record<string, readonly string[]>> = {}): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'verne', 'auth')`;
  const parts: string[] = [];
  for (const { name } of tables) {
    const without = (leaveOut[name] ?? []).map((column) => `- '${column}'`).join(' ');
    const rows = await sql.unsafe<{ row: string }[]>(`select (to_jsonb(t) ${without})::text as row from ${name} t`);
    parts.push(`${name}\n${rows.map(({ row }) => row).join('\n')}`);
  }
  return parts.join('\n');
}

async function readStream(address: string) {
  const abort = new AbortController();
  const { body } = await fetch(address, { signal: abort.signal });
  let text = '';
  const reading = (async () => {
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk;
  })().catch(() => {});
  return {
    text: () => text,
    stop: async () => {
      abort.abort();
      await reading;
    },
  };
}

/** A simulated Discord and Jules, each behind a proxy that hears everything, and the real bot as a process. */
export async function startCanaryWorld(facts: { readonly keys: readonly string[]; readonly publicKey: string }) {
  const db = await freshDatabase();
  const discord = createDiscord({ latencyMs: 1, limits: { isOn: false } });
  const jules = await startJules({ speed: SPEED });
  const source = { owner: 'octo-org', repo: 'website', isPrivate: false, defaultBranch: 'main', branches: ['main'] };
  for (const [at, key] of facts.keys.entries())
    jules.control.addAccount({ key, label: `account ${at}`, sources: [source], plan: 'ultra' });
  const interact = createInteract(discord.world);
  const { state, script, fault, clearFaults, armed, offers } = jules.control;
  registerDrivers(discord.app, {
    discord,
    bot: {},
    outage: undefined,
    interact,
    jules: { state, script, fault, clearFaults, armed, offers },
  });
  const { origin } = await discord.listen(0);
  const page = await readStream(`${origin}/sandbox/events`);
  const ills = echoingIlls();
  const toDiscord = await startTappingProxy(origin);
  const toJules = await startTappingProxy(new URL(jules.url).origin, ills.meddle);
  const env = {
    PATH: process.env['PATH'] ?? '',
    ...scaledWaits(SPEED),
    ...IMPATIENT,
    VERNE_SOURCES_MS: '300',
    VERNE_BACKOFF_MS: '5',
    VERNE_ROLES: 'gateway,http,worker',
    VERNE_LOG_LEVEL: 'trace',
    VERNE_HTTP_HOST: '127.0.0.1',
    PORT: '0',
    VERNE_METRICS_TOKEN: METRICS_TOKEN,
    JULES_WEBHOOK_SECRET: WEBHOOK_SECRET,
    DISCORD_PUBLIC_KEY: facts.publicKey,
    DISCORD_TOKEN: discord.token,
    DISCORD_APP_ID: discord.world.bot.id,
    DISCORD_API_BASE: `${toDiscord.origin}/api`,
    JULES_API_BASE: `${toJules.origin}/v1alpha`,
    DATABASE_URL: db.workerUrl,
    VERNE_MASTER_KEYS: MASTER_KEYS,
  };
  let said = '';
  let bot: ChildProcess | undefined;

  const start = async (changes: Record<string, string> = {}) => {
    const from = said.length;
    const child = spawn(process.execPath, [fileOf('src/main.ts')], {
      env: { ...env, ...changes },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    bot = child;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk;
      });
    return { child, isUp: () => /The gateway is ready/.test(said.slice(from)) };
  };
  const until = async <Found>(what: string, look: () => Found | Promise<Found>, withinMs = 20_000) => {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const found = await look();
      if (found) return found;
      if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}\n${said.slice(-3000)}`);
      await pause(30);
    }
  };
  const end = async (signal: NodeJS.Signals) => {
    const child = bot;
    bot = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  const world = {
    db,
    ills,
    toDiscord,
    toJules,
    origin,
    until,
    end,
    said: () => said,
    /** All that the page of the sandbox was told so far. */
    told: page.text,
    start: async () => {
      const { isUp } = await start();
      await until('the bot', () => isUp() && discord.gateway.connected() > 0 && discord.world.commands.size > 0);
    },
    /** Starts it with other variables, which it is to refuse. */
    startWrongly: async (changes: Record<string, string>): Promise<Ran> => {
      const from = said.length;
      const { child } = await start(changes);
      const [code] = await once(child, 'close');
      return { code, said: said.slice(from) };
    },
    /** A script of the operator, given `input`. */
    run: async (script: string, args: readonly string[], input = ''): Promise<Ran> => {
      const child = spawn(process.execPath, [fileOf(`scripts/${script}.ts`), ...args], { env, stdio: 'pipe' });
      child.stdin.end(input);
      const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
      return { code, said: out + err };
    },
    drive: async (path: string, body: object): Promise<Answer> => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${origin}/sandbox/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return (await answer.json()) as Answer;
    },
    state: async () => (await (await fetch(`${origin}/sandbox/state`)).json()) as State,
    httpOrigin: () => {
      const ports = [...said.matchAll(/"event":"http.listening".*?"port":(\d+)/g)];
      return `http://127.0.0.1:${ports.at(-1)?.[1] ?? /"port":(\d+)[^\n]*http.listening/.exec(said)?.[1]}`;
    },
    stop: async () => {
      await end('SIGTERM');
      await page.stop();
      await Promise.all([toDiscord.stop(), toJules.stop()]);
      await Promise.all([discord.close(), jules.close()]);
      await db.close();
    },
  };
  return world;
}

export type CanaryWorld = Awaited<ReturnType<typeof startCanaryWorld>>;

export type Place = readonly [where: string, text: string];

/** Everything that the bot let out so far, and everything that it kept. */
export async function placesOf(world: CanaryWorld, extra: readonly Place[]): Promise<Place[]> {
  const sent = world.toDiscord.heard.map(({ path, headers, body }) => `${path} ${JSON.stringify(headers)} ${body}`);
  const urls = world.toJules.heard.map(({ path, headers, body }) => {
    const { 'x-goog-api-key': _key, ...others } = headers;
    return `${path} ${JSON.stringify(others)} ${body}`;
  });
  return [
    ['the log', world.said()],
    ['what Discord was sent', sent.join('\n')],
    ['what Jules was sent beside the header', urls.join('\n')],
    ['a dump of the database', await dumpOf(world.db.sql)],
    ['what the page of the sandbox reads', JSON.stringify(await world.state())],
    ['what the page of the sandbox is told', world.told()],
    ...extra,
  ];
}
