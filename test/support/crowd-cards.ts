import { rankShown, type Sample, type Truth } from './crowd-truth.ts';
import type { Post } from './watch.ts';

export type CardFacts = {
  /** What a card said that its task never was, or was not yet. */
  readonly wrong: readonly string[];
  /** From when a task got somewhere until its card said so. */
  readonly lateMs: readonly number[];
  /** How long a place in the queue had not been true any more, at each look. */
  readonly placeAgeMs: readonly number[];
  /** How many waits that cards told were compared with the database's. */
  readonly waits: number;
};

/** The places that a task had within a time, with a look before and after; one that began has none left before it. */
function placesIn(samples: readonly Sample[], fromMs: number, untilMs: number): number[] {
  const near = samples.filter(
    ({ at }, nth) => (samples[nth + 1]?.at ?? at) >= fromMs && (samples[nth - 1]?.at ?? at) <= untilMs,
  );
  const isKnown = near.every(({ at }, nth) => at - (near[nth - 1]?.at ?? at) < LOOKS_APART_MS);
  return isKnown ? near.flatMap(({ place, rank }) => place ?? (rank > QUEUED ? 0 : [])) : [];
}

/** Nobody knows what the places were between looks that are further apart. */
const LOOKS_APART_MS = 1500;

/** So long ago at the most a card was read in the database when it is seen, on a machine that is busy. */
const READ_MS = 6000;
const QUEUED = 10;
/** Places go back and forth between two looks, when several come and begin. */
const BETWEEN_LOOKS = 2;

const isWithin = (value: number, values: readonly number[]) =>
  value >= Math.min(...values) - BETWEEN_LOOKS && value <= Math.max(...values) + BETWEEN_LOOKS;

const placeIn = (text: string) =>
  Number(/^Place ([\d,]+) in the queue/.exec(text)?.[1]?.replace(',', '') ?? Number.NaN);

/** A card is never ahead of its task. */
function wrongOf({ shown }: Post, { nth, samples }: Truth): string[] {
  return shown.flatMap(({ at, title, text }) => {
    const rank = rankShown(title);
    const then = samples.find((one) => one.at >= at)?.rank ?? samples.at(-1)?.rank ?? Number.NaN;
    if (!(rank <= then)) return [`ask ${nth}: the card says "${title}" (${rank}), the task is at ${then}`];
    const place = placeIn(text);
    if (Number.isNaN(place)) return [];
    const places = placesIn(samples, at - READ_MS, at);
    return places.length === 0 || isWithin(place, places)
      ? []
      : [`ask ${nth}: the card says place ${place}, it was ${places.join(', ')}`];
  });
}

/** From each step of the task on: how long until the card was at least so far. */
function lateOf({ shown }: Post, { samples }: Truth): number[] {
  const steps = samples.filter(({ rank }, nth) => rank !== samples[nth - 1]?.rank);
  const end = samples.at(-1)?.at ?? 0;
  return steps.map(({ at, rank }) => {
    const told = shown.find((one) => rankShown(one.title) >= rank);
    return Math.max(0, (told?.at ?? Math.max(end, at)) - at);
  });
}

/** Of those that began: who waits for another day is looked at seldom. */
function placeAgesOf({ shown }: Post, { samples }: Truth): number[] {
  if ((samples.at(-1)?.rank ?? 0) <= QUEUED) return [];
  return samples.flatMap(({ at, place }, nth) => {
    const now = shown.findLast((one) => one.at <= at);
    const says = placeIn(now?.text ?? '');
    if (!now || place === null || Number.isNaN(says)) return [];
    const last = samples.findLastIndex((one, index) => {
      const before = samples[index - 1]?.place ?? one.place;
      return index <= nth && one.place !== null && isWithin(says, [one.place, before ?? one.place]);
    });
    return [last === nth ? 0 : at - (samples[last]?.at ?? now.at)];
  });
}

const MINUTES = { minute: 1, minutes: 1, hour: 60, hours: 60 } as const;

/** Minutes, as a card tells them. */
function waitIn(text: string): number {
  const [, count = '', unit = ''] = /, about (\d+) (minutes?|hours?) to go\./.exec(text) ?? [];
  return count ? Number(count) * MINUTES[unit as keyof typeof MINUTES] : Number.NaN;
}

/** Each wait that was told when its card had just been shown, with what the database said. */
function waitsOf({ shown }: Post, { nth, samples }: Truth): { readonly wrong: string[]; readonly count: number } {
  const pairs = samples.flatMap(({ at, waitS, usualS }) => {
    const fresh = shown.findLast((one) => one.at <= at && one.at > at - 1500);
    const told = waitIn(fresh?.text ?? '');
    // An estimate by how long sessions take is another as soon as one of them has ended.
    const isSteady = samples.every((one) => one.at > at || one.at < at - 1500 - READ_MS || one.usualS === usualS);
    return waitS === null || Number.isNaN(told) || !isSteady ? [] : [{ told, is: waitS / 60, round: usualS / 60 }];
  });
  // A place further back may be a whole round of sessions later.
  const off = pairs.filter(({ told, is, round }) => Math.abs(told - is) > 1 + round + is / 10);
  return {
    wrong: off.map(({ told, is }) => `ask ${nth}: told ${told} minutes, it is ${is.toFixed(1)}`),
    count: pairs.length,
  };
}

/** What the cards said, held against what was so. Every task has its card, and at the end it tells the end. */
export function judgeCards(posts: ReadonlyMap<number, readonly Post[]>, truths: ReadonlyMap<number, Truth>): CardFacts {
  const wrong: string[] = [];
  const lateMs: number[] = [];
  const placeAgeMs: number[] = [];
  let waits = 0;
  for (const truth of truths.values()) {
    const [card, ...more] = posts.get(truth.nth) ?? [];
    if (!card || more.length > 0) {
      wrong.push(`ask ${truth.nth} has ${card ? more.length + 1 : 'no'} cards`);
      continue;
    }
    if (rankShown(card.shown.at(-1)?.title ?? '') !== truth.samples.at(-1)?.rank)
      wrong.push(`ask ${truth.nth} ended with "${card.shown.at(-1)?.title}"`);
    const waited = waitsOf(card, truth);
    waits += waited.count;
    wrong.push(...wrongOf(card, truth), ...waited.wrong);
    lateMs.push(...lateOf(card, truth));
    placeAgeMs.push(...placeAgesOf(card, truth));
  }
  return { wrong, lateMs, placeAgeMs, waits };
}
