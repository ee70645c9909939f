import { afterAll, afterEach, expect, test } from 'vitest';
import { keyBreakers } from '#jules/breaker.ts';
import { julesClient } from '#jules/client.ts';
import { pooledFetch } from '#jules/pooled-fetch.ts';
import { sessionsAtJules } from '#jules/sessions.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { keyId, type SessionName } from '#kernel/ids.ts';
import { Secret } from '#kernel/secret.ts';
import { FOREVER_MS, KEY, OTHER_KEY, SOURCE, simulate, URL_OF_PULL, until } from './support.ts';

const jules = simulate();
const pool = pooledFetch();
const key = new Secret(KEY);
const options = { signal: new AbortController().signal };

afterEach(() => jules.control.clearFaults());
afterAll(() => pool.close());

const client = () =>
  julesClient({
    apiBase: jules.url,
    fetch: pool.fetch,
    timeoutMs: 10_000,
    createTimeoutMs: 10_000,
    sleep: async () => undefined,
  });

let markers = 0;
function aTask() {
  markers += 1;
  const marker = `[verne:${markers}]`;
  return { marker, prompt: `Fix it.\n\n${marker}`, title: `Fix it ${marker}`, source: SOURCE, startingBranch: 'main' };
}

const failureOf = async (call: Promise<unknown>) => {
  const failure = await call.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RemoteFailure);
  return failure as RemoteFailure;
};

/** As the bot looks for a session whose creation it heard nothing of. */
const findMarked = async (marker: string) =>
  (await client().listSessions(key, {}, options)).filter(({ title }) => title.includes(marker));

test('the client goes the whole way from sources to a pull request', async () => {
  const [, source] = await client().listSources(key, {}, options);
  expect(source).toMatchObject({ name: SOURCE, owner: 'acme', repo: 'shop', branches: ['main', 'next'] });
  const { name, state } = await client().createSession(key, aTask(), options);
  expect(state).toBe('QUEUED');
  const session = () => client().getSession(key, { name }, options);
  await jules.until(async () => (await session()).state === 'AWAITING_PLAN_APPROVAL', 'a plan');
  const before = await client().listActivities(key, { name }, options);
  expect(before).toMatchObject([{ kind: 'planGenerated', originator: 'agent' }]);
  await client().approvePlan(key, { name }, options);
  await client().sendMessage(key, { name, prompt: 'Go on.' }, options);
  const done = await jules.until(async () => {
    const now = await session();
    return now.outputs.some(({ kind }) => kind === 'pullRequest') ? now : null;
  }, 'a pull request');
  expect(done.outputs.find(({ kind }) => kind === 'pullRequest')).toMatchObject({
    url: expect.stringMatching(URL_OF_PULL),
  });
  const since = before[0]?.createTime ?? new Date(0);
  const later = await client().listActivities(key, { name, since }, options);
  expect(later.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['planApproved', 'userMessaged', 'sessionCompleted']),
  );
  await client().archiveSession(key, { name }, options);
  expect(await session()).toMatchObject({ archived: true, source: SOURCE, startingBranch: 'main' });
});

test.each([
  [{ kind: 'error_after' }, 500],
  [{ kind: 'precondition_after' }, 400],
  [{ kind: 'drop_after' }, 'network'],
  [{ kind: 'reset_body' }, 'network'],
  [{ kind: 'error_after', listLagMs: 150 }, 500],
] as const)(
  'a create met by %j is of unknown outcome, and its session is found by its marker, once',
  async (fault, code) => {
    const task = aTask();
    jules.control.fault({ on: 'create', ...fault });
    const failure = await failureOf(client().createSession(key, task, options));
    expect(failure).toMatchObject({ code, retry: 'soon', unknownOutcome: true });
    const found = await jules.until(async () => (await findMarked(task.marker))[0], 'it is found');
    expect(found.prompt).toContain(task.marker);
    expect(await findMarked(task.marker)).toHaveLength(1);
  },
);

test.each([
  { kind: 'slow', ms: FOREVER_MS },
  { kind: 'late_landing', ms: 200 },
])('a create given up while %j is of unknown outcome, and its session is found by its marker', async (fault) => {
  const task = aTask();
  const stop = new AbortController();
  const heard = jules.requests.length + 1;
  jules.control.fault({ on: 'create', ...fault });
  const answer = failureOf(client().createSession(key, task, { signal: stop.signal }));
  await until(() => jules.requests.length === heard, 'it is heard');
  stop.abort();
  expect(await answer).toMatchObject({ code: 'aborted', unknownOutcome: true, uncounted: true });
  await jules.until(async () => (await findMarked(task.marker))[0], 'it is found');
});

