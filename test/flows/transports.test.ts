import { afterEach, expect, test } from 'vitest';
import { tellCoreStory } from '../support/core-story.ts';
import { startProject } from '../support/project.ts';
import { startSandbox } from '../support/sandbox.ts';
import { defectsOf } from '../support/sandbox-data.ts';
import { ask, confirm, untilTold } from '../support/story.ts';

/** The main story where only the Data API is given. On direct connections it is told by the flows of either door. */
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

test.for(['gateway', 'http'] as const)(
  'through real PostgREST the story is told to its end, once, at the %s door',
  { timeout: 120_000 },
  async (door) => {
    const { folder, sql, env } = await startProject((end) => endings.push(end));
    const sandbox = await startSandbox({ door, database: 'env', data: folder, env });
    endings.push(() => sandbox.stop());
    const story = { prompt: 'Add a health check' };
    await ask(sandbox, story);
    await confirm(sandbox, story);
    await untilTold(sandbox, story);
    await tellCoreStory(sandbox, `Steered at the ${door} door`);

    const [{ env: seen } = { env: {} }] = await sandbox.processes();
    expect(Object.keys(seen)).toContain('SUPABASE_URL');
    const others = await sql<{ name: string }[]>`
      select distinct application_name as name from pg_stat_activity
      where datname = current_database() and application_name ~ '^verne' and application_name <> 'verne test'`;
    expect(others).toEqual([]);
    expect(await defectsOf(folder)).toEqual([]);
  },
);
