import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configurationPage, permissionInteger, withParts } from '../../scripts/write-docs.ts';

const read = (page: string) => readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');

test('the tables of the README are those of the code', () => {
  const readme = read('README.md');
  expect(readme).toBe(withParts(readme));
});

test('docs/configuration.md says what the configuration reads', () => {
  expect(read('docs/configuration.md')).toBe(configurationPage());
});

test('a page without its markers is refused rather than left to rot', () => {
  expect(() => withParts('# Nothing here')).toThrow('no markers');
});

test('the invite asks for nothing that lets a bot manage a server', () => {
  const administrator = 1n << 3n;
  const manageServer = 1n << 5n;
  expect(permissionInteger & (administrator | manageServer)).toBe(0n);
});