test.each([
  [
    { kind: 'rate_limited', retryAfterS: 2 },
    { code: 429, retry: { afterMs: 2000 }, uncounted: true },
  ],
  [{ kind: 'rate_limited' }, { code: 429, retry: 'soon', uncounted: true }],
  [{ kind: 'unauthorized' }, { code: 401, retry: 'never' }],
  [{ kind: 'forbidden' }, { code: 403, retry: 'never' }],
] as const)('a create met by %j has surely made nothing', async (fault, facts) => {
  const task = aTask();
  jules.control.fault({ on: 'create', ...fault });
  expect(await failureOf(client().createSession(key, task, options))).toMatchObject({
    ...facts,
    unknownOutcome: false,
  });
  expect(await findMarked(task.marker)).toEqual([]);
});

test('a create that was refused before the effect cannot be told from one after it', async () => {
  for (const fault of [
    { kind: 'error_before' },
    { kind: 'precondition_before' },
    { kind: 'drop_before' },
    { kind: 'html' },
    { kind: 'html', status: 200 },
  ]) {
    const task = aTask();
    jules.control.fault({ on: 'create', ...fault });
    expect(await failureOf(client().createSession(key, task, options))).toMatchObject({ unknownOutcome: true });
    expect(await findMarked(task.marker)).toEqual([]);
  }
});

test('an approval whose answer is lost is of unknown outcome and has been heard once', async () => {
  const { name } = await client().createSession(key, aTask(), options);
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  jules.control.fault({ on: 'approve', kind: 'drop_after' });
  const failure = await failureOf(client().approvePlan(key, { name }, options));
  expect(failure).toMatchObject({ unknownOutcome: true });
  const approvals = jules.control.truth.filter(({ kind, session }) => kind === 'approved' && name.endsWith(session));
  expect(approvals).toHaveLength(1);
});

test('reads survive two broken answers', async () => {
  const { name } = await client().createSession(key, aTask(), options);
  jules.control.fault({ on: 'get', kind: 'drop_before' });
  jules.control.fault({ on: 'get', kind: 'html' });
  expect(await client().getSession(key, { name }, options)).toMatchObject({ name });
});

test("another account's session is not found, and activities of a new one are not yet", async () => {
  const { name } = await client().createSession(key, aTask(), options);
  const foreign = await failureOf(client().getSession(new Secret(OTHER_KEY), { name }, options));
  expect(foreign).toMatchObject({ code: 404, retry: 'never' });
  jules.control.script({ settings: { activities404Ms: FOREVER_MS } });
  const early = await failureOf(client().listActivities(key, { name }, options));
  expect(early).toMatchObject({ code: 404 });
  jules.control.script({ settings: { activities404Ms: 0 } });
});

test('an odd session is read to its end, zero bytes are a success', async () => {
  jules.control.script({ scenario: 'odd', next: true });
  jules.control.script({ settings: { emptyReplies: true, equalTimes: true, echoInputOnly: true } });
  const { name } = await client().createSession(key, aTask(), options);
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  await client().approvePlan(key, { name }, options);
  await jules.until(() => jules.session(name).pullRequest, 'a pull request');
  jules.control.script({ settings: { emptyReplies: false, equalTimes: false, echoInputOnly: false } });
  const activities = await client().listActivities(key, { name }, options);
  expect(activities.filter(({ kind }) => kind === 'unknown')).toMatchObject([
    { keys: [] },
    { keys: ['hologramProjected'] },
  ]);
  expect(activities.flatMap(({ artifacts }) => artifacts.map(({ kind }) => kind))).toContain('media');
  const { outputs } = await client().getSession(key, { name: name satisfies SessionName }, options);
  expect(outputs.map(({ kind }) => kind)).toEqual(['unknown', 'changeSet', 'pullRequest']);
});

test('many calls at once go over a bounded number of connections', async () => {
  const narrow = pooledFetch({ connections: 3 });
  const many = julesClient({ apiBase: jules.url, fetch: narrow.fetch, timeoutMs: 5000, createTimeoutMs: 5000 });
  jules.control.fault({ on: 'list', kind: 'slow', ms: 40, times: 9 });
  const lists = () => jules.requests.filter(({ path }) => path.includes('/sessions?')).length;
  const before = lists();
  const calls = Array.from({ length: 9 }, () => many.listSessions(key, { stopAt: () => true }, options));
  for (const heard of [3, 6, 9]) {
    await until(() => lists() >= before + heard, 'they are heard');
    // Whatever else was sent at the same time has arrived before this.
    await jules.call('GET', '/sources');
    expect(lists() - before).toBe(heard);
    jules.control.advance(40);
  }
  await Promise.all(calls);
  await narrow.close();
});

