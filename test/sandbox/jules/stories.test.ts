import { expect, test } from 'vitest';
import { instantOf, microsOf } from '#sandbox/jules/clock.ts';
import { planFor } from '#sandbox/jules/plan.ts';
import { FOREVER_MS, simulate, URL_OF_PULL, until } from './support.ts';

const jules = simulate({ speed: 1500 });

async function approved(scenario: object, overrides: object = {}): Promise<string> {
  jules.control.script({ ...scenario, next: true });
  const name = await jules.create(overrides);
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  await jules.call('POST', `/${name}:approvePlan`, {});
  return name;
}

const outputsOf = async (name: string): Promise<readonly object[]> =>
  (await jules.call('GET', `/${name}`)).json.outputs ?? [];
const say = (name: string, prompt: string) => jules.call('POST', `/${name}:sendMessage`, { prompt });
const effects = (name: string) =>
  jules.control.truth.filter(({ session }) => `sessions/${session}` === name).map(({ kind }) => kind);

test('the happy story goes by the steps of its plan to one pull request of its own repository', async () => {
  const name = await approved({ scenario: 'happy' });
  await until(() => jules.session(name).pullRequest, 'a pull request');
  expect(jules.session(name)).toMatchObject({
    state: 'COMPLETED',
    approved: true,
    pullRequest: expect.stringMatching(URL_OF_PULL),
  });
  const told = await jules.told(name);
  expect(told.slice(0, 2)).toEqual(['planGenerated', 'planApproved']);
  expect(told.at(-1)).toBe('sessionCompleted');
  const steps = planFor('Fix the login.').map(({ title }) => title);
  expect(told.filter((title) => steps.includes(title))).toEqual(steps);
  expect(await outputsOf(name)).toMatchObject([{ changeSet: {} }, { pullRequest: {} }]);
  expect(effects(name)).toEqual(['created', 'approved']);
});

test('a plan waits for approval, and nothing is done before', async () => {
  jules.control.script({ scenario: 'happy' });
  const name = await jules.create();
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  expect(await jules.told(name)).toEqual(['planGenerated']);
});

test('without plan approval the plan approves itself', async () => {
  const name = await jules.create({ requirePlanApproval: false });
  await jules.reaches(name, 'COMPLETED');
  expect((await jules.told(name)).slice(0, 2)).toEqual(['planGenerated', 'planApproved']);
  expect(effects(name)).toEqual(['created']);
});

test('a plan that nobody approves reads COMPLETED, without approval and without outputs', async () => {
  const patient = await jules.create();
  await jules.reaches(patient, 'AWAITING_PLAN_APPROVAL');
  jules.control.script({ settings: { planExpiresMs: 600_000 } });
  const name = await jules.create();
  await jules.reaches(name, 'COMPLETED');
  jules.control.script({ settings: { planExpiresMs: FOREVER_MS } });
  expect(jules.session(patient).state).toBe('AWAITING_PLAN_APPROVAL');
  expect(await jules.told(name)).toEqual(['planGenerated']);
  expect(await outputsOf(name)).toEqual([]);
  expect(await jules.call('POST', `/${name}:approvePlan`, {})).toMatchObject({ status: 200 });
  expect(jules.session(name)).toMatchObject({ state: 'COMPLETED', approved: false });
  jules.control.script({ settings: { approveExpired: 'resume' } });
  await jules.call('POST', `/${name}:approvePlan`, {});
  jules.control.script({ settings: { approveExpired: 'ignore' } });
  await until(() => jules.session(name).pullRequest, 'a pull request');
});

test('a message to a waiting plan brings another plan, which waits as well', async () => {
  const name = await jules.create();
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  await say(name, 'And write a test.');
  await until(async () => (await jules.told(name)).filter((event) => event === 'planGenerated').length === 2, 'a plan');
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  await jules.call('POST', `/${name}:approvePlan`, {});
  await until(() => jules.session(name).pullRequest, 'a pull request');
  expect(await jules.told(name)).toContain('As you asked: And write a test');
  expect(effects(name)).toEqual(['created', 'messaged', 'approved']);
});

test('a session that was archived before its approval makes a plan again when somebody writes', async () => {
  const name = await jules.create();
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  await jules.call('POST', `/${name}:archive`, {});
  await say(name, 'Go on.');
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  expect(await jules.told(name)).toEqual(['planGenerated', 'userMessaged', 'planGenerated']);
});

test('a question waits for its answer', async () => {
  const name = await approved({ scenario: 'question', question: 'Left or right?' });
  const waiting = await jules.reaches(name, 'AWAITING_USER_FEEDBACK');
  expect(waiting.messages).toMatchObject([{ from: 'agent', text: 'Left or right?' }]);
  await say(name, 'Left.');
  await until(() => jules.session(name).pullRequest, 'a pull request');
  expect((await jules.told(name)).filter((event) => event.endsWith('Messaged'))).toEqual([
    'agentMessaged',
    'userMessaged',
  ]);
});

