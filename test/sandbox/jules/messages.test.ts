import { expect, test } from 'vitest';
import { instantOf, microsOf } from '#sandbox/jules/clock.ts';
import { sessionId } from '#sandbox/jules/ids.ts';
import { NEW, SOURCE, simulate } from './support.ts';

const jules = simulate();

const violations = (field: string, description: string) => ({
  code: 400,
  status: 'INVALID_ARGUMENT',
  message: description,
  details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field, description }] }],
});

test.each([
  [{ branch: 'main' }, 'session', 'Unknown name "branch" at \'session\': Cannot find field.'],
  [
    { sourceContext: { ...NEW.sourceContext, branch: 'main' } },
    'session.source_context',
    'Unknown name "branch" at \'session.source_context\': Cannot find field.',
  ],
  [
    { sourceContext: { source: SOURCE, githubRepoContext: { base: 'main' } } },
    'session.source_context.github_repo_context',
    'Unknown name "base" at \'session.source_context.github_repo_context\': Cannot find field.',
  ],
])('a create with the unknown field %j is refused, and the field named', async (strange, field, words) => {
  const before = jules.control.truth.length;
  const { status, json } = await jules.call('POST', '/sessions', { ...NEW, ...strange });
  expect([status, json.error]).toEqual([400, violations(field, `Invalid JSON payload received. ${words}`)]);
  expect(jules.control.truth).toHaveLength(before);
});

test('a message under the wrong name is refused, and not heard', async () => {
  const name = await jules.create();
  const { status, json } = await jules.call('POST', `/${name}:sendMessage`, { message: 'hello' });
  const words = 'Invalid JSON payload received. Unknown name "message": Cannot find field.';
  expect([status, json.error]).toEqual([400, violations('', words)]);
  for (const body of [undefined, {}, { prompt: '' }, { prompt: 7 }])
    expect((await jules.call('POST', `/${name}:sendMessage`, body)).status).toBe(400);
  expect((await jules.call('POST', `/${name}:approvePlan`, { planId: '1' })).status).toBe(400);
  expect((await jules.call('POST', `/${name}:archive`, { force: true })).status).toBe(400);
  expect(jules.session(name)).toMatchObject({ messages: [], approved: false, archived: false });
});

test.each(['MANUAL', 'NONE', 1])(
  'the automation mode %s is refused in the words of the service',
  async (automationMode) => {
    const type = 'type.googleapis.com/google.labs.jules.v1alpha.AutomationMode';
    const words = `Invalid value at 'session.automation_mode' (${type}), ${JSON.stringify(automationMode)}`;
    const { status, json } = await jules.call('POST', '/sessions', { ...NEW, automationMode });
    expect([status, json.error]).toEqual([400, violations('session.automation_mode', words)]);
  },
);

test.each([
  ['a body that is no JSON', '{"prompt":'],
  ['a list', '[]'],
  ['no body', undefined],
  ['no prompt', { title: 't' }],
  ['a prompt that is no text', { ...NEW, prompt: 7 }],
  ['an approval that is no truth value', { ...NEW, requirePlanApproval: 'yes' }],
  ['a context that is no message', { ...NEW, sourceContext: SOURCE }],
  ['a context without a source', { ...NEW, sourceContext: { githubRepoContext: { startingBranch: 'main' } } }],
])('%s is an invalid argument', async (_what, body) => {
  const before = jules.control.truth.length;
  expect(await jules.call('POST', '/sessions', body)).toMatchObject({
    status: 400,
    json: { error: { status: 'INVALID_ARGUMENT' } },
  });
  expect(jules.control.truth).toHaveLength(before);
});

test('snake case is read as proto JSON reads it, in bodies and in queries', async () => {
  const { status, json } = await jules.call('POST', '/sessions', {
    prompt: 'p',
    source_context: { source: SOURCE, github_repo_context: { starting_branch: 'next' } },
    require_plan_approval: true,
    automation_mode: 'AUTO_CREATE_PR',
  });
  expect(status).toBe(200);
  expect(json.sourceContext).toEqual({ source: SOURCE, githubRepoContext: { startingBranch: 'next' } });
  await jules.reaches(String(json.name), 'AWAITING_PLAN_APPROVAL');
  expect((await jules.call('GET', '/sources?page_size=1')).json.sources).toHaveLength(1);
});

