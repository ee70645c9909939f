import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { customId } from '#discord/custom-id.ts';
import { changeGrant } from '#guilds/access.ts';
import { pauseGuild, pauseService } from '#guilds/pause.ts';
import { actorFor, aDoor, setUp } from '../discord/setting.ts';
import { publicKey, signed } from '../http/support.ts';
import { anActor } from '../support/actors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { recordFigure } from '../support/figures.ts';
import { aCommand, aPress, here, newSnowflake, PEOPLE, ROLES } from '../support/interaction.ts';
import { everyInteraction, probes } from '../support/probes.ts';
import { askBoth, isRefused, pressTampered, sendForeignValues, storedOf, twoServers } from '../support/two-servers.ts';
import { startWholeBot } from '../support/whole-bot.ts';

const SEED = Number(process.env['VERNE_SEED'] ?? 20_261_120);
const TAMPERED = Number(process.env['VERNE_TAMPERED'] ?? 1_000_000);
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const number = (count: number) => count.toLocaleString('en');
const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const pause = (wait: number) => new Promise((resume) => setTimeout(resume, wait));
const at = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const sort = (values: readonly number[]) => values.toSorted((one, other) => one - other);

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function aDatabase(): Promise<TestDatabase> {
  const db = await freshDatabase();
  ends.push(() => db.close());
  return db;
}

test('a million ids of buttons and dialogs that were tampered with (T05)', async () => {
  const db = await aDatabase();
  const servers = await twoServers(db);
  const stored = () => Promise.all([storedOf(db, servers.guildA), storedOf(db, servers.guildB)]);
  const before = await stored();
  const kinds = await pressTampered(db, servers, TAMPERED, SEED);
  expect(await stored()).toEqual(before);
  const known = (kinds.get("another server's task") ?? 0) + (kinds.get('a task that never was') ?? 0);
  await recordFigure(
    'T05',
    `${number(TAMPERED)} ids of ${kinds.size} kinds (seed ${SEED}), ${number(known)} of them well formed: 0 accepted, 0 crashes, nothing changed`,
  );
});

test('a hundred thousand foreign values of selects, dialogs and half-typed options (T06)', async () => {
  const db = await aDatabase();
  const servers = await twoServers(db);
  const stored = () => Promise.all([storedOf(db, servers.guildA), storedOf(db, servers.guildB)]);
  const before = await stored();
  const { answered, kinds } = await sendForeignValues(db, servers, TAMPERED / 10, SEED);
  expect(await stored()).toEqual(before);
  await recordFigure(
    'T06',
    `${number(answered)} values of ${kinds} kinds (seed ${SEED}): 0 foreign ones taken or shown`,
  );
});

test('every command and button with what is of another server (T07)', async () => {
  const db = await aDatabase();
  const servers = await twoServers(db);
  const before = await storedOf(db, servers.guildB);
  const differences: number[] = [];
  const all = probes();
  for (const probe of all) {
    const [theirs, never]: [number[], number[]] = [[], []];
    for (let round = 0; round < 60; round += 1) {
      const both = await askBoth(db, servers, probe);
      expect(both.theirs?.text, probe.name).toBe(both.never?.text);
      expect(both.theirs?.text, probe.name).not.toMatch(/secret-of-b|"refused":"defect"/);
      if (round < 10) continue;
      theirs.push(both.theirs?.tookMs ?? 0);
      never.push(both.never?.tookMs ?? 0);
    }
    differences.push(Math.abs(at(sort(theirs), 0.5) - at(sort(never), 0.5)));
  }
  expect(await storedOf(db, servers.guildB)).toBe(before);
  const worst = Math.max(...differences);
  expect(worst).toBeLessThan(5);
  await recordFigure('T07', `${all.length} probes × 60: every answer the same, medians at most ${ms(worst)} apart`);
});

