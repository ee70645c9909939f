import { afterEach, expect, test } from 'vitest';
import { customId } from '#discord/custom-id.ts';
import { changeGrant } from '#guilds/access.ts';
import { pauseGuild, pauseService } from '#guilds/pause.ts';
import { changeSettings } from '#guilds/settings.ts';
import { actorFor, aDoor, setUp } from '../discord/setting.ts';
import { publicKey, signed } from '../http/support.ts';
import { anActor } from '../support/actors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { recordFigure } from '../support/figures.ts';
import { type HttpProcess, startHttpProcess } from '../support/http-process.ts';
import { aCommand, aPress, here, newSnowflake, PEOPLE, ROLES } from '../support/interaction.ts';
import { everyInteraction, probes } from '../support/probes.ts';
import { lastBegunAfter, stopWhileSlow } from '../support/slow-jules.ts';
import { askBoth, isRefused, pressTampered, sendForeignValues, storedOf, twoServers } from '../support/two-servers.ts';
import { startWholeBot } from '../support/whole-bot.ts';

const SEED = Number(process.env['VERNE_SEED'] ?? 20_261_120);
const TAMPERED = Number(process.env['VERNE_TAMPERED'] ?? 1_000_000);
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
    const apart: number[] = [];
    for (let round = 0; round < 60; round += 1) {
      const both = await askBoth(db, servers, probe, round % 2 === 0);
      expect(both.theirs?.text, probe.name).toBe(both.never?.text);
      expect(both.theirs?.text, probe.name).not.toMatch(/secret-of-b|"refused":"defect"/);
      if (round >= 10) apart.push((both.theirs?.tookMs ?? 0) - (both.never?.tookMs ?? 0));
    }
    differences.push(Math.abs(at(sort(apart), 0.5)));
  }
  expect(await storedOf(db, servers.guildB)).toBe(before);
  const worst = Math.max(...differences);
  expect(worst).toBeLessThan(5);
  await recordFigure(
    'T07',
    `${all.length} probes × 60: every answer the same, in the median at most ${ms(worst)} apart`,
  );
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

async function startDoor(db: TestDatabase): Promise<HttpProcess> {
  const door = await startHttpProcess({
    DATABASE_URL: db.workerUrl,
    DISCORD_TOKEN: 'none',
    DISCORD_PUBLIC_KEY: publicKey,
    VERNE_LOG_LEVEL: 'info',
  });
  ends.push(() => door.stop());
  return door;
}

