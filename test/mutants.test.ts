import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MUTANTS } from '../mutants/list.ts';
import { mutated } from '../mutants/mutant.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** `npm run mutants` takes minutes, so it is not run here: but a list that has rotted would kill nothing. */
test('every mutant of the list still fits its file, and the claim that must kill it is there', () => {
  for (const mutant of MUTANTS) {
    expect(mutated(read(mutant.file), mutant), mutant.name).not.toBe(read(mutant.file));
    expect(read(mutant.killer), mutant.name).toContain(mutant.claim);
  }
  expect(MUTANTS.length).toBeGreaterThanOrEqual(40);
});

test('no two mutants have one name', () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});