test('everything in a server that did not add the bot (T08)', async () => {
  const db = await aDatabase();
  let asked = 0;
  for (const owners of [{}, { 1: PEOPLE.admin.id }, { 0: '0' }, { 0: '1400000000000099999' }, undefined]) {
    here.guild = newSnowflake();
    const person = { ...PEOPLE.admin, roles: [ROLES.create, ROLES.confirm], permissions: 1n << 3n };
    for (const payload of everyInteraction(person, { authorizing_integration_owners: owners })) {
      expect(isRefused(await aDoor(db.rpc).say(payload))).toBe(true);
      asked += 1;
    }
    expect(await db.sql`select from public.guilds where guild_id = ${here.guild}`).toHaveLength(0);
  }
  await recordFigure(
    'T08',
    `${asked} interactions, every command and button in 5 such places: all refused, nothing written`,
  );
});

test('somebody who was an admin when the panel was shown (R13)', async () => {
  const db = await aDatabase();
  await setUp(db);
  const before = await storedOf(db, here.guild);
  for (let round = 0; round < 200; round += 1) {
    expect((await aDoor(db.rpc).say(aCommand(PEOPLE.admin, 'config roles'))).kind).toBe('message');
    const press = aPress({ id: PEOPLE.admin.id }, customId('roles', 'confirm'), [ROLES.create]);
    expect(await aDoor(db.rpc).say(press)).toMatchObject({ refused: 'not_permitted' });
  }
  expect(await storedOf(db, here.guild)).toBe(before);
  await recordFigure('R13', '200 presses by somebody who was an admin a moment before: 0 allowed');
});

type Door = { readonly port: number; readonly child: ChildProcess };

async function startDoor(db: TestDatabase): Promise<Door> {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      VERNE_HTTP_HOST: '127.0.0.1',
      VERNE_ROLES: 'http',
      DISCORD_TOKEN: 'none',
      DISCORD_APP_ID: '1300000000000000090',
      DISCORD_PUBLIC_KEY: publicKey,
      DATABASE_URL: db.workerUrl,
      VERNE_MASTER_KEYS: `1:${Buffer.alloc(32, 1).toString('base64')}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ends.push(async () => {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  });
  const listening = Promise.withResolvers<number>();
  createInterface(child.stdout).on('line', (text) => {
    const { event, port } = JSON.parse(text) as { event?: string; port?: number };
    if (event === 'http.listening' && port) listening.resolve(port);
  });
  child.once('exit', () => listening.reject(new Error('the door ended')));
  return { port: await listening.promise, child };
}

async function answerOf({ port }: Door, payload: object): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/interactions`, signed(JSON.stringify(payload)));
  expect(response.status).toBe(200);
  return response.text();
}

test('a right that one process takes away is gone in another one (T10)', async () => {
  const db = await aDatabase();
  await setUp(db);
  const [one, other] = [await startDoor(db), await startDoor(db)];
  const person = { id: '1300000000000000055', roles: ['1300000000000000056'] };
  const turn = (back: boolean) =>
    answerOf(
      one,
      aCommand(PEOPLE.admin, 'config grant', { role: '1300000000000000056', may: 'developer', take_back: back }),
    );
  const tookMs: number[] = [];
  for (let round = 0; round < 200; round += 1) {
    expect(await turn(false)).toContain('Saved');
    expect(await answerOf(other, aCommand(person, 'jules', { prompt: 'x' }))).toContain('recorded');
    const startedAt = performance.now();
    expect(await turn(true)).toContain('Saved');
    expect(await answerOf(other, aCommand(person, 'jules', { prompt: 'x' }))).toContain('You may not start tasks');
    tookMs.push(performance.now() - startedAt);
  }
  const sorted = sort(tookMs);
  expect(at(sorted, 1)).toBeLessThan(5000);
  await recordFigure(
    'T10',
    `200 rights taken away in one process and asked for at once in another: 0 still held; both together p99 ${ms(at(sorted, 0.99))}`,
  );
});

const operator = anActor({ id: 'operator', guild: null, door: 'operator', admin: true });

