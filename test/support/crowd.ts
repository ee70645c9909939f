import type { Sql } from 'postgres';
import type { CrowdGuild } from '#sandbox/discord/crowd.ts';
import { idOf, type RunningSandbox } from './sandbox.ts';
import type { Seeded } from './seeded.ts';
import { type Post, type Watch, watchMessages } from './watch.ts';

const pause = (ms: number) => new Promise((resume) => setTimeout(resume, Math.max(0, ms)));

/** One request of a crowd, told by its number, which stands in the prompt. */
export type Ask = {
  readonly nth: number;
  readonly guild: CrowdGuild;
  readonly person: string;
  readonly atMs: number;
};

/** How an ask went for those who asked and approved, in milliseconds. */
export type Went = {
  readonly ask: Ask;
  readonly answeredMs: number;
  readonly cardMs: number;
  readonly confirmedMs: number;
};

const promptOf = ({ nth }: Pick<Ask, 'nth'>) => `Crowd ask ${nth}; mend the broken check`;
const ASK = /Crowd ask (\d+);/;
export const nthOf = (text: string): number => Number(ASK.exec(text)?.[1] ?? Number.NaN);

export async function gather(sandbox: RunningSandbox, wish: object): Promise<readonly CrowdGuild[]> {
  const answer = (await sandbox.drive('crowd', wish)) as { guilds?: readonly CrowdGuild[]; error?: string };
  if (!answer.guilds) throw new Error(answer.error);
  return answer.guilds;
}

/** So many requests of each kind of member within a time, at moments and by people that the seed chooses. */
export function someAsks(
  random: Seeded,
  facts: {
    readonly guild: CrowdGuild;
    readonly people: readonly string[];
    readonly count: number;
    readonly withinMs: number;
  },
): Omit<Ask, 'nth'>[] {
  const { guild, people, count, withinMs } = facts;
  return Array.from({ length: count }, () => ({ guild, person: random.pick(people), atMs: random.below(withinMs) }));
}

type Deps = { readonly sandbox: RunningSandbox; readonly sql: Sql; readonly random: Seeded };

/** A crowd that asks and approves through the drivers, as people do: on the card, when it is there. */
export async function aCrowd({ sandbox, sql, random }: Deps) {
  const watch: Watch = await watchMessages(sandbox.origin);
  const cards = new Map<number, PromiseWithResolvers<Post>>();
  const cardOf = (nth: number) => {
    const known = cards.get(nth) ?? Promise.withResolvers<Post>();
    cards.set(nth, known);
    return known;
  };
  watch.onPost((post) => {
    const nth = nthOf(post.content);
    if (post.shown.length === 1 && post.shown[0]?.title && !Number.isNaN(nth)) cardOf(nth).resolve(post);
  });
  let unanswered = 0;

  async function isRecorded(ask: Ask): Promise<boolean> {
    const [row] = await sql<{ found: boolean }[]>`
      select exists (select from public.tasks where prompt = ${promptOf(ask)}) as found`;
    return row?.found === true;
  }

  /** True where the person hears that it is recorded; false where nobody answers them. */
  async function tell(ask: Ask, channel: string): Promise<boolean> {
    const body = { as: ask.person, name: 'jules', options: { prompt: promptOf(ask) }, channel };
    const { reply, error } = await sandbox.drive('command', body);
    if (reply && /recorded/.test(reply.content)) return true;
    if (reply || !error?.includes('did not respond')) throw new Error(`${ask.nth}: ${reply?.content ?? error}`);
    unanswered += 1;
    return false;
  }

  /** Who hears nothing looks first, since asking again would be a second task. */
  async function request(ask: Ask): Promise<void> {
    const channel = random.pick(ask.guild.channels).id;
    while (!(await tell(ask, channel))) if (await isRecorded(ask)) return;
  }

  async function approve(ask: Ask, card: Post): Promise<void> {
    const press = { as: random.pick(ask.guild.approvers), message: card.id, custom_id: idOf(card, /confirm/) };
    for (;;) {
      const { reply, error } = await sandbox.drive('press', press);
      if (reply) throw new Error(`${ask.nth}: ${reply.content}`);
      if (!error) return;
      unanswered += 1;
    }
  }

  async function live(ask: Ask, startAt: number, approverMs: number): Promise<Went> {
    await pause(startAt + ask.atMs - Date.now());
    const askedAt = performance.now();
    await request(ask);
    const answeredMs = performance.now() - askedAt;
    const card = await cardOf(ask.nth).promise;
    const cardMs = performance.now() - askedAt;
    await pause(random.next() * approverMs);
    const pressedAt = performance.now();
    await approve(ask, card);
    return { ask, answeredMs, cardMs, confirmedMs: performance.now() - pressedAt };
  }

  return {
    watch,
    unanswered: () => unanswered,
    /** Somebody who is too fast: how often they were answered, and how often told to wait. */
    hurry: async ({ members, channels }: CrowdGuild, times: number) => {
      const body = { as: members.at(-1), name: 'can-i', options: {}, channel: channels[0]?.id };
      const answers = await Promise.all(Array.from({ length: times }, () => sandbox.drive('command', body)));
      const told = answers.map(({ reply, error }) => reply?.content ?? `${error}`);
      const slowed = told.filter((sentence) => sentence.startsWith('That was too fast')).length;
      return { answered: told.length - slowed, slowed };
    },
    /** Everybody asks at their time, and an approver looks at each card within so long. */
    live: (asks: readonly Ask[], approverMs: number) => {
      const startAt = Date.now();
      return Promise.all(asks.map((ask) => live(ask, startAt, approverMs)));
    },
    stop: () => watch.stop(),
  };
}

export type RunningCrowd = Awaited<ReturnType<typeof aCrowd>>;