test('what holds its default is left out, wherever it stands, and an empty list is {}', async () => {
  const { json } = await jules.call('POST', '/sessions', NEW);
  expect(Object.keys(json).sort()).toEqual(
    ['createTime', 'id', 'name', 'prompt', 'sourceContext', 'state', 'title', 'updateTime', 'url'].sort(),
  );
  const { json: sources } = await jules.call('GET', '/sources');
  const [blog, shop] = sources.sources ?? [];
  expect(blog?.githubRepo).not.toHaveProperty('isPrivate');
  expect(shop?.githubRepo).toMatchObject({ isPrivate: true, defaultBranch: { displayName: 'main' } });
  expect(sources).not.toHaveProperty('nextPageToken');
  expect((await jules.call('GET', `/${json.name}/activities`)).json).toEqual({});
  const name = await jules.create({ requirePlanApproval: false });
  await jules.reaches(name, 'COMPLETED');
  const { text } = await jules.call('GET', `/${name}/activities?pageSize=100`);
  expect(text).not.toMatch(/"index": 0|"exitCode": 0|: (false|""|\[\])/);
  expect(text).toMatch(/"index": 1/);
  expect(text).toContain('"sessionCompleted": {}');
});

test('what is input only comes back only when told so', async () => {
  expect(await jules.call('POST', '/sessions', NEW)).not.toHaveProperty('json.requirePlanApproval');
  jules.control.script({ settings: { echoInputOnly: true } });
  expect((await jules.call('POST', '/sessions', NEW)).json).toMatchObject({
    requirePlanApproval: true,
    automationMode: 'AUTO_CREATE_PR',
  });
  jules.control.script({ settings: { echoInputOnly: false } });
});

test('the answer to a create is bare when told so, and the session is whole at once', async () => {
  jules.control.script({ settings: { bareCreate: true } });
  const { json } = await jules.call('POST', '/sessions', NEW);
  jules.control.script({ settings: { bareCreate: false } });
  expect(Object.keys(json).sort()).toEqual(['id', 'name', 'prompt', 'sourceContext', 'title']);
  expect((await jules.call('GET', `/${json.name}`)).json).toMatchObject({ state: 'QUEUED' });
});

test('the context of a source comes back as it was sent', async () => {
  const sourceContext = { ...NEW.sourceContext, workingBranch: 'mine', environmentVariablesEnabled: true };
  expect((await jules.call('POST', '/sessions', { ...NEW, sourceContext })).json.sourceContext).toEqual(sourceContext);
});

test('a session without a title has its whole prompt as title', async () => {
  const name = await jules.create({ title: undefined });
  expect(jules.session(name).title).toBe(NEW.prompt);
});

test('session ids have 17 to 20 digits and some exceed 2^63', () => {
  const ids = Array.from({ length: 200 }, sessionId);
  for (const id of ids) expect(id).toMatch(/^[1-9]\d{16,19}$/);
  expect(new Set(ids.map((id) => id.length))).toEqual(new Set([17, 18, 19, 20]));
  expect(ids.some((id) => BigInt(id) > 2n ** 63n)).toBe(true);
  expect(ids.every((id) => BigInt(id) < 2n ** 64n)).toBe(true);
});

test('activities, plans and steps have ids of 32 hex digits; instants have microseconds and never come twice', async () => {
  const name = await jules.create({ requirePlanApproval: false });
  await jules.reaches(name, 'COMPLETED');
  const { json, text } = await jules.call('GET', `/${name}/activities?pageSize=100`);
  const ids = [...text.matchAll(/"(?:id|planId)": "([^"]*)"/g)].map(([, id]) => id);
  expect(ids.length).toBeGreaterThan(15);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  const times = (json.activities ?? []).map(({ createTime }) => createTime);
  for (const time of times) expect(time).toMatch(/^2026-11-20T\d\d:\d\d:\d\d\.\d{6}Z$/);
  expect(new Set(times).size).toBe(times.length);
});

test('every second activity shares its instant with the one before when told so', async () => {
  jules.control.script({ settings: { equalTimes: true } });
  const name = await jules.create({ requirePlanApproval: false });
  await jules.reaches(name, 'COMPLETED');
  jules.control.script({ settings: { equalTimes: false } });
  const { json } = await jules.call('GET', `/${name}/activities?pageSize=100`);
  const times = (json.activities ?? []).map(({ createTime }) => createTime);
  expect(times.slice(0, 4)).toEqual([times[0], times[0], times[2], times[2]]);
  expect(times[0]).not.toBe(times[2]);
});

test('instants keep their microseconds both ways', () => {
  const micros = microsOf('2026-01-17T00:03:53.137240Z');
  expect(instantOf(micros)).toBe('2026-01-17T00:03:53.137240Z');
  expect(microsOf('2026-01-17T01:03:53.13724+01:00')).toBe(micros);
  expect(microsOf('yesterday')).toBeNaN();
});
