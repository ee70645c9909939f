import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { KEY, OTHER_KEY, simulate, URL_OF_PULL, until } from './support.ts';

const jules = simulate({ speed: 150 });
// The SDK keeps a cache on disk, in the repository unless it is told otherwise before it is imported.
const cache = mkdtempSync(join(tmpdir(), 'jules-sdk-'));

beforeAll(() => {
  vi.stubEnv('JULES_HOME', cache);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

async function connect(apiKey: string) {
  const { connect: connectSdk } = await import('@google/jules-sdk');
  return connectSdk({ apiKey, baseUrl: jules.url, config: { pollingIntervalMs: 20, requestTimeoutMs: 5000 } });
}

test("Google's own client creates a session, approves its plan and gets the pull request", async () => {
  const sdk = await connect(KEY);
  const sources: string[] = [];
  for await (const source of sdk.sources()) sources.push(source.name);
  expect(sources).toEqual(['sources/github/acme/blog', 'sources/github/acme/shop']);

  const session = await sdk.session({
    prompt: 'Fix the login.',
    title: 'Fix the login',
    source: { github: 'acme/shop', baseBranch: 'main' },
  });
  await session.waitFor('awaitingPlanApproval');
  await session.approve();
  const outcome = await session.result();
  expect(outcome.state).toBe('completed');
  await until(() => jules.session(`sessions/${session.id}`).pullRequest, 'a pull request');

  const types: string[] = [];
  for await (const activity of session.history()) types.push(activity.type);
  await session.activities.hydrate();
  const all = await session.activities.select({});
  expect(all.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['planGenerated', 'planApproved', 'progressUpdated', 'sessionCompleted']),
  );
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(jules.session(`sessions/${session.id}`).pullRequest).toMatch(URL_OF_PULL);
  expect(jules.control.truth.map(({ kind }) => kind)).toEqual(['created', 'approved']);
});

test("Google's own client asks a question's answer and archives", async () => {
  const sdk = await connect(KEY);
  jules.control.script({ scenario: 'question', next: true });
  const session = await sdk.session({
    prompt: 'Write tests.',
    source: { github: 'acme/blog', baseBranch: 'main' },
    requireApproval: false,
  });
  await session.waitFor('awaitingUserFeedback');
  await session.send('The first one.');
  await jules.reaches(`sessions/${session.id}`, 'COMPLETED');
  await session.archive();
  expect(jules.session(`sessions/${session.id}`)).toMatchObject({ archived: true, messages: [{}, { from: 'user' }] });
});

test("Google's own client understands the refusals", async () => {
  const { JulesApiError } = await import('@google/jules-sdk');
  await expect((await connect('nobody')).sessions({ limit: 1 })).rejects.toBeInstanceOf(JulesApiError);
  await expect((await connect(OTHER_KEY)).session('404404').info()).rejects.toBeInstanceOf(JulesApiError);
});

test("of ten sessions that Google's own client creates at once five could not get their source", async () => {
  const sdk = await connect(KEY);
  // Long enough for all ten to be under way at once, also on a slow machine.
  jules.control.script({ settings: { createMs: 150_000 } });
  const wish = { prompt: 'All at once', source: { github: 'acme/shop', baseBranch: 'main' } };
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => sdk.session(wish)));
  jules.control.script({ settings: { createMs: 0 } });
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
  expect(reasons).toHaveLength(5);
  for (const reason of reasons) expect(reason).toContain("Could not get source 'acme/shop'");
});

test("Google's own client finds a session that was completed without outputs", async () => {
  const sdk = await connect(KEY);
  jules.control.script({ scenario: 'no_pr', next: true });
  const run = await sdk.session({
    prompt: 'Nothing to do.',
    source: { github: 'acme/shop', baseBranch: 'main' },
    requireApproval: false,
  });
  const outcome = await run.result();
  expect([outcome.state, outcome.pullRequest]).toEqual(['completed', undefined]);
});

test('the SDK leaves nothing in the repository', () => {
  expect(existsSync('.jules')).toBe(false);
});
