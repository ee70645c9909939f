import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

async function matches(patterns: string[], topic: string) {
  const [row] = await db.sql<{ is: boolean }[]>`select ${topic} ~ verne.matcher(${patterns}) as is`;
  return row?.is;
}

/** The same rule told another way: word by word. */
function hears(pattern: readonly string[], topic: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return topic.length === 0;
  if (topic.length === 0) return false;
  if (head === '**') return topic.some((_, index) => hears(rest, topic.slice(index + 1)));
  return (head === '*' || head === topic[0]) && hears(rest, topic.slice(1));
}

const word = fc.constantFrom('a', 'b', 'ab', 'a_b');
const topic = fc.array(word, { minLength: 2, maxLength: 5 });
const pattern = fc.array(fc.oneof(word, fc.constantFrom('*', '**')), { minLength: 1, maxLength: 5 });

test('in a pattern * is one word and ** is one or more', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(pattern, { minLength: 1, maxLength: 3 }), topic, async (patterns, words) => {
      const heard = await matches(
        patterns.map((each) => each.join('.')),
        words.join('.'),
      );
      expect(heard).toBe(patterns.some((each) => hears(each, words)));
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['task.*', 'task.failed', true],
  ['task.*', 'task.plan.ready', false],
  ['task.*', 'subtask.failed', false],
  ['*.failed', 'check.failed', true],
  ['*.failed', 'check.run.failed', false],
  ['**.failed', 'check.run.failed', true],
  ['**', 'anything.at.all', true],
  ['task.(a|b)', 'task.a', false],
  ['task.failed', 'taskxfailed', false],
])('%s hears %s: %s', async (one, told, is) => {
  expect(await matches([one], told)).toBe(is);
});