async function answerOf({ port }: HttpProcess, payload: object): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/interactions`, signed(JSON.stringify(payload)));
  expect(response.status).toBe(200);
  return response.text();
}

test('a right that one process takes away is gone in another one (T10)', async () => {
  const db = await aDatabase();
  here.guild = newSnowflake(); // without a key, which these processes could not open
  await changeSettings(db.rpc, actorFor(PEOPLE.admin), { create_roles: [ROLES.create] });
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
    expect(await answerOf(other, aCommand(person, 'jules', { prompt: 'x' }))).toContain('There is no Jules key');
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

const IS_TAKEN = /Task #\d+ (?:recorded|starts)/;
/** A press that was taken has no answer but the card. */
const isDeferred = ({ reply }: { readonly reply?: unknown }) => reply === undefined;

test('a pause under load, of a server and of the service (G08)', async () => {
  const db = await aDatabase();
  const bot = await startWholeBot(db, { bots: 2 });
  ends.push(() => bot.stop());
  let asked = 0;
  let isOver = false;
  ends.push(async () => {
    isOver = true;
  });
  const confirmed: string[] = [];
  const load = async () => {
    while (!isOver) {
      asked += 1;
      const prompt = `Load ${asked} of a pause`;
      const said = await bot.ask(prompt).catch(() => undefined);
      const isAsked = IS_TAKEN.test(said?.reply?.content ?? '');
      const isTaken = isAsked && (await bot.confirm(prompt).then(isDeferred, () => false));
      if (isTaken) confirmed.push(prompt);
      await pause(20);
    }
  };
  const loads = [load(), load()];
  const late: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const turn = (isOn: boolean) =>
      round % 2 === 0 ? pauseGuild(db.rpc, bot.admin, isOn) : pauseService(db.rpc, operator, isOn);
    const busy = bot.begun().length + 5;
    await bot.until('some work', () => bot.begun().length > busy, 60_000);
    await turn(true);
    late.push(await lastBegunAfter(bot, 6000));
    await turn(false);
  }
  isOver = true;
  await Promise.all(loads);
  await bot.until('the end of all', () => confirmed.every((one) => bot.titleOf(one).startsWith('✅')), 300_000);
  let waited = 0;
  for (let round = 0; round < 2; round += 1) {
    const turn = (isOn: boolean) =>
      round === 0 ? pauseGuild(db.rpc, bot.admin, isOn) : pauseService(db.rpc, operator, isOn);
    const slow = await stopWhileSlow(bot, `Paused ${round}`, () => turn(true));
    await turn(false);
    late.push(slow.lateMs);
    waited += slow.waited;
    confirmed.push(...slow.prompts);
  }
  await bot.until('the end of all', () => confirmed.every((one) => bot.titleOf(one).startsWith('✅')), 300_000);
  expect(waited).toBeGreaterThan(0);
  expect(Math.max(...late)).toBeLessThan(5000);
  await recordFigure(
    'G08',
    `10 pauses under load and 2 while Jules took 8 s to create and ${waited} tasks waited for it, two workers: the last effect at Jules at most ${ms(Math.max(...late))} after, then none; all ${confirmed.length} tasks went on to their end`,
  );
});

test('a server that removes the bot in the middle of the work (R12)', async () => {
  const db = await aDatabase();
  const bot = await startWholeBot(db, { bots: 2 });
  ends.push(() => bot.stop());
  const rounds = Number(process.env['VERNE_REMOVALS'] ?? 200);
  const prompts: string[] = [];
  let [posts, begun] = [0, 0];
  const leftAt = async () => {
    const [row] = await db.sql`select left_at from public.guilds where guild_id = ${bot.guild.id}`;
    return row?.left_at !== null;
  };
  for (let round = 0; round < rounds; round += 1) {
    const prompt = `Removed in round ${round + 1000}`;
    prompts.push(prompt);
    await bot.until('an answer', async () =>
      bot.ask(prompt).then(
        ({ reply }) => IS_TAKEN.test(reply?.content ?? ''),
        () => false,
      ),
    );
    await bot.confirm(prompt);
    await pause((round * 37) % 400); // at another step each time
    bot.remove();
    await bot.until('the bot to know', leftAt);
    await pause(200); // what was under way
    const before = { request: bot.world.requests.at(-1)?.id ?? 0, begun: bot.begun().length };
    await pause(150);
    posts += bot.world.requests.filter(({ id }) => id > before.request).length;
    begun += bot.begun().length - before.begun;
    bot.add();
  }
  const open = () => prompts.filter((one) => !bot.titleOf(one).startsWith('✅ PR ready'));
  await bot
    .until('the end of all', () => open().length === 0, 120_000)
    .catch((error: unknown) => {
      throw new Error(
        open()
          .map((one) => `${one}: ${bot.titleOf(one)}`)
          .join('\n'),
        { cause: error },
      );
    });
  for (const prompt of prompts) {
    expect(bot.begun().filter((one) => one.startsWith('approved') && one.includes(prompt))).toHaveLength(1);
  }
  const slow = await stopWhileSlow(bot, 'Removed', async () => {
    bot.remove();
    await bot.until('the bot to know', leftAt);
  });
  bot.add();
  await bot.until('the end of all', () => slow.prompts.every((one) => bot.titleOf(one).startsWith('✅')), 120_000);
  expect(slow.waited).toBeGreaterThan(0);
  expect(slow.lateMs).toBeLessThan(5000);
  expect({ posts, begun }).toEqual({ posts: 0, begun: 0 });
  await recordFigure(
    'R12',
    `${rounds} removals in the middle of a task: 0 posts, 0 effects at Jules; 1 while Jules took 8 s to create and ${slow.waited} tasks waited for it: the last effect ${ms(slow.lateMs)} after; added again, all went on to their end`,
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
