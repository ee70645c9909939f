import { describe, expect, it, test } from 'vitest';
import { de } from '#discord/words/de.ts';
import { en } from '#discord/words/en.ts';
import { LANGUAGES, languageOf } from '#discord/words/language.ts';
import { speaking, words } from '#discord/words/words.ts';
import { factsIn, type Leaf, leavesOf, say } from '../../support/spoken.ts';

const english = leavesOf(en);
const german = new Map(leavesOf(de).map((leaf) => [leaf.path, leaf]));
const pairs = english.map(
  (leaf) => [leaf.path, leaf, german.get(leaf.path) ?? { path: leaf.path, value: '' }] as const,
);

/** Only facts and signs, or a word that is the same in both. */
const SAME = [
  'access.canI.inChannel',
  'access.grants.inChannel',
  'access.grants.onBranch',
  'access.grants.to',
  'card.fields.plan',
  'card.fields.prompt',
  'card.fields.repository',
  'card.fields.thread',
  'delivery.inChannel',
  'dialogs.task.repo.label',
  'limits.amount',
  'limits.line',
  'settings.repo.at',
];

/** With commands and facts taken out: an example such as `/jules prompt: Fix it` may well be translated. */
const prose = (leaf: Leaf) => say(leaf).replaceAll(/«[^»]*»|`[^`]*`/g, '');

const factsOf = ({ value }: Leaf) =>
  typeof value === 'function' ? Array.from(value as { length: number }, (_, at) => at + 1) : [];
/** Another fact makes another sentence, where it is said. */
const isSaid = (leaf: Leaf, at: number) => say(leaf) !== say(leaf, 'many', at);

describe('the catalogue', () => {
  it('has the same sentences in both languages', () => {
    expect([...german.keys()].sort()).toEqual(english.map(({ path }) => path).sort());
    expect(english.length).toBeGreaterThan(200);
  });

  it('says nothing with an empty sentence', () => {
    expect(english.concat([...german.values()]).filter((leaf) => say(leaf).trim() === '')).toEqual([]);
  });

  it('takes the same facts in both languages', () => {
    const arity = ({ value }: Leaf) => (typeof value === 'function' ? value.length : -1);
    expect(pairs.filter(([, one, other]) => arity(one) !== arity(other)).map(([path]) => path)).toEqual([]);
  });

  it.each(['many', 'one', 'empty'] as const)('says each fact in both languages (%s)', (facts) => {
    const said = (at: 1 | 2) => pairs.map((pair) => [pair[0], factsIn(say(pair[at], facts))]);
    expect(said(2)).toEqual(said(1));
  });

  it('says every fact that a sentence is given', () => {
    const silent = [...english, ...german.values()].filter((leaf) => factsOf(leaf).some((one) => !isSaid(leaf, one)));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it('is German where it is not English', () => {
    const same = pairs.filter(([, one, other]) => /\p{L}/u.test(prose(one)) && prose(one) === prose(other));
    expect(same.map(([path]) => path).filter((path) => !SAME.includes(path))).toEqual([]);
  });

  it('writes German quotation marks, and no straight or English ones', () => {
    const quoted = [...german.values()].filter((leaf) => /["“”']/.test(prose(leaf).replaceAll(/„[^„“]*“/g, '')));
    expect(quoted.map(({ path }) => path)).toEqual([]);
  });
});

test('the language is the one of the work, English outside of any, and each work has its own', async () => {
  expect(words()).toBe(en);
  const [inner, outer] = await speaking('de', async () => {
    const other = speaking('en', async () => words());
    await Promise.resolve();
    return [await other, words()];
  });
  expect([inner, outer]).toEqual([en, de]);
});

test('a locale that Verne does not speak is answered in English', () => {
  expect(LANGUAGES).toEqual(['en', 'de']);
  expect(['de', 'de-AT', 'en-GB', 'fr', '', undefined, null].map(languageOf)).toEqual([
    'de',
    'de',
    'en',
    'en',
    'en',
    'en',
    'en',
  ]);
});
