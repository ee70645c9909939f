/** Compares the functions that the migrations made with those that the files of `supabase/schemas` say. */
import { glob, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Sql, TransactionSql } from 'postgres';

export type SchemaFile = {
  /** `guilds/append_audit.sql` */
  readonly path: string;
  /** `verne.append_audit`, read from the text. */
  readonly name: string;
  readonly text: string;
};

export type Change = {
  readonly file: SchemaFile;
  /** What must be dropped first, because `create or replace` cannot change a signature or would add an overload. */
  readonly drops: readonly string[];
};

export type Comparison = {
  readonly changes: readonly Change[];
  /** Functions without a file that no table needs (by a trigger, default or check). */
  readonly orphans: readonly string[];
};

type Made = {
  readonly name: string;
  readonly signature: string;
  /** Arguments with their names and defaults, and the result: what `create or replace` may not change. */
  readonly shape: string;
  /** The definition, its grants and its comment. */
  readonly whole: string;
  readonly neededByTable: boolean;
};

const CREATE = /^create or replace function ((?:public|verne)\.([a-z_]+))\s*\(/gm;

export function functionIn(path: string, text: string): SchemaFile {
  const found = [...text.matchAll(CREATE)];
  const [, name = '', bare = ''] = found[0] ?? [];
  if (found.length !== 1 || basename(path, '.sql') !== bare) {
    throw new Error(`${path}: a file holds one "create or replace function public.…" or "verne.…", named as the file.`);
  }
  return { path, name, text: text.trim() };
}

export async function readSchemaFiles(directory: string): Promise<SchemaFile[]> {
  const paths = (await Array.fromAsync(glob('*/*.sql', { cwd: directory }))).sort();
  return Promise.all(paths.map(async (path) => functionIn(path, await readFile(join(directory, path), 'utf8'))));
}

function made(sql: Sql | TransactionSql): Promise<Made[]> {
  return sql<Made[]>`
    select format('%s.%s', n.nspname, p.proname) as name,
      format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as signature,
      format('(%s) returns %s', pg_get_function_arguments(p.oid), pg_get_function_result(p.oid)) as shape,
      concat_ws(E'\n', pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc'), (
        select string_agg(grant_text::text, ' ' order by grant_text::text)
        from unnest(coalesce(p.proacl, acldefault('f', p.proowner))) as grant_text)) as whole,
      exists (
        select from pg_depend d where d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid
        and d.classid in ('pg_trigger'::regclass, 'pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_policy'::regclass)
      ) as "neededByTable"
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('public', 'verne') and p.prokind = 'f'
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    order by 1, 2`;
}

async function applyFile(sql: TransactionSql, { path, text }: SchemaFile) {
  await sql.unsafe(text).catch((cause: Error) => {
    throw new Error(`supabase/schemas/${path}: ${cause.message}`, { cause });
  });
}

/**
 * What the files alone make. The functions there are renamed out of the way first, so that no old grant and no old
 * overload helps a file; triggers and defaults follow the renamed ones. The bodies are checked on a second pass, when
 * all functions exist.
 */
async function madeByFiles(
  sql: TransactionSql,
  files: readonly SchemaFile[],
  before: readonly Made[],
): Promise<Made[]> {
  const names = new Set(files.map(({ name }) => name));
  for (const [index, { signature }] of before.filter(({ name }) => names.has(name)).entries()) {
    await sql.unsafe(`alter function ${signature} rename to set_aside_${index}`);
  }
  for (const checks of ['off', 'on']) {
    await sql.unsafe(`set local check_function_bodies = ${checks}`);
    for (const file of files) await applyFile(sql, file);
  }
  return (await made(sql)).filter(({ name }) => names.has(name));
}

function changeOf(file: SchemaFile, before: readonly Made[], wanted: Made): Change | undefined {
  const old = before.filter(({ name }) => name === file.name);
  const drops = old.filter(({ shape }) => shape !== wanted.shape).map(({ signature }) => signature);
  const isSame = old.some(({ whole }) => whole === wanted.whole);
  return isSame && drops.length === 0 ? undefined : { file, drops };
}

const UNDO = Symbol('undo');

/** `sql` logs in as the owner of a migrated database, which is left as it was. */
export async function compareFunctions(sql: Sql, files: readonly SchemaFile[]): Promise<Comparison> {
  const before = await made(sql);
  let after: Made[] = [];
  await sql
    .begin(async (transaction) => {
      after = await madeByFiles(transaction, files, before);
      throw UNDO;
    })
    .catch((reason: unknown) => {
      if (reason !== UNDO) throw reason;
    });
  const changes = files.flatMap((file) => {
    const wanted = after.find(({ name }) => name === file.name);
    return (wanted && changeOf(file, before, wanted)) ?? [];
  });
  const names = new Set(files.map(({ name }) => name));
  const orphans = before.filter(({ name, neededByTable }) => !names.has(name) && !neededByTable);
  return { changes, orphans: orphans.map(({ signature }) => signature) };
}
