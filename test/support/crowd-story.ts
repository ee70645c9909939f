import type { CrowdGuild } from '#sandbox/discord/crowd.ts';
import { type Ask, aCrowd, gather, nthOf, someAsks, type Went } from './crowd.ts';
import { type CardFacts, judgeCards } from './crowd-cards.ts';
import { judgeEnds, passedOver, seen } from './crowd-ends.ts';
import { type CrowdRide, LAST, rankShown, ridesOf, watchTruth } from './crowd-truth.ts';
import { p95 } from './fair-world.ts';
import { type RunningSandbox, type SandboxFacts, startSandbox } from './sandbox.ts';
import { dataFolder, defectsOf, openDatabase } from './sandbox-data.ts';
import type { Seeded } from './seeded.ts';
import type { Post } from './watch.ts';

/** What an account of the simulated Jules met: it counts for itself, and refuses what is too much. */
export type AccountMet = {
  readonly name: string;
  readonly perDay: number;
  readonly atOnce: number;
  readonly refused: number;
  readonly mostAtOnce: number;
  readonly mostPerDay: number;
};

async function accountsOf({ origin }: RunningSandbox): Promise<readonly AccountMet[]> {
  const { accounts } = (await (await fetch(`${origin}/sandbox/jules`)).json()) as { accounts: AccountMet[] };
  return accounts.filter(({ name }) => name !== 'Sandbox');
}

export type Share = {
  /** Requests of each server within the time, by people without and with the role `Trainee`. */
  readonly counts: readonly number[];
  readonly trainees: number;
  readonly withinMs: number;
};

export type CrowdStory = {
  readonly random: Seeded;
  readonly sandbox: SandboxFacts;
  readonly crowd: object;
  /** Ordered before anybody acts. */
  readonly faults?: object;
  /** What Jules does with every session. */
  readonly scenario: string;
  readonly lookEveryMs: number;
};

const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

