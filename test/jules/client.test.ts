import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { PATCH_CHARS } from '#jules/wire.ts';
import { API, aClient, KEY, SESSION, signal, withServer } from './support.ts';

const server = withServer();

const answerSession = (body: object) => server.use(http.get(`${API}/${SESSION}`, () => HttpResponse.json(body)));
const readSession = () => aClient().getSession(KEY, { name: SESSION }, { signal });

function answerActivities(activities: object[]) {
  const named = activities.map((activity, index) => ({
    name: `${SESSION}/activities/${index}`,
    createTime: '2026-05-01T10:00:00.123456Z',
    ...activity,
  }));
  server.use(http.get(`${API}/${SESSION}/activities`, () => HttpResponse.json({ activities: named })));
}
const readActivities = () => aClient().listActivities(KEY, { name: SESSION }, { signal });

test('a session with nothing but its name is read, since defaults are left out', async () => {
  answerSession({ name: SESSION });
  expect(await readSession()).toEqual({
    name: SESSION,
    id: '17753085909492805070',
    title: '',
    prompt: '',
    state: 'STATE_UNSPECIFIED',
    url: null,
    createTime: null,
    updateTime: null,
    outputs: [],
    archived: false,
    source: null,
    startingBranch: null,
  });
});

test('a state and an output that nobody has heard of are kept as they are', async () => {
  answerSession({ name: SESSION, state: 'RETHINKING', outputs: [{ hologram: {}, size: 3 }, {}, null], later: true });
  expect(await readSession()).toMatchObject({
    state: 'RETHINKING',
    outputs: [
      { kind: 'unknown', keys: ['hologram', 'size'] },
      { kind: 'unknown', keys: [] },
      { kind: 'unknown', keys: [] },
    ],
  });
});

test('one odd field does not spoil the others', async () => {
  answerSession({ name: SESSION, title: 7, createTime: 'yesterday', archived: 'no', sourceContext: 'x', prompt: 'p' });
  expect(await readSession()).toMatchObject({
    title: '',
    createTime: null,
    archived: false,
    source: null,
    prompt: 'p',
  });
});

test('a pull request is found wherever it stands among the outputs', async () => {
  const url = 'https://github.com/o/r/pull/35';
  answerSession({
    name: SESSION,
    createTime: '2025-10-03T05:43:42.801954Z',
    sourceContext: { source: 'sources/github/o/r', githubRepoContext: { startingBranch: 'main' } },
    outputs: [
      { changeSet: { source: 'sources/github/o/r', gitPatch: { baseCommitId: 'abc' } } },
      { pullRequest: { url, title: 'Fix' } },
    ],
  });
  expect(await readSession()).toMatchObject({
    createTime: new Date('2025-10-03T05:43:42.801Z'),
    source: 'sources/github/o/r',
    startingBranch: 'main',
    outputs: [
      { kind: 'changeSet', patch: '', patchChars: 0, baseCommit: 'abc' },
      { kind: 'pullRequest', url, title: 'Fix', headRef: null },
    ],
  });
});

test('every kind of activity is read, and what is not known is kept by its keys', async () => {
  answerActivities([
    { originator: 'agent', planGenerated: { plan: { id: 'p', steps: [{ id: 'a', title: 'Look' }, { index: 1 }] } } },
    { planApproved: { planId: 'p' } },
    { userMessaged: { userMessage: 'hello' } },
    { agentMessaged: { agentMessage: 'which?' } },
    { progressUpdated: {} },
    { progressUpdated: { title: 'Ran bash command', description: 'ok' } },
    { sessionCompleted: {} },
    { sessionFailed: {} },
    { description: 'Session started', originator: 'system' },
    { danced: { style: 'tango' } },
    { planGenerated: 'soon' },
  ]);
  const activities = await readActivities();
  expect(activities).toMatchObject([
    {
      kind: 'planGenerated',
      plan: {
        id: 'p',
        steps: [
          { index: 0, title: 'Look' },
          { index: 1, title: '' },
        ],
      },
    },
    { kind: 'planApproved', planId: 'p' },
    { kind: 'userMessaged', message: 'hello' },
    { kind: 'agentMessaged', message: 'which?' },
    { kind: 'progressUpdated', progress: { title: null, description: null } },
    { kind: 'progressUpdated', progress: { title: 'Ran bash command', description: 'ok' } },
    { kind: 'sessionCompleted' },
    { kind: 'sessionFailed', reason: null },
    { kind: 'unknown', keys: [], description: 'Session started' },
    { kind: 'unknown', keys: ['danced'] },
    { kind: 'unknown', keys: ['planGenerated'] },
  ]);
});

test('large artifacts are dropped down to what they are', async () => {
  const diff = 'x'.repeat(PATCH_CHARS + 5000);
  answerActivities([
    {
      progressUpdated: {},
      artifacts: [
        { media: { mimeType: 'image/png', data: Buffer.alloc(1000).toString('base64') } },
        { changeSet: { gitPatch: { unidiffPatch: diff } } },
        { bashOutput: { command: 'npm test', output: 'ok' } },
        {},
        { smell: {} },
      ],
    },
  ]);
  const [activity] = await readActivities();
  expect(activity?.artifacts).toMatchObject([
    { kind: 'media', mimeType: 'image/png', bytes: 1000 },
    { kind: 'changeSet', patchChars: diff.length, commitMessage: null },
    { kind: 'bashOutput', exitCode: 0 },
    { kind: 'unknown', keys: [] },
    { kind: 'unknown', keys: ['smell'] },
  ]);
  expect(JSON.stringify(activity).length).toBeLessThan(PATCH_CHARS + 1000);
});