test('an answer whose second half is late is waited for, and given up at the end of its time', async () => {
  const { name } = await client().createSession(key, aTask(), options);
  jules.control.fault({ on: 'get', kind: 'slow_body', ms: 1000, times: 2 });
  const read = (timeoutMs: number) =>
    julesClient({ apiBase: jules.url, fetch: pool.fetch, timeoutMs, createTimeoutMs: timeoutMs }).getSession(
      key,
      { name },
      options,
    );
  let answered = false;
  const patient = read(10_000).then((session) => {
    answered = true;
    return session;
  });
  await until(() => {
    jules.control.advance(1000);
    return answered;
  }, 'its second half');
  expect(await patient).toMatchObject({ name });
  expect(await failureOf(read(50))).toMatchObject({ code: 'timeout', retry: 'soon', unknownOutcome: false });
});

test('a create that says only its name is a session', async () => {
  jules.control.script({ settings: { bareCreate: true } });
  const session = await client().createSession(key, aTask(), options);
  jules.control.script({ settings: { bareCreate: false } });
  expect(session).toMatchObject({ state: 'STATE_UNSPECIFIED', url: null, createTime: null, source: SOURCE });
  expect((await client().getSession(key, { name: session.name }, options)).state).toBe('QUEUED');
});

test.each([
  ['exhausted', { code: 429, unknownOutcome: false, uncounted: true }],
  ['precondition', { code: 400, unknownOutcome: true }],
])('a quota that is told as %s is tried again, since it passes', async (quotaRefusal, facts) => {
  jules.control.script({ settings: { quotaRefusal } });
  jules.control.script({ account: 'ada', perDay: 0 });
  const failure = await failureOf(client().createSession(key, aTask(), options));
  jules.control.script({ account: 'ada', perDay: 1000, atOnce: 1000 });
  jules.control.script({ settings: { quotaRefusal: 'exhausted' } });
  expect(failure).toMatchObject({ retry: 'soon', ...facts });
});

test('activities with twelve megabytes of screenshots are read, in smaller pages', async () => {
  jules.control.script({ scenario: 'large_media', next: true });
  const { name } = await client().createSession(key, aTask(), options);
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  await client().approvePlan(key, { name }, options);
  await jules.until(() => jules.session(name).pullRequest, 'a pull request');
  const activities = await client().listActivities(key, { name }, options);
  const shown = activities.flatMap(({ artifacts }) => artifacts.filter(({ kind }) => kind === 'media'));
  expect(shown).toHaveLength(12);
  expect(shown[0]).toEqual({ kind: 'media', mimeType: 'image/png', bytes: 750_000 });
  expect(activities.at(-1)?.kind).toBe('sessionCompleted');
});

test.each([
  ['bare_activity', { kind: 'unknown', keys: [], originator: 'system', description: 'Session started' }],
  ['unknown_activity', { kind: 'unknown', keys: ['hologramProjected'] }],
  ['empty_artifact', { kind: 'progressUpdated', artifacts: [{ kind: 'unknown', keys: [] }] }],
  ['fail_first_told', { kind: 'sessionFailed', reason: expect.any(String) }],
  ['hidden_patch', { kind: 'sessionCompleted', artifacts: [{ kind: 'changeSet', source: SOURCE }] }],
])('what is special about %s is read as %j', async (scenario, activity) => {
  jules.control.script({ scenario, next: true });
  const { name } = await client().createSession(key, aTask(), options);
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  await client().approvePlan(key, { name }, options);
  await jules.until(
    async () => (await client().listActivities(key, { name }, options)).some((one) => matches(one, activity)),
    'it is told',
  );
});

test('of many sessions created at once two are asked for at a time, and none is refused', async () => {
  jules.control.script({ settings: { createMs: 1000 } });
  const creates = () => jules.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/sessions'));
  const before = creates().length;
  const sessions = sessionsAtJules({
    client: client(),
    breakers: keyBreakers({ openMs: 30_000, onOpen: () => undefined, onClose: () => undefined }),
    open: async () => key,
    createTimeoutMs: 60_000,
  });
  const wish = { ...options, account: 'one', mayBegin: async () => true };
  let left = 12;
  const all = Promise.all(
    Array.from({ length: left }, () => sessions.create(keyId('k'), aTask(), wish).finally(() => (left -= 1))),
  );
  let most = 0;
  await until(() => {
    const open = creates().length - before - (12 - left);
    most = Math.max(most, open);
    jules.control.advance(200);
    return left === 0;
  }, 'all are created');
  jules.control.script({ settings: { createMs: 0 } });
  expect(new Set((await all).map((made) => made?.name)).size).toBe(12);
  expect(most).toBe(2);
});

const matches = (one: object, wanted: object) => {
  try {
    expect(one).toMatchObject(wanted);
    return true;
  } catch {
    return false;
  }
};
