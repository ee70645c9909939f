import { afterAll, beforeAll, expect, test } from 'vitest';
import { age } from '#sandbox/discord/age.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { recordFigure } from '../support/figures.ts';
import { startWholeBot, type WholeBot } from '../support/whole-bot.ts';

let db: TestDatabase;
let bot: WholeBot;
beforeAll(async () => {
  db = await freshDatabase();
  bot = await startWholeBot(db);
});
afterAll(async () => {
  await bot?.stop();
  await db.close();
});

const ASKED = Number(process.env['VERNE_ASKED'] ?? 100);
const AT_ONCE = 20;
const EXPIRED_MS = 16 * 60_000;
const prompts = Array.from({ length: ASKED }, (_, at) => `Nobody hears this, ${at};`);

/** All at once, while Discord takes no answer to an interaction: its token is not known any more. */
async function unheard(each: (prompt: string) => Promise<unknown>): Promise<number> {
  let failed = 0;
  for (let from = 0; from < ASKED; from += AT_ONCE) {
    const some = prompts.slice(from, from + AT_ONCE);
    const fault = { status: 404, code: 10_062, delayMs: 0, retryAfterS: 1 };
    bot.discord.faults.add(
      { match: { method: 'POST', path: '/callback' }, kind: 'error_before', ...fault },
      some.length,
    );
    const settled = await Promise.allSettled(some.map(each));
    bot.discord.faults.clear();
    failed += settled.filter(({ status }) => status === 'rejected').length;
  }
  return failed;
}

test('W17: what somebody did whose interaction had expired is shown by messages, once', async () => {
  const asked = await unheard((prompt) => bot.ask(prompt));
  await bot.until('all cards', () => prompts.every((prompt) => bot.cardOf(prompt)), 120_000);
  const confirmed = await unheard((prompt) => bot.confirm(prompt));
  age(bot.world, EXPIRED_MS);
  await bot.until('all ends', () => prompts.every((prompt) => bot.endsOf(prompt).length > 0), 300_000);
  const cards = [...bot.world.messages.values()].filter((one) => one.embeds.length > 0);
  for (const prompt of prompts) {
    expect(cards.filter((card) => JSON.stringify(card.embeds).includes(prompt))).toHaveLength(1);
    expect(bot.endsOf(prompt).filter(({ content }) => content.startsWith('✅ PR ready'))).toHaveLength(1);
  }
  expect(bot.world.requests.filter(({ path }) => path.includes('/webhooks/'))).toEqual([]);
  expect([asked, confirmed]).toEqual([ASKED, ASKED]);
  await recordFigure(
    'W17',
    `${2 * ASKED} commands and presses whose token Discord did not know any more: 0 lost, each shown by the card and its end once, 0 calls with a token that was older than its answer`,
  );
});