test('a pause under load, of a server and of the service (G08)', async () => {
  const db = await aDatabase();
  const bot = await startWholeBot(db, { bots: 2 });
  ends.unshift(() => bot.stop());
  let asked = 0;
  let isOver = false;
  const prompts: string[] = [];
  const load = async () => {
    while (!isOver) {
      asked += 1;
      const prompt = `Load ${asked} of a pause`;
      const { reply } = await bot.ask(prompt);
      if (!/recorded/.test(reply?.content ?? '')) continue;
      prompts.push(prompt);
      await bot.confirm(prompt).catch(() => undefined);
      await pause(20);
    }
  };
  const loads = [load(), load()];
  const late: number[] = [];
  let effects = 0;
  for (let round = 0; round < 10; round += 1) {
    const turn = (isOn: boolean) =>
      round % 2 === 0 ? pauseGuild(db.rpc, bot.admin, isOn) : pauseService(db.rpc, operator, isOn);
    await pause(1500);
    const begunBefore = bot.begun().length;
    await turn(true);
    const since = Date.now();
    let last = since;
    let seen = bot.begun().length;
    effects += seen - effects;
    while (Date.now() < since + 6000) {
      await pause(10);
      const now = bot.begun().length;
      if (now > seen) last = Date.now();
      seen = now;
    }
    expect(begunBefore).toBeGreaterThan(0);
    late.push(last - since);
    await turn(false);
  }
  isOver = true;
  await Promise.all(loads);
  const pressed = () => prompts.filter((one) => !/Requested/.test(bot.titleOf(one)));
  await bot.until('the end of all', () => pressed().every((one) => bot.titleOf(one).startsWith('✅')), 300_000);
  expect(Math.max(...late)).toBeLessThan(5000);
  await recordFigure(
    'G08',
    `10 pauses under load, two workers: the last effect at Jules at most ${ms(Math.max(...late))} after, then none; ${pressed().length} tasks went on to their end`,
  );
});

test('a server that removes the bot in the middle of the work (R12)', async () => {
  const db = await aDatabase();
  const bot = await startWholeBot(db, { bots: 2 });
  ends.unshift(() => bot.stop());
  const rounds = 200;
  const prompts: string[] = [];
  let [posts, begun] = [0, 0];
  const leftAt = async () => {
    const [row] = await db.sql`select left_at from public.guilds where guild_id = ${bot.guild.id}`;
    return row?.left_at !== null;
  };
  for (let round = 0; round < rounds; round += 1) {
    const prompt = `Removed in round ${round}`;
    prompts.push(prompt);
    await bot.until('an answer', async () =>
      bot.ask(prompt).then(
        ({ reply }) => /recorded/.test(reply?.content ?? ''),
        () => false,
      ),
    );
    await bot.confirm(prompt);
    await pause((round * 37) % 400);
    bot.remove();
    await bot.until('the bot to know', leftAt);
    await pause(200); // what was under way
    const before = { request: bot.world.requests.at(-1)?.id ?? 0, begun: bot.begun().length };
    await pause(150);
    posts += bot.world.requests.filter(({ id }) => id > before.request).length;
    begun += bot.begun().length - before.begun;
    bot.add();
  }
  await bot.until('the end of all', () => prompts.every((one) => bot.titleOf(one).startsWith('✅ PR ready')), 300_000);
  for (const prompt of prompts) {
    expect(bot.begun().filter((one) => one.startsWith('approved') && one.includes(`${prompt} `))).toHaveLength(1);
  }
  expect({ posts, begun }).toEqual({ posts: 0, begun: 0 });
  await recordFigure(
    'R12',
    `${rounds} removals in the middle of a task: 0 posts, 0 effects at Jules; added again, all went on to their end`,
  );
});

test('who takes back the grant of another server takes back nothing', async () => {
  const db = await aDatabase();
  const { guildA, guildB } = await twoServers(db);
  here.guild = guildB;
  await changeGrant(db.rpc, actorFor(PEOPLE.admin), { role_id: ROLES.create, role: 'viewer', give: true });
  const before = await storedOf(db, guildB);
  here.guild = guildA;
  const outcome = await changeGrant(db.rpc, actorFor(PEOPLE.admin), {
    role_id: ROLES.create,
    role: 'viewer',
    give: false,
  });
  expect(outcome).toEqual({ kind: 'same' });
  expect(await storedOf(db, guildB)).toBe(before);
});