/** Servers full of people in a sandbox of their own, and everything that is looked at while they act. */
export async function aCrowdStory({ random, sandbox: facts, crowd: wish, faults, scenario, lookEveryMs }: CrowdStory) {
  const data = await dataFolder();
  const sandbox = await startSandbox({ ...facts, data: data.folder });
  const sql = await openDatabase(data.folder);
  if (faults) await sandbox.drive('faults', faults);
  await sandbox.drive('jules', { scenario, default: true });
  const guilds = await gather(sandbox, wish);
  const crowd = await aCrowd({ sandbox, sql, random });
  const truth = watchTruth(sql, { nthOf, everyMs: lookEveryMs });
  const went: Went[] = [];
  let asked = 0;

  function asksOf({ counts, trainees, withinMs }: Share): Ask[] {
    const of = (guild: CrowdGuild, nth: number) => [
      ...someAsks(random, { guild, people: guild.members, count: counts[nth] ?? 0, withinMs }),
      ...someAsks(random, { guild, people: guild.trainees, count: trainees, withinMs }),
    ];
    const made = guilds.flatMap(of).map((ask, nth) => ({ ...ask, nth: asked + nth }));
    asked += made.length;
    return made;
  }

  const cards = () => {
    const found = new Map<number, Post[]>();
    for (const post of crowd.watch.posts.values()) {
      const nth = nthOf(post.content);
      if (post.shown[0]?.title && !Number.isNaN(nth)) found.set(nth, [...(found.get(nth) ?? []), post]);
    }
    return found;
  };

  /** When the message that tells the end of a card's task was there. */
  const repliesTo = () =>
    new Map(
      [...crowd.watch.posts.values()].flatMap((one) => (one.replyTo ? [[one.replyTo, one.shown[0]?.at ?? 0]] : [])),
    );

  /** Those whose end neither the database nor their card nor a message tells. */
  function untold(): number[] {
    truth.check();
    const [shown, replies] = [cards(), repliesTo()];
    return Array.from({ length: asked }, (_, nth) => nth).filter((nth) => {
      const card = shown.get(nth)?.[0];
      const isEnded = truth.truths.get(nth)?.samples.at(-1)?.rank === LAST;
      return !(isEnded && card && rankShown(card.shown.at(-1)?.title ?? '') === LAST && replies.has(card.id));
    });
  }

  /** Waits until the end of all but so many is told. */
  async function untilTold(but: number, withinMs: number) {
    const deadline = Date.now() + withinMs;
    for (let left = untold(); left.length > but; left = untold()) {
      if (Date.now() > deadline)
        throw new Error(`not told within ${withinMs} ms: ${left.length}, as ${left.slice(0, 20)}`);
      await pause(250);
    }
  }

  /** From the end of a task in the database to the message that tells it. */
  function toldAfterMs(): number[] {
    const [shown, replies] = [cards(), repliesTo()];
    return [...truth.truths.values()].flatMap(({ nth, samples }) => {
      const ended = samples.find(({ rank }) => rank === LAST);
      const reply = replies.get(shown.get(nth)?.[0]?.id ?? '');
      return ended && reply !== undefined ? [Math.max(0, reply - ended.at)] : [];
    });
  }

  return {
    guilds,
    guild(nth: number): CrowdGuild {
      const found = guilds[nth];
      if (!found) throw new Error(`there is no server ${nth}`);
      return found;
    },
    sandbox,
    sql,
    crowd,
    went,
    untold,
    untilTold,
    toldAfterMs,
    /** Everybody asks, and approvers confirm; ends when all are confirmed. */
    async minute(share: Share, approverMs: number): Promise<readonly Ask[]> {
      const asks = asksOf(share);
      went.push(...(await crowd.live(asks, approverMs)));
      return asks;
    },
    rides: () => ridesOf(sql, nthOf),
    accounts: () => accountsOf(sandbox),
    cards: (): CardFacts => judgeCards(cards(), truth.truths),
    /** What was wrong at all, in sentences. */
    async judge(left: readonly number[]): Promise<readonly string[]> {
      const ended = Array.from({ length: asked }, (_, nth) => nth).filter((nth) => !left.includes(nth));
      const [state, rides] = [await seen(sandbox), await ridesOf(sql, nthOf)];
      const limits = (await accountsOf(sandbox)).flatMap(({ name, refused, mostAtOnce, atOnce, mostPerDay, perDay }) =>
        refused > 0 || mostAtOnce > atOnce || mostPerDay > perDay ? [`${name} refused ${refused}`] : [],
      );
      return [
        ...judgeCards(cards(), truth.truths).wrong,
        ...judgeEnds(ended, { state, posts: crowd.watch.posts.values(), nthOf }),
        ...passedOver(rides),
        ...limits,
        ...(await defectsOf(data.folder)).map(({ msg, error }) => `a process met a fault of its own: ${msg} ${error}`),
        ...(state.refused.count > 0 ? [`the judge refused ${state.refused.count} requests`] : []),
      ];
    },
    async stop() {
      await truth.stop();
      await crowd.stop();
      await sql.end({ timeout: 5 });
      await sandbox.stop();
      await data.remove();
    },
  };
}

export type RunningStory = Awaited<ReturnType<typeof aCrowdStory>>;

const SECOND_MS = 1000;
const seconds = (ms: number) => `${(ms / SECOND_MS).toFixed(1)} s`;

/** `median 0.1 s, p95 0.4 s, most 1.1 s` */
export function spread(values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  return `median ${seconds(sorted[Math.floor(sorted.length / 2)] ?? 0)}, p95 ${seconds(p95(values))}, most ${seconds(sorted.at(-1) ?? 0)}`;
}

/** Of the rides of some asks. */
export const ridesFor = (rides: readonly CrowdRide[], asks: readonly Ask[]) => {
  const numbers = new Set(asks.map(({ nth }) => nth));
  return rides.filter(({ nth }) => numbers.has(nth));
};