test('an item that cannot be named is left out, its neighbours are not', async () => {
  server.use(
    http.get(`${API}/sources`, () =>
      HttpResponse.json({
        sources: [
          { name: 'sources/gitlab/x', gitlabRepo: {} },
          { name: 'sources/github/o/r', githubRepo: { owner: 'o', repo: 'r', branches: [{ displayName: 'dev' }, {}] } },
        ],
      }),
    ),
  );
  expect(await aClient().listSources(KEY, {}, { signal })).toEqual([
    { name: 'sources/github/o/r', owner: 'o', repo: 'r', isPrivate: false, defaultBranch: null, branches: ['dev'] },
  ]);
});

test('a session is created to wait for approval and to make a pull request', async () => {
  let sent: unknown;
  let key: string | null = null;
  server.use(
    http.post(`${API}/sessions`, async ({ request }) => {
      sent = await request.json();
      key = request.headers.get('x-goog-api-key');
      return HttpResponse.json({ name: SESSION, id: '17753085909492805070' });
    }),
  );
  const created = await aClient().createSession(
    KEY,
    { prompt: 'Do it', title: 'It', source: 'sources/github/o/r.js', startingBranch: 'main' },
    { signal },
  );
  expect(created.name).toBe(SESSION);
  expect(key).toBe(KEY.reveal());
  expect(sent).toEqual({
    prompt: 'Do it',
    title: 'It',
    sourceContext: { source: 'sources/github/o/r.js', githubRepoContext: { startingBranch: 'main' } },
    requirePlanApproval: true,
    automationMode: 'AUTO_CREATE_PR',
  });
});

test.each(['', '{}', '  \n'])('the answer %j to an approval and a message is a success', async (body) => {
  server.use(http.post(`${API}/${SESSION}\\:*`, () => new HttpResponse(body, { status: 200 })));
  await aClient().approvePlan(KEY, { name: SESSION }, { signal });
  await aClient().sendMessage(KEY, { name: SESSION, prompt: 'go on' }, { signal });
  await aClient().archiveSession(KEY, { name: SESSION }, { signal });
});

/** Pages of one session each, named by their number; a page's token is the number of the next. */
function answerPages(
  count: number,
  tokenAfter: (page: number) => string = (page) => (page < count ? `${page + 1}` : ''),
) {
  const asked: string[] = [];
  server.use(
    http.get(`${API}/sessions`, ({ request }) => {
      const { searchParams } = new URL(request.url);
      const page = Number(searchParams.get('pageToken') ?? '1');
      asked.push(`${searchParams.get('pageSize')}:${page}`);
      const nextPageToken = tokenAfter(page);
      return HttpResponse.json({ sessions: [{ name: `sessions/${page}` }], ...(nextPageToken && { nextPageToken }) });
    }),
  );
  return asked;
}

test('all pages are read until one has no token', async () => {
  const asked = answerPages(3);
  const sessions = await aClient().listSessions(KEY, {}, { signal });
  expect(sessions.map(({ id }) => id)).toEqual(['1', '2', '3']);
  expect(asked).toEqual(['100:1', '100:2', '100:3']);
});

test('no page is read after the one that the caller wanted', async () => {
  const asked = answerPages(9);
  await aClient().listSessions(KEY, { stopAt: ({ id }) => id === '2' }, { signal });
  expect(asked).toHaveLength(2);
});

test('pages that lead in a circle and pages without end are failures, not short lists', async () => {
  answerPages(9, (page) => (page === 3 ? '2' : `${page + 1}`));
  await expect(aClient().listSessions(KEY, {}, { signal })).rejects.toMatchObject({ code: 'repeated_page' });
  answerPages(9, (page) => `${page + 1}`);
  await expect(aClient().listSessions(KEY, {}, { signal })).rejects.toMatchObject({ code: 'too_many_pages' });
});

test('an empty list is an empty object', async () => {
  server.use(http.get(`${API}/sessions`, () => HttpResponse.json({})));
  expect(await aClient().listSessions(KEY, {}, { signal })).toEqual([]);
});

test('activities are asked for after an instant, and in smaller pages where screenshots make them too long', async () => {
  const asked: string[] = [];
  server.use(
    http.get(`${API}/${SESSION}/activities`, ({ request }) => {
      const { searchParams } = new URL(request.url);
      asked.push(`${searchParams.get('filter')} ${searchParams.get('pageSize')}`);
      if (Number(searchParams.get('pageSize')) > 10) return HttpResponse.text('x'.repeat(9 * 1024 * 1024));
      return HttpResponse.json({});
    }),
  );
  const since = new Date('2026-01-17T00:03:53.137Z');
  expect(await aClient().listActivities(KEY, { name: SESSION, since }, { signal })).toEqual([]);
  const filter = 'create_time > "2026-01-17T00:03:53.137Z"';
  expect(asked).toEqual([`${filter} 100`, `${filter} 10`]);
});
