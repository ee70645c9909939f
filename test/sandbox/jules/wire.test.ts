import { expect, test } from 'vitest';
import { sessionId } from '#sandbox/jules/ids.ts';
import { FOREVER_MS, NEW, OTHER_KEY, SOURCE, simulate, until } from './support.ts';

const jules = simulate();

test('a call without a key and one with a wrong key get the two 401 answers', async () => {
  const missing = await jules.call('GET', '/sessions', undefined, null);
  expect(missing).toMatchObject({
    status: 401,
    json: { error: { code: 401, status: 'UNAUTHENTICATED', details: [{ reason: 'CREDENTIALS_MISSING' }] } },
  });
  const wrong = await jules.call('GET', '/sessions', undefined, 'nobody');
  expect(wrong.status).toBe(401);
  expect(wrong.text).toContain('API keys are not supported by this API');
});

test("another account's session is not there, neither to read nor to change", async () => {
  const name = await jules.create();
  for (const [method, path] of [
    ['GET', `/${name}`],
    ['GET', `/${name}/activities`],
    ['POST', `/${name}:approvePlan`],
    ['POST', `/${name}:archive`],
    ['DELETE', `/${name}`],
  ] as const) {
    const { status, json } = await jules.call(method, path, undefined, OTHER_KEY);
    expect([status, json.error]).toMatchObject([404, { status: 'NOT_FOUND' }]);
  }
  expect((await jules.call('GET', '/sessions', undefined, OTHER_KEY)).json).toEqual({});
  expect((await jules.call('GET', `/${name}`)).status).toBe(200);
});

test('two keys of one account see the same sessions', async () => {
  jules.control.addAccount({ key: 'second-key-of-ada', label: 'ada', sources: [] });
  const name = await jules.create();
  expect((await jules.call('GET', `/${name}`, undefined, 'second-key-of-ada')).status).toBe(200);
});

test.each([
  ['PATCH', '/sessions/1'],
  ['POST', '/sessions/1:cancel'],
  ['GET', '/sessions/1:approvePlan'],
  ['GET', '/usage'],
  ['POST', '/sources'],
])('there is no %s %s: Google answers with a page', async (method, path) => {
  const { status, headers, text } = await jules.call(method, path);
  expect(status).toBe(404);
  expect(headers.get('content-type')).toContain('text/html');
  expect(text).toContain('That’s an error');
});

test('an unknown field is named in the refusal', async () => {
  const create = await jules.call('POST', '/sessions', { ...NEW, branch: 'main' });
  expect(create).toMatchObject({
    status: 400,
    json: { error: { status: 'INVALID_ARGUMENT', details: [{ fieldViolations: [{ field: 'session' }] }] } },
  });
  const name = await jules.create();
  const message = await jules.call('POST', `/${name}:sendMessage`, { message: 'hello' });
  expect(message.status).toBe(400);
  expect(message.text).toContain('Unknown name \\"message\\": Cannot find field.');
  expect(jules.session(name).messages).toEqual([]);
});

test.each(['MANUAL', 'NONE', 1])(
  'the automation mode %s is refused in the words of the service',
  async (automationMode) => {
    const { status, json } = await jules.call('POST', '/sessions', { ...NEW, automationMode });
    expect([status, json.error]).toMatchObject([
      400,
      {
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.BadRequest',
            fieldViolations: [
              {
                field: 'session.automation_mode',
                description: `Invalid value at 'session.automation_mode' (type.googleapis.com/google.labs.jules.v1alpha.AutomationMode), ${JSON.stringify(automationMode)}`,
              },
            ],
          },
        ],
      },
    ]);
  },
);

test.each([
  ['a body that is no JSON', '{"prompt":'],
  ['a list', '[]'],
  ['no prompt', { title: 't' }],
  ['a prompt that is no text', { ...NEW, prompt: 7 }],
])('%s is an invalid argument', async (_what, body) => {
  const before = jules.control.truth.length;
  expect(await jules.call('POST', '/sessions', body)).toMatchObject({
    status: 400,
    json: { error: { status: 'INVALID_ARGUMENT' } },
  });
  expect(jules.control.truth).toHaveLength(before);
});

test('snake case is read as proto JSON reads it', async () => {
  const { status, json } = await jules.call('POST', '/sessions', {
    prompt: 'p',
    source_context: { source: SOURCE, github_repo_context: { starting_branch: 'next' } },
    require_plan_approval: true,
  });
  expect(status).toBe(200);
  expect(json.sourceContext).toEqual({ source: SOURCE, githubRepoContext: { startingBranch: 'next' } });
});

test('a source that the account does not have is not found', async () => {
  const sourceContext = { ...NEW.sourceContext, source: 'sources/github/acme/other' };
  expect((await jules.call('POST', '/sessions', { ...NEW, sourceContext })).status).toBe(404);
});

