import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pauseGuild, pauseService } from '#guilds/pause.ts';
import { anActor } from '../support/actors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { startWholeBot, type WholeBot } from '../support/whole-bot.ts';

let db: TestDatabase;
let bot: WholeBot;
beforeAll(async () => {
  db = await freshDatabase();
  bot = await startWholeBot(db);
});
afterAll(async () => {
  await bot?.stop();
  await db?.close();
});

const QUIET_MS = 700;
const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));
const operator = anActor({ id: 'operator', guild: null, door: 'operator', admin: true });

/** Asks for tasks and confirms them, without waiting for any. */
async function begin(prompts: readonly string[]) {
  for (const prompt of prompts) await bot.ask(prompt);
  await Promise.all(prompts.map((prompt) => bot.confirm(prompt)));
}

const doings = () => `${bot.begun().length} ${bot.world.requests.at(-1)?.id}`;

/**
 * What was under way when it was told to stop may still end; within the promised five seconds all is still, though not
 * all was done.
 */
async function expectStopped(prompts: readonly string[]) {
  const deadline = performance.now() + 5000;
  for (let before = ''; before !== doings(); await pause(QUIET_MS)) {
    expect(performance.now()).toBeLessThan(deadline);
    before = doings();
  }
  const approved = bot.begun().filter((one) => one.startsWith('approved') && prompts.some((own) => one.includes(own)));
  expect(approved.length).toBeLessThan(prompts.length);
}

const done = (prompts: readonly string[]) =>
  bot.until(
    `the ends of ${prompts.join(', ')}`,
    () => prompts.every((one) => bot.titleOf(one).startsWith('✅ PR ready') && bot.endsOf(one).length > 0),
    30_000,
  );

async function expectDoneOnce(prompts: readonly string[]) {
  await done(prompts);
  for (const prompt of prompts) {
    expect(bot.endsOf(prompt), prompt).toHaveLength(1);
    expect(bot.begun().filter((one) => one.startsWith('approved') && one.includes(prompt))).toHaveLength(1);
  }
}

describe('a pause (G08)', () => {
  it.each([
    ['of a server', (isOn: boolean) => pauseGuild(db.rpc, bot.admin, isOn)],
    ['of the service', (isOn: boolean) => pauseService(db.rpc, operator, isOn)],
  ])(
    '%s stops what would begin at Jules, and its end goes on with everything',
    async (what, turn) => {
      const prompts = [1, 2, 3].map((nth) => `Pause ${what} ${nth}`);
      await begin(prompts);
      expect(await turn(true)).toMatchObject({ kind: 'paused_now' });
      await expectStopped(prompts);
      const { reply } = await bot.ask(`Not during a pause ${what}`);
      expect(reply?.content).toMatch(/paused/);
      expect(await turn(false)).toMatchObject({ kind: 'resumed' });
      await expectDoneOnce(prompts);
    },
    60_000,
  );
});

async function leftAt() {
  const [row] = await db.sql`select left_at from public.guilds where guild_id = ${bot.guild.id}`;
  return row?.left_at as Date | null;
}

describe('a server that removes the bot (R12)', () => {
  it('gets no work and no posts, and goes on where it was when it adds the bot again', async () => {
    const prompts = ['Removed one', 'Removed two', 'Removed three'];
    await begin(prompts);
    bot.remove();
    await bot.until('the bot to know', async () => (await leftAt()) !== null);
    await expectStopped(prompts);
    bot.add();
    await expectDoneOnce(prompts);
  }, 60_000);
});
