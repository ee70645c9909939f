import { afterAll, beforeAll, expect, test } from 'vitest';
import { Refusal } from '#kernel/errors.ts';
import { PROMPT_LIMIT, requestTask } from '#tasks/request-task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { HOSTILE_BRANCHES, HOSTILE_PROMPTS, HOSTILE_REPOS } from '../support/prompts.ts';
import { aRequester, aServer } from '../support/tasks.ts';

// The short form of I06 in docs/reliability.md.

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await aServer(db);
});
afterAll(() => db.close());

/** What is stored of it, or the code of the refusal; anything else that is thrown is a defect. */
async function fate(wish: { prompt: string; repo?: string; branch?: string }): Promise<string> {
  try {
    const asked = await requestTask(db.rpc, aRequester(), { requestKey: crypto.randomUUID(), ...wish });
    return asked.kind === 'requested' ? asked.task.prompt : asked.kind;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

test.each(HOSTILE_PROMPTS)(
  'a prompt of $what is stored as it is sent, or refused with a sentence',
  async ({ prompt, expected }) => {
    expect(await fate({ prompt })).toBe(expected);
  },
);

test(`${PROMPT_LIMIT} characters are stored, one more is refused`, async () => {
  expect(await fate({ prompt: 'x'.repeat(PROMPT_LIMIT) })).toHaveLength(PROMPT_LIMIT);
  expect(await fate({ prompt: 'x'.repeat(PROMPT_LIMIT + 1) })).toBe('long_prompt');
});

test.each(HOSTILE_REPOS)('a repository called %j is refused', async (repo) => {
  expect(await fate({ prompt: 'Fix it', repo })).toBe('malformed_repo');
});

test.each(HOSTILE_BRANCHES)('a branch called %j is refused', async (branch) => {
  expect(await fate({ prompt: 'Fix it', branch })).toBe('malformed_branch');
});
