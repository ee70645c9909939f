import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { rows } from '../support/catalogue.ts';
import { recordFigure } from '../support/figures.ts';
import { type Figures, readFigures, reliabilityPage, withFigures } from '../support/reliability-page.ts';

const fileOf = (path: string) => new URL(`../../${path}`, import.meta.url);
const read = (path: string) => readFileSync(fileOf(path), 'utf8');

test('docs/reliability.md says what the catalogue and the last full runs say', () => {
  expect(read('docs/reliability.md')).toBe(reliabilityPage(readFigures()));
});

describe.each(rows)('row %s', (id, { short, full }) => {
  const held = [short, full].filter((file) => file !== undefined);

  test('is named by every test file that is said to hold it', () => {
    for (const file of held) {
      expect(existsSync(fileOf(file)), file).toBe(true);
      expect(read(file), file).toMatch(new RegExp(`\\b${id}\\b`));
    }
    if (full) expect(full).toMatch(/^test\/full\/.*\.full\.ts$/);
  });

  test('has a figure of its full test, and of no other', () => {
    expect(Object.keys(readFigures()[id] ?? {})).toEqual(full ? [full] : []);
  });
});

test('what a full run says of a row replaces what the same file said before, and nothing else', () => {
  const old = { figure: 'old', on: '2026-01-01', machine: 'm', node: '24' };
  const before: Figures = { D01: { 'a.full.ts': old }, W05: { 'a.full.ts': old } };
  const told = [
    { row: 'D01', file: 'a.full.ts', figure: 'headers' },
    { row: 'D01', file: 'a.full.ts', figure: 'bodies' },
    { row: 'D02', file: 'a.full.ts', figure: 'bombs' },
  ] as const;
  const after = withFigures(before, told, new Date('2026-11-20T10:00:00Z'));
  expect(after['D01']?.['a.full.ts']).toMatchObject({ figure: 'headers; bodies', on: '2026-11-20' });
  expect(after['D02']?.['a.full.ts']).toMatchObject({ figure: 'bombs' });
  expect(after['W05']).toEqual(before['W05']);
  expect(reliabilityPage(after)).toContain('headers; bodies');
});

test('a figure of a row that is not in the catalogue is refused, so that none is lost unseen', async () => {
  await expect(recordFigure('Z99', '0')).rejects.toThrow('no row Z99');
  await recordFigure('D01', 'a short test tells nothing');
});
