import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faultBody } from '#sandbox/driver-faults.ts';
import { julesFaultSchema } from '#sandbox/jules/faults.ts';
import { julesScriptSchema } from '#sandbox/jules/scripts.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const source = (folder: string) =>
  readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') || name.endsWith('.sql'))
    .map((name) => ({ name, text: read(`${folder}/${name}`) }));

const operations = read('docs/operations.md');
const sandbox = read('docs/sandbox.md');
const bot = source('src').filter(({ name }) => !name.startsWith('sandbox/'));
const all = bot.map(({ text }) => text).join('\n');

/** The words in backticks of the first column of the table under this heading cell. */
function firstColumn(page: string, heading: string): string[] {
  const table = page.split(`| ${heading} |`)[1]?.split('\n\n')[0] ?? '';
  const cells = table
    .split('\n')
    .slice(2)
    .map((line) => line.split('|')[1] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? ''));
}

test('the log events that the operator reads about are those that the bot writes', () => {
  const written = [...all.matchAll(/\bevent: '([a-z.]+)'/g)].map(([, name]) => name);
  expect(firstColumn(operations, '`event`').sort()).toEqual([...new Set(written)].sort());
});

test('every log message that the operator reads about is in the code', () => {
  const told = firstColumn(operations, '`msg`');
  expect(told.length).toBeGreaterThan(10);
  expect(told.filter((message) => !all.includes(`'${message}'`))).toEqual([]);
});

test('the subscribers that the operator reads about are those that the migrations make, with what they hear', () => {
  const migrations = source('supabase/migrations')
    .map(({ text }) => text)
    .join('\n');
  // A later migration may change what an earlier one subscribed.
  const made = new Map(
    [...migrations.matchAll(/verne\.subscribe\('([a-z_.]+)', '\{([^}]+)\}'/g)].map(([, name, heard]) => [name, heard]),
  );
  const rows = [...made].map(([name, heard]) => [
    name,
    heard
      ?.split(',')
      .map((topic) => `\`${topic}\``)
      .join(', '),
  ]);
  const told = [...operations.matchAll(/^\| `((?:tasks|discord|events|guilds)\.[a-z_]+)` \|[^|]+\| (.+) \|$/gm)];
  expect(told.map(([, name, heard]) => [name, heard])).toEqual(rows);
});

test('the drivers that are described are those that exist', () => {
  const routes = ['src/sandbox/drivers.ts', 'src/sandbox/stream.ts'].flatMap((file) =>
    [...read(file).matchAll(/\.(get|post)\('(\/sandbox\/[a-z]+)'/g)].map(
      ([, method, path]) => `${method?.toUpperCase()} ${path}`,
    ),
  );
  expect(firstColumn(sandbox, 'Route').sort()).toEqual(routes.sort());
});

test('every field, scenario, push and kind of fault that the drivers take is described', () => {
  const { scenario, do: push, settings } = julesScriptSchema.shape;
  const { on, kind } = julesFaultSchema.shape;
  const words = [
    ...Object.keys(julesScriptSchema.shape),
    ...Object.keys(settings.unwrap().shape),
    ...scenario.unwrap().options,
    ...push.unwrap().options,
    ...Object.keys(julesFaultSchema.shape),
    ...on.options,
    ...kind.options,
    ...Object.keys(faultBody.shape),
    ...faultBody.shape.gateway.unwrap().options,
    ...Object.keys(faultBody.shape.rest.unwrap().shape),
    ...faultBody.shape.rest.unwrap().shape.kind.options,
    ...faultBody.shape.do.unwrap().options,
  ];
  const described = new Set(sandbox.match(/[A-Za-z0-9_]+/g));
  expect(words.filter((word) => !described.has(word))).toEqual([]);
});
