import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { FoundRegex } from './regexes.ts';

const SIZE = 100_000;
const fill = (unit: string, end = '') => unit.repeat(Math.ceil(SIZE / unit.length)).slice(0, SIZE) + end;

/** What makes a search begin again and again, or try every way to divide a run. */
const INPUTS = [
  ...[
    'a',
    'A',
    '0',
    ' ',
    '\n',
    '-',
    '_',
    '`',
    '<',
    '[',
    '(',
    '@',
    '\\',
    '/',
    '.',
    ':',
    '"',
    '=',
    '*',
    '#',
    '~',
    'e\u0301',
    '👨‍👩‍',
  ].map((unit) => fill(unit, '!\u0000')),
  ...[
    'a0',
    'a.',
    'a-',
    'aa ',
    '``` ',
    '`a',
    '[a](',
    '://',
    'a://',
    'key=',
    'eyJaaaaaaaaaa.',
    'AIza',
    '-----BEGIN PRIVATE KEY-----',
    '> ',
    '\n\n',
    '> a\n',
    'a\n',
    ': (Jules answered 400',
    'Command:\nOutput:',
    '//a:',
    'postgres://a:',
    'postgres://a:b@',
    'hooks.slack.com/services/',
    'SG.aaaaaaaaaaaaaaaa.',
    '/pull/',
    '/../',
    'token ',
    '**a',
    '_a ',
    '\u{1F3F4}\u{E0067}',
  ].map((unit) => fill(unit, '!')),
  `Command:${fill('\nOutput:')}\nExit Code: x`,
  `https://${fill('a.')}`,
  `postgres://${fill('a:')}`,
];

function msOf(regex: RegExp, text: string): number {
  const from = performance.now();
  if (regex.global) text.replace(regex, '');
  else regex.exec(text);
  regex.lastIndex = 0;
  return performance.now() - from;
}

/** What is not linear shows it early, and would take minutes at full size. */
const EARLY = 5000;
const isEarlySlow = (regex: RegExp, input: string, limitMs: number) =>
  [1, 2, 3].every(() => msOf(regex, `${input.slice(0, EARLY)}!`) > limitMs / 5);

/** The worst of all inputs. One above `limitMs` is tried again: another process may have had the processor. */
export function slowestMs(regex: RegExp, limitMs = 10): { readonly ms: number; readonly input: string } {
  let worst = { ms: 0, input: '' };
  for (const input of INPUTS) {
    if (isEarlySlow(regex, input, limitMs)) return { ms: Number.POSITIVE_INFINITY, input: input.slice(0, 40) };
    let ms = msOf(regex, input);
    for (let tries = 0; ms > limitMs && ms < 50 * limitMs && tries < 20; tries += 1)
      ms = Math.min(ms, msOf(regex, input));
    if (ms > worst.ms) worst = { ms, input: input.slice(0, 40) };
  }
  return worst;
}

/** Files that put regular expressions together; the page of the sandbox, which runs in a browser, is not among them. */
export async function filesThatBuild(root: string): Promise<string[]> {
  const files = (await readdir(root, { recursive: true })).filter(
    (name) => name.endsWith('.ts') && !name.startsWith('sandbox/'),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')));
  return files.filter((_file, at) => texts[at]?.includes('new RegExp('));
}

/** The ones that are put together when their file is imported. */
export async function builtAtImport(root: string): Promise<FoundRegex[]> {
  const built: FoundRegex[] = [];
  let file = '';
  const Real = globalThis.RegExp;
  vi.resetModules();
  vi.stubGlobal(
    'RegExp',
    new Proxy(Real, {
      construct(target, [source, flags]: [string, string?]) {
        built.push({ file, source: String(source), flags: flags ?? '' });
        return new target(source, flags);
      },
    }),
  );
  for (file of await filesThatBuild(root)) await import(join(root, file));
  vi.unstubAllGlobals();
  return built;
}
