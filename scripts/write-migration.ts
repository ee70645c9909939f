/**
 * Writes the next migration from the functions in `supabase/schemas` that differ from what the migrations make:
 * `npm run migration -- <name>`. Tables, and functions that go away, are written by hand.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startEmbedded } from '#db/embedded.ts';
import { readMigrations } from '#db/migrate.ts';
import { MIGRATIONS, prepareDatabase } from '#db/open-embedded.ts';
import { connect } from '#db/postgres.ts';
import { makeLog } from '#kernel/log.ts';
import { type Change, type Comparison, compareFunctions, readSchemaFiles } from './compare-functions.ts';

const SCHEMAS = fileURLToPath(new URL('../supabase/schemas', import.meta.url));

async function compareInScratch(): Promise<Comparison> {
  const log = makeLog({ level: 'warn', secrets: [] });
  const embedded = await startEmbedded({ dataDir: '', throwaway: true, log });
  try {
    await prepareDatabase(embedded, 'postgres', log);
    const sql = connect(embedded.urlFor('postgres'), { max: 1, applicationName: 'verne write-migration' });
    try {
      return await compareFunctions(sql, await readSchemaFiles(SCHEMAS));
    } finally {
      await sql.end({ timeout: 5 });
    }
  } finally {
    await embedded.stop();
  }
}

/** Functions call one another, so their bodies are checked when all of them are there: by a test, not in this order. */
function migrationText(changes: readonly Change[]): string {
  const parts = changes.map(({ file, drops }) =>
    [...drops.map((signature) => `drop function ${signature};`), file.text].join('\n'),
  );
  return ['set check_function_bodies = off;', ...parts, 'reset check_function_bodies;'].join('\n\n').concat('\n');
}

/** The time now, in UTC, unless a migration of the same second or a later one is there. */
async function nextVersion(now: Date): Promise<string> {
  const last = (await readMigrations(MIGRATIONS)).at(-1)?.version ?? '0';
  const stamp = now.toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return stamp > last ? stamp : String(BigInt(last) + 1n);
}

const name = process.argv[2] ?? '';
if (!/^[a-z][a-z0-9_]*$/.test(name)) {
  console.error('Say what the migration does, in small letters: npm run migration -- let_approvers_cancel');
  process.exit(2);
}
const { changes, orphans } = await compareInScratch();
for (const orphan of orphans)
  console.warn(`${orphan} has no file in supabase/schemas: drop it by hand or write its file.`);
if (changes.length === 0) {
  console.log('The migrations already make what supabase/schemas says.');
} else {
  const file = `${await nextVersion(new Date())}_${name}.sql`;
  await writeFile(`${MIGRATIONS}/${file}`, migrationText(changes), { flag: 'wx' });
  console.log(`supabase/migrations/${file}: ${changes.map((change) => change.file.name).join(', ')}`);
}
