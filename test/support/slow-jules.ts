import type { WholeBot } from './whole-bot.ts';

const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

/** How long Jules takes to answer a creation, and how many are asked for at once: most wait for their turn. */
const SLOW_MS = 8000;
const ASKED = 10;

/** How long after the last thing began at Jules, watched for so long from now. */
export async function lastBegunAfter(bot: WholeBot, watchMs: number): Promise<number> {
  const since = Date.now();
  let [last, seen] = [since, bot.begun().length];
  while (Date.now() < since + watchMs) {
    await pause(5);
    const now = bot.begun().length;
    if (now > seen) last = Date.now();
    seen = now;
  }
  return last - since;
}

/** More tasks than may be created at once, at a Jules that takes long; most of them still wait when `stop` comes. */
export async function stopWhileSlow(bot: WholeBot, name: string, stop: () => Promise<unknown>) {
  // What becomes of a plan that Jules drops is another matter, and the time of this Jules flies.
  bot.jules.control.script({ settings: { planExpiresMs: 3_600_000 } });
  bot.jules.control.fault({ on: 'create', kind: 'slow', times: 0, ms: SLOW_MS });
  const prompts = Array.from({ length: ASKED }, (_, nth) => `${name}, slow ${nth + 100}`);
  const begun = bot.begun().length;
  for (const prompt of prompts) {
    await bot.ask(prompt);
    await bot.confirm(prompt);
  }
  await bot.until('the first to begin', () => bot.begun().length > begun, 60_000);
  await pause(500); // the others come to wait for them
  await stop();
  const lateMs = await lastBegunAfter(bot, SLOW_MS + 4000);
  bot.jules.control.clearFaults();
  const waited = prompts.filter((prompt) => !bot.begun().some((one) => one.includes(prompt))).length;
  return { lateMs, waited, prompts };
}
