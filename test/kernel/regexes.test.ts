import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { builtAtImport, filesThatBuild, slowestMs } from '../support/regex-speed.ts';
import { regexesIn, regexesUnder } from '../support/regexes.ts';

// The short form of I12 in docs/reliability.md.

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
const MOST_MS = 10;

afterEach(() => {
  vi.unstubAllGlobals();
});

test('the finder knows a regular expression from a division, a string, a comment and a template', () => {
  const template = ['`', '$', '{/in/u.test(x)} /no/', '`'].join('');
  const code = `const a = b / c / d; // word\n/* /no/ */ const e = '/no/'; f(/[/"]yes\\//gi, ${template});`;
  const found = regexesIn(code);
  expect(found).toEqual([
    { source: '[/"]yes\\/', flags: 'gi' },
    { source: 'in', flags: 'u' },
  ]);
});

test('a regular expression that can be made slow is seen to be', () => {
  expect(slowestMs(/ +$/).ms).toBeGreaterThan(MOST_MS);
});

describe('the regular expressions of the bot', () => {
  test('are all found, those that are put together too', async () => {
    expect((await regexesUnder(SRC)).length).toBeGreaterThan(100);
    for (const file of await filesThatBuild(SRC)) {
      expect(await readFile(`${SRC}/${file}`, 'utf8'), file).toMatch(
        /^const \w+ = new RegExp|^export const \w+ = new RegExp/m,
      );
    }
  });

  test('answer 100,000 characters of anything within ten milliseconds', async () => {
    const built = await builtAtImport(SRC);
    const all = [...(await regexesUnder(SRC)), ...built].filter(({ file }) => !file.startsWith('sandbox/'));
    const slow = all
      .map(({ file, source, flags }) => ({ file, source, ...slowestMs(new RegExp(source, flags), MOST_MS) }))
      .filter(({ ms }) => ms > MOST_MS);
    expect(slow).toEqual([]);
  });
});