test('what holds its default is left out, and what is input only does not come back unless told so', async () => {
  const { json } = await jules.call('POST', '/sessions', NEW);
  expect(Object.keys(json).sort()).toEqual(
    ['createTime', 'id', 'name', 'prompt', 'sourceContext', 'state', 'title', 'updateTime', 'url'].sort(),
  );
  expect(json).toMatchObject({ state: 'QUEUED', createTime: expect.stringMatching(/T\d\d:\d\d:\d\d\.\d{6}Z$/) });
  const { json: sources } = await jules.call('GET', '/sources');
  const [blog, shop] = sources.sources ?? [];
  expect(blog?.githubRepo).not.toHaveProperty('isPrivate');
  expect(shop?.githubRepo).toMatchObject({ isPrivate: true, defaultBranch: { displayName: 'main' } });
  jules.control.script({ settings: { echoInputOnly: true } });
  expect((await jules.call('POST', '/sessions', NEW)).json).toMatchObject({ requirePlanApproval: true });
  jules.control.script({ settings: { echoInputOnly: false } });
});

test('session ids have 17 to 20 digits and some exceed 2^63', () => {
  const ids = Array.from({ length: 200 }, sessionId);
  for (const id of ids) expect(id).toMatch(/^[1-9]\d{16,19}$/);
  expect(ids.some((id) => BigInt(id) > 2n ** 63n)).toBe(true);
  expect(ids.every((id) => BigInt(id) < 2n ** 64n)).toBe(true);
});

test('a session without a title has its whole prompt as title', async () => {
  const name = await jules.create({ title: undefined });
  expect(jules.session(name).title).toBe(NEW.prompt);
});

test('approval and messages answer zero bytes when told so', async () => {
  const name = await jules.create();
  jules.control.script({ settings: { emptyReplies: true } });
  expect(await jules.call('POST', `/${name}:sendMessage`, { prompt: 'hi' })).toMatchObject({ status: 200, text: '' });
  jules.control.script({ settings: { emptyReplies: false } });
  expect((await jules.call('POST', `/${name}:sendMessage`, { prompt: 'hi' })).text.trim()).toBe('{}');
});

test('activities of a new session are not found for a while, the session is', async () => {
  jules.control.script({ settings: { activities404Ms: FOREVER_MS } });
  const name = await jules.create();
  expect((await jules.call('GET', `/${name}/activities`)).status).toBe(404);
  expect((await jules.call('GET', `/${name}`)).status).toBe(200);
  jules.control.script({ settings: { activities404Ms: 400 } });
  await until(async () => (await jules.call('GET', `/${name}/activities`)).status === 200, 'activities');
  jules.control.script({ settings: { activities404Ms: 0 } });
});

test('one activity can be read by its name', async () => {
  const name = await jules.create();
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  const { json } = await jules.call('GET', `/${name}/activities`);
  const [plan] = json.activities ?? [];
  expect((await jules.call('GET', `/${plan?.name}`)).json).toEqual(plan);
  expect((await jules.call('GET', `/${name}/activities/0`)).status).toBe(404);
});

test('an archived session leaves the list, a running one is paused by it; a deleted one is gone', async () => {
  const name = await jules.create();
  const { json } = await jules.call('POST', `/${name}:archive`, {});
  expect(json).toMatchObject({ state: 'PAUSED', archived: true, sourceContext: { source: SOURCE } });
  const list = async (filter = '') => (await jules.call('GET', `/sessions?pageSize=100${filter}`)).text;
  expect(await list()).not.toContain(name);
  expect(await list(`&filter=${encodeURIComponent('archived = true')}`)).toContain(name);
  await jules.call('POST', `/${name}:unarchive`, {});
  expect(await list()).toContain(name);
  expect(await jules.call('DELETE', `/${name}`)).toMatchObject({ status: 200, json: {} });
  expect((await jules.call('GET', `/${name}`)).status).toBe(404);
});

test('more sessions than the account may have are an exhausted quota', async () => {
  const sources = [{ owner: 'o', repo: 'r' }];
  jules.control.addAccount({ key: 'day', label: 'day', sources, perDay: 1 });
  jules.control.addAccount({ key: 'once', label: 'once', sources, atOnce: 1 });
  for (const key of ['day', 'once']) {
    expect((await jules.call('POST', '/sessions', { prompt: 'p' }, key)).status).toBe(200);
    const { status, json } = await jules.call('POST', '/sessions', { prompt: 'p' }, key);
    expect([status, json.error]).toMatchObject([429, { status: 'RESOURCE_EXHAUSTED' }]);
  }
  expect(jules.requests.at(-1)).toEqual({ method: 'POST', path: '/v1alpha/sessions', status: 429 });
});
