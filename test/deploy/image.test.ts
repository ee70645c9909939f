import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

type Instruction = { readonly word: string; readonly rest: string };

/** Instructions in order, comments left out, continued lines joined. */
const instructions: Instruction[] = read('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim())
  .map((line) => ({ word: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1) }));

/** Only the last stage becomes the image. */
const last = instructions.slice(instructions.findLastIndex(({ word }) => word === 'FROM'));
const only = (word: string) => {
  const found = last.filter((instruction) => instruction.word === word);
  expect(found, word).toHaveLength(1);
  return found[0]?.rest ?? '';
};

test('node is the first process, so that SIGTERM reaches it', () => {
  expect(JSON.parse(only('CMD'))).toEqual(['node', 'src/main.ts']);
  expect(last.filter(({ word }) => word === 'ENTRYPOINT')).toEqual([]);
});

test('the process is not root, and nothing is copied after that is said', () => {
  expect(only('USER')).toBe('node');
  const said = last.findIndex(({ word }) => word === 'USER');
  expect(last.slice(said).map(({ word }) => word)).not.toContain('COPY');
  expect(last.slice(said).map(({ word }) => word)).not.toContain('RUN');
});

test('every stage starts from the Node that the tests run on, slim, pinned to its minor version', () => {
  const [major, minor] = packageJson.devDependencies.node.split('.');
  const bases = instructions.filter(({ word }) => word === 'FROM').map(({ rest }) => rest.split(' ')[0]);
  expect(bases.length).toBeGreaterThan(1);
  for (const base of bases) expect(base).toBe(`node:${major}.${minor}-bookworm-slim`);
});

test('the image carries no packages for development, and runs what it copies', () => {
  const install = instructions.find(({ rest }) => rest.startsWith('npm ci'));
  expect(install?.rest).toMatch(/\$\{OMIT\}/);
  expect(instructions.find(({ word }) => word === 'ARG')?.rest).toMatch(/^OMIT="--omit=dev /);
  const copied = last.filter(({ word }) => word === 'COPY').map(({ rest }) => rest.split(' ').at(-1));
  expect(copied).toEqual(expect.arrayContaining(['node_modules', 'supabase', 'scripts', 'src']));
});

test('its health is asked of /healthz, by a file that is there', () => {
  const check = JSON.parse(only('HEALTHCHECK').replace(/^.* CMD /, ''));
  expect(check[0]).toBe('node');
  expect(read(check[1])).toContain('/healthz');
});

test('no secret is named in it, and .dockerignore lets in only what is copied', () => {
  expect(read('Dockerfile')).not.toMatch(/TOKEN|SECRET|PASSWORD|_KEYS?\b|npm start/);
  const [first, ...allowed] = read('.dockerignore')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  expect(first).toBe('*');
  expect(allowed.every((line) => line.startsWith('!'))).toBe(true);
  const wanted = instructions
    .filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from'))
    .flatMap(({ rest }) => rest.split(' ').slice(0, -1));
  expect(allowed.map((line) => line.slice(1)).sort()).toEqual([...new Set(wanted)].sort());
});
