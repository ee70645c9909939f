import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readMigrations } from '#db/migrate.ts';
import { readSchemaFiles } from '../../scripts/compare-functions.ts';

const SCHEMAS = fileURLToPath(new URL('../../supabase/schemas', import.meta.url));
const MIGRATIONS = fileURLToPath(new URL('../../supabase/migrations', import.meta.url));

/** Which folder owns which table. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  guilds: [
    'users',
    'guilds',
    'repo_choices',
    'plan_choices',
    'accounts',
    'keys',
    'audit',
    'members',
    'role_operations',
    'grants',
    'allow_lists',
    'rate_limits',
    'rates',
    'budgets',
    'raises',
    'service',
    'master_keys',
    'people',
    'pauses',
  ],
  events: ['events', 'subscriptions', 'topics', 'routes', 'deliveries', 'failures', 'clock', 'leases'],
  tasks: [
    'transitions',
    'tasks',
    'sessions',
    'creations',
    'plans',
    'activities',
    'strays',
    'sources',
    'source_lists',
    'approvals',
    'instructions',
    'patches',
    'history',
  ],
  discord: ['messages'],
};

/** What any function may call: the grounds, in the caller's own transaction. */
const GROUND_FUNCTIONS = [
  'now',
  'authorise',
  'standing_of',
  'standing_notice',
  'append_audit',
  'hold_user',
  'next_task_number',
  'account_limits',
  'take_rate',
  'refused_there',
  'language_of',
  'would_refuse',
  'has_budgets',
  'over_budget',
  'limits_here',
  'is_paused',
  'has_left',
  'paused_since',
  'stands_still',
  'tenant_of',
  'note_key_problem',
  'note_key_exhausted',
  'note_key_works',
  'who_mends',
  'spare_keys',
  'find_key',
  'forget_identity',
  'forget_name',
  'hold_person',
  'forget_messages',
  'forget_facts',
  'publish_event',
  'known_event',
  'key_opens',
  'key_refused',
  'add_message',
  'card_of',
  'owed_messages',
  'owe_again',
  'may_where',
];

const withoutComments = (sql: string) => sql.replaceAll(/--.*$/gm, '');

test('every table has an owner', async () => {
  const migrations = await readMigrations(MIGRATIONS);
  const text = migrations.map(({ text: sql }) => sql).join('\n');
  const tables = [...text.matchAll(/create table (?:public|verne)\.([a-z_]+)/g)].map(([, name]) => name);
  expect(tables.sort()).toEqual(Object.values(OWNERS).flat().sort());
});

test('a function names the tables of its own folder, and of others only the ground functions', async () => {
  const files = await readSchemaFiles(SCHEMAS);
  const folderOf = new Map(files.map(({ path, name }) => [name.split('.')[1], path.split('/')[0]]));
  const foreign = files.flatMap(({ path, name: self, text }) => {
    const folder = path.split('/')[0] ?? '';
    const named = [...withoutComments(text).matchAll(/\b(?:public|verne)\.([a-z_]+)\b/g)].map(([, name]) => name ?? '');
    return named
      .filter((name) => name !== self.split('.')[1] && !OWNERS[folder]?.includes(name))
      .filter((name) => !GROUND_FUNCTIONS.includes(name) && folderOf.get(name) !== folder)
      .map((name) => `${path}: ${name}`);
  });
  expect(foreign).toEqual([]);
});

test('a gate is asked so that null refuses', async () => {
  const files = await readSchemaFiles(SCHEMAS);
  const asked = files.filter(({ text }) => text.includes("gate ->> 'kind'"));
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter(({ text }) => /gate ->> 'kind' (?:<>|=|!=)/.test(text)).map(({ path }) => path)).toEqual([]);
});
