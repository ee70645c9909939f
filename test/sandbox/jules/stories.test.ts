import { describe, expect, test } from 'vitest';
import { planFor } from '#sandbox/jules/plan.ts';
import { NEW, SOURCE, simulate, URL_OF_PULL } from './support.ts';

const jules = simulate();

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
const untilPull = (name: string) => jules.until(() => jules.session(name).pullRequest, 'a pull request');
const activities = async (name: string) => (await jules.call('GET', `/${name}/activities?pageSize=100`)).text;
const counted = async (name: string, event: string) => (await jules.told(name)).filter((one) => one === event).length;
/** Long enough for everything that a story has left to tell, too short for a plan to expire. */
const rest = () => jules.control.advance(300_000);

describe('plans', () => {
  test('without plan approval the plan approves itself, and all goes on to one pull request of its own repository', async () => {
    const name = await jules.create({ requirePlanApproval: false });
    await untilPull(name);
    expect(jules.session(name)).toMatchObject({
      state: 'COMPLETED',
      approved: true,
      pullRequest: expect.stringMatching(URL_OF_PULL),
    });
    const told = await jules.told(name);
    expect(told.slice(0, 2)).toEqual(['planGenerated', 'planApproved']);
    expect(told.at(-1)).toBe('sessionCompleted');
    const steps = planFor(NEW.prompt).map(({ title }) => title);
    expect(told.filter((title) => steps.includes(title))).toEqual(steps);
    expect(await outputsOf(name)).toMatchObject([
      { changeSet: { source: SOURCE, gitPatch: { baseCommitId: expect.stringMatching(/^[0-9a-f]{40}$/) } } },
      { pullRequest: { baseRef: 'main', headRef: expect.stringContaining(name.slice(9)) } },
    ]);
    expect(effects(name)).toEqual(['created']);
  });

  test('a plan waits for approval, and nothing is done before', async () => {
    const name = await jules.create();
    expect(jules.session(name).state).toBe('QUEUED');
    await jules.reaches(name, 'PLANNING');
    await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
    rest();
    expect(await jules.told(name)).toEqual(['planGenerated']);
    expect(jules.session(name)).toMatchObject({ state: 'AWAITING_PLAN_APPROVAL', approved: false });
  });

  test('a message to a waiting plan brings another plan, which waits as well', async () => {
    const name = await jules.create();
    await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
    await say(name, 'And write a test.');
    expect(jules.session(name).state).toBe('PLANNING');
    await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
    expect(await counted(name, 'planGenerated')).toBe(2);
    await jules.call('POST', `/${name}:approvePlan`, {});
    await untilPull(name);
    expect(await jules.told(name)).toContain('As you asked: And write a test');
    expect(effects(name)).toEqual(['created', 'messaged', 'approved']);
  });

  test('the newest plan is the one that is approved', async () => {
    const name = await jules.create();
    await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
    await say(name, 'Otherwise.');
    await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
    await jules.call('POST', `/${name}:approvePlan`, {});
    const text = await activities(name);
    const [first, newest] = [...text.matchAll(/"plan": \{\s+"id": "(\w+)"/g)].map(([, id]) => id);
    expect(newest).not.toBe(first);
    expect(text).toContain(`"planId": "${newest}"`);
  });

  test('replan: a plan made later runs without being asked for again', async () => {
    const name = await approved({ scenario: 'replan' });
    await untilPull(name);
    expect((await jules.told(name)).filter((event) => event.startsWith('plan'))).toEqual([
      'planGenerated',
      'planApproved',
      'planGenerated',
      'planApproved',
    ]);
    expect(effects(name)).toEqual(['created', 'approved']);
  });

  test('a plan that nobody approves reads COMPLETED after its time, without approval and without outputs', async () => {
    jules.control.script({ settings: { planExpiresMs: 600_000 } });
    const name = await jules.create();
    await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
    jules.control.advance(599_999);
    expect(jules.session(name).state).toBe('AWAITING_PLAN_APPROVAL');
    jules.control.advance(1);
    expect(jules.session(name)).toMatchObject({ state: 'COMPLETED', approved: false, pullRequest: null });
    expect([await jules.told(name), await outputsOf(name)]).toEqual([['planGenerated'], []]);
  });

  test.each([
    ['ignore', 'COMPLETED', ['created']],
    ['resume', 'IN_PROGRESS', ['created', 'approved']],
  ])('plan_only: approving it then, told to %s, leaves it %s', async (approveExpired, state, done) => {
    jules.control.script({ settings: { approveExpired } });
    jules.control.script({ scenario: 'plan_only', next: true });
    const name = await jules.create();
    await jules.reaches(name, 'PLANNING');
    await jules.until(async () => (await jules.told(name)).length > 0, 'a plan');
    expect([jules.session(name).state, await jules.told(name)]).toEqual(['COMPLETED', ['planGenerated']]);
    expect(await jules.call('POST', `/${name}:approvePlan`, {})).toMatchObject({ status: 200, json: {} });
    expect([jules.session(name).state, effects(name)]).toEqual([state, done]);
    jules.control.script({ settings: { approveExpired: 'ignore' } });
  });

  test('stuck_planning: the plan never comes', async () => {
    jules.control.script({ scenario: 'stuck_planning', next: true });
    const name = await jules.create();
    rest();
    expect([jules.session(name).state, await jules.told(name)]).toEqual(['PLANNING', []]);
  });

  test('a long prompt is cut in the sentences of its plan, which then end in dots and no full stop', () => {
    const ends = ['Fix a crash', `Fix a crash ${'of the database '.repeat(9)}`].map((prompt) =>
      planFor(prompt).map(({ description }) => /[^\w]*$/.exec(description)?.[0]),
    );
    expect(ends.map((all) => [...new Set(all)])).toEqual([['.'], ['…']]);
  });

  test('plans differ with the words of the prompt', () => {
    const plans = ['Fix a crash', 'Add tests', 'Update the README', 'Refactor it', 'Bump react', 'Dance'].map(
      (prompt) => planFor(prompt).map(({ title }) => title),
    );
    expect(new Set(plans.map((plan) => plan.join())).size).toBe(6);
  });
});

describe('what stands still', () => {
  test('question: it waits for its answer, and then goes on', async () => {
    const name = await approved({ scenario: 'question', question: 'Left or right?' });
    await jules.reaches(name, 'AWAITING_USER_FEEDBACK');
    rest();
    expect(jules.session(name)).toMatchObject({
      state: 'AWAITING_USER_FEEDBACK',
      messages: [{ from: 'agent', text: 'Left or right?' }],
    });
    await say(name, 'Left.');
    await untilPull(name);
    const heard = (await jules.told(name)).filter((event) => event.endsWith('Messaged'));
    expect(heard).toEqual(['agentMessaged', 'userMessaged']);
  });

  test.each([
    ['hang', 'IN_PROGRESS'],
    ['paused', 'PAUSED'],
    ['unknown_state', 'RETHINKING'],
  ])('%s: it stands in %s without a word until somebody writes', async (scenario, state) => {
    const name = await approved({ scenario });
    rest();
    const told = await jules.told(name);
    expect([jules.session(name).state, told.length]).toEqual([state, 5]);
    jules.control.advance(3_600_000);
    expect(await jules.told(name)).toEqual(told);
    await say(name, 'Continue');
    await untilPull(name);
  });

  test('unknown_state: the word can be any', async () => {
    const name = await approved({ scenario: 'unknown_state', state: 'DREAMING' });
    await jules.reaches(name, 'DREAMING');
  });

  test('slow: it takes five times as long', async () => {
    const [slow, happy] = [await approved({ scenario: 'slow' }), await approved({ scenario: 'happy' })];
    await untilPull(happy);
    expect(jules.session(slow).state).toBe('IN_PROGRESS');
    await untilPull(slow);
  });
});

describe('ends', () => {
  test.each([
    [undefined, 'could not be made to pass'],
    ['Out of disk.', 'Out of disk.'],
    ['', '"sessionFailed": {}'],
  ])('fail: the reason %j is told', async (reason, words) => {
    const name = await approved({ scenario: 'fail', ...(reason !== undefined && { reason }) });
    await jules.reaches(name, 'FAILED');
    expect(await activities(name)).toContain('sessionFailed');
    expect(await activities(name)).toContain(words);
  });

  test('fail: it can come without any event, and a message changes nothing any more', async () => {
    const name = await approved({ scenario: 'fail', reason: null });
    await jules.reaches(name, 'FAILED');
    expect(await jules.told(name)).not.toContain('sessionFailed');
    await say(name, 'Please');
    rest();
    expect(jules.session(name)).toMatchObject({ state: 'FAILED', pullRequest: null });
  });

  test('fail_first_told: the event comes half a minute before the state', async () => {
    const name = await approved({ scenario: 'fail_first_told', reason: 'Out of disk.' });
    await jules.until(async () => (await activities(name)).includes('Out of disk.'), 'the event');
    jules.control.advance(29_000);
    expect(jules.session(name).state).toBe('IN_PROGRESS');
    jules.control.advance(1000);
    expect([jules.session(name).state, await counted(name, 'sessionFailed')]).toEqual(['FAILED', 1]);
  });

  test('a branch that does not exist fails the session and says so', async () => {
    const name = await jules.create({
      sourceContext: { source: SOURCE, githubRepoContext: { startingBranch: 'gone' } },
    });
    await jules.reaches(name, 'FAILED');
    expect(await activities(name)).toContain('Branch gone was not found.');
  });

  test.each([
    ['no_pr', {}, [], false],
    ['patch_only', {}, [{ changeSet: { source: SOURCE } }], true],
    ['hidden_patch', {}, [], true],
    ['repoless', {}, [{ changeSet: { source: 'sources/github/' } }], true],
    ['happy', { automationMode: undefined }, [{ changeSet: { source: SOURCE } }], true],
    ['happy', { sourceContext: undefined }, [{ changeSet: { source: 'sources/github/' } }], true],
  ])(
    '%s with %j: COMPLETED with the outputs %j; a patch among its activities: %j',
    async (scenario, wish, outputs, patch) => {
      const name = await approved({ scenario }, wish);
      await jules.reaches(name, 'COMPLETED');
      rest();
      expect(await outputsOf(name)).toMatchObject(outputs);
      expect(await outputsOf(name)).toHaveLength(outputs.length);
      expect((await activities(name)).includes('unidiffPatch')).toBe(patch);
    },
  );

  test('late_pr: the pull request turns up half a minute after the end, or when it is told to', async () => {
    for (const [wish, ms] of [
      [{}, 30_000],
      [{ prDelayMs: 70_000 }, 70_000],
    ] as const) {
      const name = await approved({ scenario: 'late_pr', ...wish });
      await jules.reaches(name, 'COMPLETED');
      jules.control.advance(ms - 1);
      expect(jules.session(name).pullRequest).toBeNull();
      jules.control.advance(1);
      expect(jules.session(name).pullRequest).toMatch(URL_OF_PULL);
    }
  });
});
