import { expect, test } from 'vitest';
import { NEW, SOURCE, simulate } from './support.ts';

const jules = simulate();
const effectsOf = (name: string) =>
  jules.control.truth.filter(({ session }) => `sessions/${session}` === name).map(({ kind }) => kind);
const list = async (filter = '') => {
  const query = filter && `&filter=${encodeURIComponent(filter)}`;
  return (await jules.call('GET', `/sessions?pageSize=100${query}`)).json.sessions?.map(({ name }) => name) ?? [];
};

test('all twelve methods answer, each with what it is for', async () => {
  const { json: made } = await jules.call('POST', '/sessions', NEW);
  const name = String(made.name);
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  const { json: first } = await jules.call('GET', `/${name}/activities`);
  for (const [method, path, body, answer] of [
    ['GET', '/sources', undefined, { sources: [{}, { name: SOURCE }] }],
    ['GET', `/${SOURCE}`, undefined, { name: SOURCE, id: 'github/acme/shop' }],
    ['GET', '/sessions', undefined, { sessions: [{ name }] }],
    ['GET', `/${name}`, undefined, { name, state: 'AWAITING_PLAN_APPROVAL' }],
    ['GET', `/${name}/activities`, undefined, { activities: [{ planGenerated: { plan: { steps: [{}, {}] } } }] }],
    ['GET', `/${first.activities?.[0]?.name}`, undefined, first.activities?.[0]],
    ['POST', `/${name}:sendMessage`, { prompt: 'hello' }, {}],
    ['POST', `/${name}:approvePlan`, {}, {}],
    ['POST', `/${name}:archive`, {}, { name, archived: true, sourceContext: { source: SOURCE } }],
    ['POST', `/${name}:unarchive`, {}, { name }],
    ['DELETE', `/${name}`, undefined, {}],
  ] as const) {
    const { status, json, text } = await jules.call(method, path, body);
    expect(status, `${method} ${path} ${text}`).toBe(200);
    if (answer && 'activities' in answer) expect(json.activities?.[0]).toHaveProperty('planGenerated.plan.steps');
    else expect(json).toMatchObject(answer ?? {});
  }
});