test.each([
  [undefined, 'could not be made to pass'],
  ['Out of disk.', 'Out of disk.'],
  ['', '"sessionFailed": {}'],
])('a failure with the reason %j tells it', async (reason, words) => {
  const name = await approved({ scenario: 'fail', ...(reason !== undefined && { reason }) });
  await jules.reaches(name, 'FAILED');
  const { text } = await jules.call('GET', `/${name}/activities?pageSize=100`);
  expect(text).toContain('sessionFailed');
  expect(text).toContain(words);
});

test('a failure can come without any event', async () => {
  const name = await approved({ scenario: 'fail', reason: null });
  await jules.reaches(name, 'FAILED');
  expect(await jules.told(name)).not.toContain('sessionFailed');
});

test('work can end with nothing, or with a patch and no pull request', async () => {
  const nothing = await approved({ scenario: 'no_pr' });
  const patch = await approved({ scenario: 'patch_only' });
  const manual = await approved({ scenario: 'happy' }, { automationMode: undefined });
  await Promise.all([nothing, patch, manual].map((name) => jules.reaches(name, 'COMPLETED')));
  await until(async () => (await outputsOf(patch)).length > 0, 'a patch');
  expect(await outputsOf(nothing)).toEqual([]);
  expect(await outputsOf(patch)).toMatchObject([{ changeSet: { gitPatch: { unidiffPatch: expect.any(String) } } }]);
  expect(JSON.stringify(await outputsOf(manual))).not.toContain('pullRequest');
});

test.each([
  ['paused', 'PAUSED'],
  ['unknown_state', 'RETHINKING'],
])('%s stands in %s until somebody writes', async (scenario, state) => {
  const name = await approved({ scenario });
  await jules.reaches(name, state);
  await say(name, 'Continue');
  await until(() => jules.session(name).pullRequest, 'a pull request');
});

test('a session that hangs stays IN_PROGRESS and says nothing more', async () => {
  const hanging = await approved({ scenario: 'hang' });
  const happy = await approved({ scenario: 'happy' });
  await until(() => jules.session(happy).pullRequest, 'the other one ends');
  expect(jules.session(hanging).state).toBe('IN_PROGRESS');
  expect(await jules.told(hanging)).toHaveLength(5);
});

test('a completed session is taken up again by itself or by a message, with the same pull request', async () => {
  const completions = async (name: string) =>
    (await jules.told(name)).filter((event) => event === 'sessionCompleted').length;
  const name = await approved({ scenario: 'reopen' });
  await until(async () => (await completions(name)) === 2, 'a second end');
  const { pullRequest } = jules.session(name);
  await jules.reaches(name, 'COMPLETED');
  await say(name, 'One more thing.');
  await until(async () => (await completions(name)) === 3, 'a third end');
  expect(jules.session(name).pullRequest).toBe(pullRequest);
});

test('an odd session shows what no reader expects', async () => {
  const name = await approved({ scenario: 'odd' });
  await until(() => jules.session(name).pullRequest, 'a pull request');
  expect(await jules.told(name)).toContain('hologramProjected');
  expect(await outputsOf(name)).toContainEqual({ hologram: { colour: 'blue' } });
  expect((await jules.call('GET', `/${name}/activities`)).text.length).toBeGreaterThan(1_000_000);
});

test('a session without a repository has a change set without one', async () => {
  const name = await approved({ scenario: 'happy' }, { sourceContext: undefined });
  await until(async () => (await outputsOf(name)).length > 0, 'outputs');
  const [output] = await outputsOf(name);
  expect(output).toMatchObject({ changeSet: { source: 'sources/github/' } });
  expect(JSON.stringify(output)).not.toContain('baseCommitId');
});

test('a branch that does not exist fails the session and says so', async () => {
  const source = 'sources/github/acme/shop';
  const name = await jules.create({ sourceContext: { source, githubRepoContext: { startingBranch: 'gone' } } });
  await jules.reaches(name, 'FAILED');
  expect((await jules.call('GET', `/${name}/activities`)).text).toContain('Branch gone was not found.');
});

test('instants keep their microseconds both ways', () => {
  const micros = microsOf('2026-01-17T00:03:53.137240Z');
  expect(instantOf(micros)).toBe('2026-01-17T00:03:53.137240Z');
  expect(microsOf('2026-01-17T01:03:53.13724+01:00')).toBe(micros);
  expect(microsOf('yesterday')).toBeNaN();
});

test('plans differ with the words of the prompt', () => {
  const plans = ['Fix a crash', 'Add tests', 'Update the README', 'Refactor it', 'Bump react', 'Dance'].map((prompt) =>
    planFor(prompt).map(({ title }) => title),
  );
  expect(new Set(plans.map((plan) => plan.join())).size).toBe(6);
});
