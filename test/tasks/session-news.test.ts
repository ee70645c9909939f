import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { seeded } from '../support/seeded.ts';
import { doublyToldLife, type Lives, shuffledLife, startLives } from '../support/session-life.ts';

let db: TestDatabase;
let lives: Lives;
beforeAll(async () => {
  db = await freshDatabase();
  lives = await startLives(db, '961000000000000001');
});
afterAll(() => db.close());

test('R08: what is reported and seen at the same moment is one transition and one post', async () => {
  for (let round = 0; round < 3; round += 1) expect((await doublyToldLife(lives)).troubles).toEqual([]);
});

test('W02: in whatever order the news of a session come, it ends the same, goes nowhere back, and is told in order', async () => {
  const random = seeded(20_261_120);
  for (let round = 0; round < 8; round += 1) expect((await shuffledLife(lives, random)).troubles).toEqual([]);
});