test.each([
  ['PATCH', '/sessions/1'],
  ['PUT', '/sessions/1'],
  ['POST', '/sessions/1:cancel'],
  ['POST', '/sessions/1:pause'],
  ['GET', '/sessions/1:approvePlan'],
  ['POST', '/sessions/1'],
  ['POST', '/sessions/1/activities'],
  ['DELETE', '/sessions'],
  ['GET', '/usage'],
  ['GET', ''],
  ['POST', '/sources'],
  ['DELETE', `/${SOURCE}`],
])('there is no %s %s: Google answers with a page, whoever asks', async (method, path) => {
  for (const key of [undefined, null]) {
    const { status, headers, text } = await jules.call(method, path, undefined, key);
    expect([status, headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8']);
    expect(text).toContain('That’s an error');
  }
});

test('neither a source, a session nor an activity that is not there is found', async () => {
  const name = await jules.create();
  for (const path of ['/sources/github/acme/none', '/sessions/404404', `/${name}/activities/0`]) {
    expect((await jules.call('GET', path)).json).toEqual({
      error: { code: 404, message: 'Requested entity was not found.', status: 'NOT_FOUND' },
    });
  }
});

test('approval and messages answer zero bytes when told so', async () => {
  const name = await jules.create();
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  const both = async () => [
    (await jules.call('POST', `/${name}:sendMessage`, { prompt: 'hi' })).text.trim(),
    (await jules.call('POST', `/${name}:approvePlan`, {})).text.trim(),
  ];
  expect(await both()).toEqual(['{}', '{}']);
  jules.control.script({ settings: { emptyReplies: true } });
  expect(await both()).toEqual(['', '']);
  jules.control.script({ settings: { emptyReplies: false } });
});

test('a plan is approved with a body and without one', async () => {
  for (const body of [undefined, {}]) {
    const name = await jules.create();
    await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
    expect((await jules.call('POST', `/${name}:approvePlan`, body)).status).toBe(200);
    expect(jules.session(name)).toMatchObject({ state: 'IN_PROGRESS', approved: true });
  }
});

test('approving where no plan waits does nothing, or is refused when told so', async () => {
  const name = await jules.create();
  expect(await jules.call('POST', `/${name}:approvePlan`, {})).toMatchObject({ status: 200, json: {} });
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  await jules.call('POST', `/${name}:approvePlan`, {});
  expect((await jules.call('POST', `/${name}:approvePlan`, {})).status).toBe(200);
  jules.control.script({ settings: { approveNothing: 'refuse' } });
  expect(await jules.call('POST', `/${name}:approvePlan`, {})).toMatchObject({
    status: 400,
    json: { error: { status: 'FAILED_PRECONDITION' } },
  });
  jules.control.script({ settings: { approveNothing: 'ignore' } });
  expect(effectsOf(name)).toEqual(['created', 'approved']);
});

test('a running session that is archived is paused, hidden from the list, and works no more', async () => {
  const name = await jules.create({ requirePlanApproval: false });
  await jules.reaches(name, 'IN_PROGRESS');
  await jules.call('POST', `/${name}:archive`, {});
  expect(jules.session(name)).toMatchObject({ state: 'PAUSED', archived: true });
  expect(await list()).not.toContain(name);
  expect(await list('archived = true')).toEqual([name]);
  expect(await list('archived = true OR archived = false')).toContain(name);
  const told = await jules.told(name);
  jules.control.advance(3_600_000);
  expect(await jules.told(name)).toEqual(told);
});

test('out of the archive it is listed again, and a message takes its work up', async () => {
  const name = await jules.create({ requirePlanApproval: false });
  await jules.reaches(name, 'IN_PROGRESS');
  await jules.call('POST', `/${name}:archive`, {});
  const { json } = await jules.call('POST', `/${name}:unarchive`, {});
  expect(json).toMatchObject({ state: 'PAUSED' });
  expect(json).not.toHaveProperty('archived');
  expect(await list()).toContain(name);
  await jules.call('POST', `/${name}:sendMessage`, { prompt: 'Continue' });
  await jules.until(() => jules.session(name).pullRequest, 'a pull request');
});

test('what had ended before it was archived stays as it ended', async () => {
  const name = await jules.create({ requirePlanApproval: false });
  await jules.reaches(name, 'COMPLETED');
  expect((await jules.call('POST', `/${name}:archive`, {})).json).toMatchObject({ state: 'COMPLETED', archived: true });
});

test('a session that is deleted while it works opens no pull request any more', async () => {
  const numbers: number[] = [];
  for (const isDeleted of [false, true, false]) {
    const name = await jules.create({ requirePlanApproval: false });
    await jules.reaches(name, 'IN_PROGRESS');
    if (isDeleted) await jules.call('DELETE', `/${name}`);
    jules.control.advance(3_600_000);
    if (!isDeleted) numbers.push(Number(jules.session(name).pullRequest?.split('/').at(-1)));
  }
  expect((numbers[1] ?? 0) - (numbers[0] ?? 0)).toBe(1);
});

test('a deleted session answers {} and is gone, with its activities; deleting it again finds nothing', async () => {
  const name = await jules.create();
  expect(await jules.call('DELETE', `/${name}`)).toMatchObject({ status: 200, json: {} });
  for (const [method, path] of [
    ['GET', `/${name}`],
    ['GET', `/${name}/activities`],
    ['POST', `/${name}:approvePlan`],
    ['DELETE', `/${name}`],
  ] as const)
    expect((await jules.call(method, path)).status).toBe(404);
  expect(await list('archived = true OR archived = false')).not.toContain(name);
  jules.control.advance(3_600_000);
  expect(effectsOf(name)).toEqual(['created', 'deleted']);
});
