import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '#db/postgres.ts';
import { compareFunctions, functionIn, readSchemaFiles, type SchemaFile } from '../../scripts/compare-functions.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

const SCHEMAS = fileURLToPath(new URL('../../supabase/schemas', import.meta.url));
const LIMIT_LINES = 60;

let db: TestDatabase;
let files: SchemaFile[];
beforeAll(async () => {
  db = await freshDatabase();
  files = await readSchemaFiles(SCHEMAS);
});
afterAll(() => db.close());

async function compare(given: readonly SchemaFile[]) {
  const sql = connect(db.ownerUrl, { max: 1, applicationName: 'verne test compare' });
  try {
    const { changes, orphans } = await compareFunctions(sql, given);
    return { changes: changes.map(({ file, drops }) => [file.name, ...drops]), orphans };
  } finally {
    await sql.end({ timeout: 5 });
  }
}

test('the migrations make exactly the functions of the schema files (else: npm run migration -- <name>)', async () => {
  expect(files.length).toBeGreaterThan(0);
  expect(await compare(files)).toEqual({ changes: [], orphans: [] });
});

test('every schema file lies in the folder of its owner and holds one function of its name', async () => {
  const folders = await readdir(SCHEMAS, { recursive: true, withFileTypes: true });
  const listed = folders.filter((entry) => entry.isFile()).map(({ name }) => name);
  expect(files.map(({ path }) => path.split('/')[1]).sort()).toEqual(listed.sort());
  expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
});

test('no SQL function is longer than a screen', () => {
  const long = files
    .map(({ path, text }) => ({ path, lines: bodyLines(text) }))
    .filter(({ lines }) => lines > LIMIT_LINES);
  expect(long).toEqual([]);
});

/** From `create` to the closing quote of the body. */
function bodyLines(text: string): number {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.startsWith('create or replace function'));
  const to = lines.findLastIndex((line) => /\$\w*\$;?\s*$/.test(line));
  return to - from + 1;
}

test('a file with another name, or with two functions, is refused', () => {
  const one = 'create or replace function verne.one() returns int language sql as $$ select 1 $$;';
  expect(functionIn('ground/one.sql', one).name).toBe('verne.one');
  expect(() => functionIn('ground/two.sql', one)).toThrow(/named as the file/);
  expect(() => functionIn('ground/one.sql', `${one}\n${one}`)).toThrow(/holds one/);
});

const probe = (head: string, tail = '') =>
  functionIn(
    'ground/probe.sql',
    `create or replace function verne.probe${head} returns int language sql as $$ select 1 $$;${tail}`,
  );

test('a new body, a new grant, a new argument and a function without a file are each noticed', async () => {
  const sql = connect(db.ownerUrl, { max: 1, applicationName: 'verne test compare' });
  await sql.unsafe(probe('(a int)').text);
  await sql.end({ timeout: 5 });
  expect(await compare([...files, probe('(a int)')])).toEqual({ changes: [], orphans: [] });
  expect(await compare(files)).toEqual({ changes: [], orphans: ['verne.probe(a integer)'] });
  const rewritten = { ...probe('(a int)'), text: probe('(a int)').text.replace('select 1', 'select 2') };
  expect((await compare([...files, rewritten])).changes).toEqual([['verne.probe']]);
  const granted = probe('(a int)', 'grant execute on function verne.probe to anon;');
  expect((await compare([...files, granted])).changes).toEqual([['verne.probe']]);
  const grown = probe('(a int, b text default null)');
  expect((await compare([...files, grown])).changes).toEqual([['verne.probe', 'verne.probe(a integer)']]);
});
