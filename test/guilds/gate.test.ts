import { afterAll, beforeAll, expect, test } from 'vitest';
import { anActor } from '../support/actors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

test.each([false, null, undefined])(
  'somebody of whom nobody knows that they administer (%s) is refused',
  async (admin) => {
    const actor = { ...anActor(), admin };
    const answer = await db.rpc('change_settings', { actor, changes: { default_repo: 'octo/repo' } });
    expect(answer).toMatchObject({ kind: 'not_permitted' });
  },
);

test('the repository that a person chose is theirs alone', async () => {
  const [one, other] = [anActor({ id: '100000000000000081' }), anActor({ id: '100000000000000082' })];
  await db.rpc('choose_repo', { actor: one, kind: 'person', id: one.id, repo: 'octo/mine' });
  const reposOf = async (actor: typeof one) => {
    const [row] = await db.sql`select verne.standing_of(${db.sql.json(actor)}) -> 'repos' as repos`;
    return row?.repos;
  };
  expect(await reposOf(one)).toEqual([expect.objectContaining({ from: 'person', repo: 'octo/mine' })]);
  expect(await reposOf(other)).toEqual([]);
});
