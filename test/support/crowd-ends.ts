import type { CrowdRide } from './crowd-truth.ts';
import type { RunningSandbox, State } from './sandbox.ts';
import type { Post } from './watch.ts';

type Seen = Pick<State, 'channels' | 'sessions' | 'refused'>;

/** Without the messages, of which there are thousands. */
export async function seen({ origin }: RunningSandbox): Promise<Seen> {
  return (await (await fetch(`${origin}/sandbox/state?only=channels,sessions,refused`)).json()) as Seen;
}

const listed = <One>(all: Iterable<One>, keyOf: (one: One) => string | number | undefined) => {
  const lists = new Map<string | number, One[]>();
  for (const one of all) {
    const key = keyOf(one);
    if (key !== undefined && !Number.isNaN(key)) lists.set(key, [...(lists.get(key) ?? []), one]);
  }
  return lists;
};

type End = {
  readonly card: Post;
  readonly sessions: Seen['sessions'];
  readonly ends: readonly string[];
  readonly threads: number;
};

function wrongEnd(nth: number, { card, sessions, ends, threads }: End): string[] {
  const url = sessions[0]?.pullRequest ?? 'no pull request';
  const checks: readonly (readonly [isTrue: boolean, what: string])[] = [
    [sessions.length === 1 && sessions[0]?.approved === true, `has ${sessions.length} sessions`],
    [ends.length === 1 && ends[0]?.includes(`✅ PR ready: ${url}`) === true, `is told ${ends.join(' | ')}`],
    [card.content.includes(url), `has a card that does not link ${url}`],
    [threads === 1, `has ${threads} threads`],
  ];
  return checks.flatMap(([isTrue, what]) => (isTrue ? [] : [`ask ${nth} ${what}`]));
}

type Told = { readonly state: Seen; readonly posts: Iterable<Post>; readonly nthOf: (text: string) => number };

/** What is wrong with those that came to their end: each has one card, one thread, one session and one message that tells it. */
export function judgeEnds(ended: readonly number[], { state, posts, nthOf }: Told): string[] {
  const all = [...posts];
  const cards = listed(
    all.filter(({ shown }) => shown[0]?.title !== ''),
    ({ content }) => nthOf(content),
  );
  const replies = listed(all, ({ replyTo }) => replyTo);
  const sessions = listed(state.sessions, ({ title }) => nthOf(title));
  const threads = listed(state.channels, ({ id, parent_id }) => (parent_id === undefined ? undefined : id));
  return ended.flatMap((nth) => {
    const [card, ...more] = cards.get(nth) ?? [];
    if (!card || more.length > 0) return [`ask ${nth} has ${card ? more.length + 1 : 'no'} cards`];
    return wrongEnd(nth, {
      card,
      sessions: sessions.get(nth) ?? [],
      ends: (replies.get(card.id) ?? []).map(({ content }) => content),
      threads: threads.get(card.id)?.length ?? 0,
    });
  });
}

/** Somebody who has been queued for so long is known to every transaction that admits. */
const SETTLED_MS = 1000;

/**
 * Each admission at which a server was passed over that waited and had fewer running: what no order of turns allows,
 * whatever the waits come to.
 */
export function passedOver(rides: readonly CrowdRide[]): string[] {
  const runs = (all: readonly CrowdRide[], guild: string, at: number) =>
    all.filter(
      (one) => one.guild === guild && one.admittedAt !== null && one.admittedAt < at && (one.endedAt ?? at) >= at,
    ).length;
  return rides.flatMap((ride) => {
    const at = ride.admittedAt;
    if (at === null) return [];
    const all = rides.filter(({ account }) => account === ride.account);
    const waiting = all.filter(
      (one) =>
        one.guild !== ride.guild && one.queuedAt < at - SETTLED_MS && (one.admittedAt === null || one.admittedAt > at),
    );
    const mine = runs(all, ride.guild, at);
    const fewer = [...new Set(waiting.map(({ guild }) => guild))].filter((guild) => runs(all, guild, at) < mine);
    return fewer.map((guild) => `ask ${ride.nth} of ${ride.guild} before ${guild}, which had fewer running`);
  });
}
