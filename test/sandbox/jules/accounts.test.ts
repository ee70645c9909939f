import { expect, test } from 'vitest';
import { KEY, NEW, OTHER_KEY, simulate } from './support.ts';

const jules = simulate();
const DAY_MS = 86_400_000;

const create = (key: string) => jules.call('POST', '/sessions', { prompt: 'p' }, key);
const statusesOf = async (key: string, count: number) => {
  const all: number[] = [];
  for (let made = 0; made < count; made += 1) all.push((await create(key)).status);
  return all;
};
const times = (count: number, status: number) => Array.from({ length: count }, () => status);

test('a call without a key and one with a wrong key get the two 401 answers', async () => {
  const missing = await jules.call('GET', '/sessions', undefined, null);
  expect(missing).toMatchObject({
    status: 401,
    json: {
      error: {
        code: 401,
        status: 'UNAUTHENTICATED',
        message: expect.stringMatching(/^Request is missing required authentication credential\. Expected OAuth 2/),
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'CREDENTIALS_MISSING',
            domain: 'googleapis.com',
          },
        ],
      },
    },
  });
  const wrong = await jules.call('GET', '/sessions', undefined, 'nobody');
  expect(wrong).toMatchObject({ status: 401, json: { error: { details: [{ reason: 'CREDENTIALS_MISSING' }] } } });
  expect(wrong.text).toContain('API keys are not supported by this API');
});

test('a key as a bearer token is no key', async () => {
  const response = await fetch(`${jules.url}/sessions`, { headers: { authorization: `Bearer ${KEY}` } });
  expect(response.status).toBe(401);
  expect(await response.text()).toContain('Request is missing');
});

test("another account's session is not there, neither to read nor to change, and stays as it was", async () => {
  const name = await jules.create();
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  const { json } = await jules.call('GET', `/${name}/activities`);
  for (const [method, path, body] of [
    ['GET', `/${name}`],
    ['GET', `/${name}/activities`],
    ['GET', `/${json.activities?.[0]?.name}`],
    ['POST', `/${name}:approvePlan`],
    ['POST', `/${name}:sendMessage`, { prompt: 'hello' }],
    ['POST', `/${name}:archive`],
    ['POST', `/${name}:unarchive`],
    ['DELETE', `/${name}`],
  ] as const) {
    const answer = await jules.call(method, path, body, OTHER_KEY);
    expect([answer.status, answer.json.error]).toMatchObject([404, { status: 'NOT_FOUND' }]);
  }
  expect((await jules.call('GET', '/sessions', undefined, OTHER_KEY)).json).toEqual({});
  expect(jules.session(name)).toMatchObject({ state: 'AWAITING_PLAN_APPROVAL', archived: false, messages: [] });
});

test("another account's repository is not there", async () => {
  expect((await jules.call('GET', '/sources/github/acme/shop', undefined, OTHER_KEY)).status).toBe(404);
  expect((await jules.call('POST', '/sessions', NEW, OTHER_KEY)).status).toBe(404);
  expect((await jules.call('GET', '/sources', undefined, OTHER_KEY)).json).toEqual({});
});

test('two keys of one account have the same sessions, and the same limits', async () => {
  const one = jules.account('shared', { atOnce: 1 });
  jules.control.addAccount({ key: 'second', label: 'shared', sources: [] });
  const { json } = await create(one);
  expect((await jules.call('GET', `/${json.name}`, undefined, 'second')).status).toBe(200);
  expect((await create('second')).status).toBe(429);
});

test.each([
  ['free', 15, 3],
  ['pro', 100, 15],
  ['ultra', 300, 60],
] as const)('the plan %s has %i sessions a day and %i at once', async (plan, perDay, atOnce) => {
  const key = jules.account(plan, { plan });
  expect(await statusesOf(key, atOnce + 1)).toEqual([...times(atOnce, 200), 429]);
  jules.control.script({ account: plan, plan, atOnce: 1000 });
  expect(await statusesOf(key, perDay - atOnce + 1)).toEqual([...times(perDay - atOnce, 200), 429]);
});

test('the day is the last 24 hours, to the moment; a deleted session counts in it', async () => {
  const key = jules.account('day', { perDay: 2, atOnce: 9 });
  const first = await create(key);
  jules.control.advance(3_600_000);
  expect(await statusesOf(key, 2)).toEqual([200, 429]);
  await jules.call('DELETE', `/${first.json.name}`, undefined, key);
  expect((await create(key)).status).toBe(429);
  jules.control.advance(DAY_MS - 3_600_000 - 1);
  expect((await create(key)).status).toBe(429);
  jules.control.advance(1);
  expect(await statusesOf(key, 2)).toEqual([200, 429]);
});

test('what has ended, has stopped or was archived makes room for another session', async () => {
  const key = jules.account('room', { atOnce: 1 });
  jules.control.script({ scenario: 'paused', next: true });
  const { json } = await create(key);
  expect((await create(key)).status).toBe(429);
  await jules.reaches(String(json.name), 'PAUSED');
  const second = await create(key);
  expect(second.status).toBe(200);
  await jules.call('POST', `/${second.json.name}:archive`, {}, key);
  expect(await statusesOf(key, 2)).toEqual([200, 429]);
});

test('a create over the limits is told as an exhausted quota or as a failed precondition', async () => {
  const key = jules.account('none', { perDay: 0 });
  expect((await create(key)).json).toEqual({
    error: expect.objectContaining({ code: 429, status: 'RESOURCE_EXHAUSTED' }),
  });
  jules.control.script({ settings: { quotaRefusal: 'precondition' } });
  expect((await create(key)).json).toEqual({
    error: { code: 400, message: 'Precondition check failed.', status: 'FAILED_PRECONDITION' },
  });
  jules.control.script({ settings: { quotaRefusal: 'exhausted' } });
});

test('an account tells what its limits met: the most at once, the most in a day, and what they refused', async () => {
  const small = { key: 'key-of-eve-12345678', label: 'eve', sources: [], perDay: 3, atOnce: 2 };
  jules.control.addAccount(small);
  expect(await statusesOf(small.key, 4)).toEqual([200, 200, 429, 429]);
  const met = () => jules.control.offers().accounts.find(({ name }) => name === 'eve');
  const facts = { name: 'eve', perDay: 3, atOnce: 2, refused: 2, mostAtOnce: 2, mostPerDay: 2 };
  expect(met()).toEqual({ ...facts, today: 2, running: 2 });
  jules.control.advance(2 * DAY_MS);
  expect(met()).toMatchObject({ ...facts, today: 0 });
});
