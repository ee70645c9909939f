import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cardsPage, PICTURES } from '../../scripts/cards-page.ts';

const docs = new URL('../../docs/', import.meta.url);
const images = new URL('images/cards/', docs);

test('docs/cards.md tells what the code shows', () => {
  expect(readFileSync(new URL('cards.md', docs), 'utf8')).toBe(cardsPage());
});

test('every card and note of it has its picture, there are no others, and none is large', () => {
  const files = readdirSync(images);
  expect(files.toSorted()).toEqual(PICTURES.map(({ name }) => `${name}.png`).toSorted());
  expect(files.filter((file) => statSync(new URL(file, images)).size > 40 * 1024)).toEqual([]);
});
