import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

test('the bot logs in as a role that owns nothing', async () => {
  const [row] = await db.sql<{ superuser: boolean }[]>`
    select rolsuper as superuser from pg_roles where rolname = 'verne_worker'`;
  expect(row).toEqual({ superuser: false });
});
