import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const pages = ['README.md', ...documentsIn('docs')];

function documentsIn(folder: string): string[] {
  const entries = readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' });
  return entries.filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`);
}

const read = (page: string) => readFileSync(new URL(page, root), 'utf8');
const withoutCode = (text: string) => text.replaceAll(/^```.*?^```/gms, '').replaceAll(/`[^`\n]*`/g, '');

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
const anchorsOf = (file: string) =>
  [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading ?? ''));

type Link = { readonly page: string; readonly target: string };
const linksOf = (page: string): Link[] =>
  [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => ({ page, target: target ?? '' }));

function isBroken({ page, target }: Link): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? new URL(page, root) : new URL(path, new URL(page, root));
  if (!existsSync(file)) return true;
  return anchor !== undefined && !anchorsOf(fileURLToPath(file).slice(fileURLToPath(root).length)).includes(anchor);
}

test('every relative link and every anchor of the documents leads somewhere', () => {
  const links = pages.flatMap(linksOf).filter(({ target }) => !/^[a-z]+:/.test(target));
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter(isBroken)).toEqual([]);
});

test('the README leads to every document, through others or at once', () => {
  const reached = new Set(['README.md']);
  for (const page of reached) {
    const next = linksOf(page).map(({ target }) => new URL(target.split('#')[0] ?? '', new URL(page, root)).href);
    for (const found of pages) if (next.includes(new URL(found, root).href)) reached.add(found);
  }
  const isOfFolder = (page: string) => page.startsWith('docs/decisions/');
  expect(pages.filter((page) => !(reached.has(page) || isOfFolder(page)))).toEqual([]);
});

test('every npm script that the documents name exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = pages.flatMap((page) =>
    [...read(page).matchAll(/npm (?:run (?:-s )?|(?=start|test\b))([\w:-]+)/g)].map(([, name]) => ({
      page,
      name: name ?? '',
    })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ name }) => !(name in scripts))).toEqual([]);
});
