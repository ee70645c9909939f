import { expect, test } from 'vitest';
import { Refusal } from '#kernel/errors.ts';
import { simulate } from './support.ts';

const jules = simulate();

test.each([
  [{}, 'exactly one of scenario, session'],
  [{ scenario: 'sad' }, 'scenario'],
  [{ scenario: 'happy', colour: 'red' }, 'colour'],
  [{ scenario: 'happy', next: true, match: 'x' }, 'exclude each other'],
  [{ session: '1' }, 'session and do belong together'],
  [{ session: '1', do: 'state' }, 'needs a state'],
  [{ session: '1', do: 'fail' }, 'no session 1'],
  [{ session: '1', do: 'message' }, 'needs a text'],
  [{ session: '1', do: 'dance' }, 'do'],
  [{ settings: { emptyReplies: 'yes' } }, 'emptyReplies'],
  [{ settings: { gravity: 1 } }, 'gravity'],
  [{ settings: {}, scenario: 'happy' }, 'exactly one of scenario'],
  [{ settings: {}, text: 'x' }, 'text cannot stand beside settings'],
  [{ scenario: 'happy', text: 'x' }, 'text cannot stand beside scenario'],
  [{ account: 'ada', plan: 'gold' }, 'plan'],
  [{ account: 'nobody', plan: 'free' }, 'no account nobody'],
  [{ advanceMs: -1 }, 'advanceMs'],
  ['happy', 'expected object'],
])('the script %j is refused with a sentence', (body, words) => {
  const script = () => jules.control.script(body);
  expect(script).toThrow(Refusal);
  expect(script).toThrow(words);
});

test.each([
  [{ on: 'create' }, 'kind'],
  [{ on: 'lunch', kind: 'html' }, 'on'],
  [{ on: 'create', kind: 'late_landing' }, 'late_landing needs ms'],
  [{ on: 'get', kind: 'list_lag', ms: 5 }, 'list_lag is a fault of create'],
  [{ on: 'get', kind: 'html', times: -1 }, 'times'],
])('the fault %j is refused with a sentence', (body, words) => {
  expect(() => jules.control.fault(body)).toThrow(words);
});

test('scripts are chosen by the queue, then by a text in the prompt, then by a name in it, then by default', async () => {
  jules.control.script({ scenario: 'fail', match: 'dragon' });
  jules.control.script({ scenario: 'paused', next: true });
  const ends = [
    [await jules.create({ prompt: 'a dragon', requirePlanApproval: false }), 'PAUSED'],
    [await jules.create({ prompt: 'a dragon', requirePlanApproval: false }), 'FAILED'],
    [await jules.create({ prompt: 'please sandbox:question', requirePlanApproval: false }), 'AWAITING_USER_FEEDBACK'],
  ] as const;
  for (const [name, state] of ends) await jules.reaches(name, state);
  jules.control.script({ scenario: 'hang', default: true });
  const hanging = await jules.create({ requirePlanApproval: false });
  await jules.reaches(hanging, 'IN_PROGRESS');
  jules.control.script({ scenario: 'happy', default: true });
});

test('a session can be pushed along by hand', async () => {
  jules.control.script({ scenario: 'hang', next: true });
  const name = await jules.create({ requirePlanApproval: false });
  await jules.reaches(name, 'IN_PROGRESS');
  const push = (script: object) => jules.control.script({ session: name, ...script });
  push({ do: 'progress', title: 'Half-way' });
  expect(await jules.told(name)).toContain('Half-way');
  push({ do: 'ask', text: 'Tea or coffee?' });
  expect(jules.session(name)).toMatchObject({
    state: 'AWAITING_USER_FEEDBACK',
    messages: [{ text: 'Tea or coffee?' }],
  });
  await jules.call('POST', `/${name}:sendMessage`, { prompt: 'Tea.' });
  await jules.reaches(name, 'IN_PROGRESS');
  push({ do: 'pause' });
  expect(jules.session(name).state).toBe('PAUSED');
  push({ do: 'state', state: 'DREAMING' });
  expect(jules.session(name).state).toBe('DREAMING');
  push({ do: 'complete', pr: false });
  expect(jules.session(name)).toMatchObject({ state: 'COMPLETED', pullRequest: null });
  push({ do: 'pull_request' });
  expect(jules.session(name).pullRequest).toMatch(/pull\/\d+$/);
  const { pullRequest } = jules.session(name);
  push({ do: 'pull_request' });
  const { json } = await jules.call('GET', `/${name}`);
  expect(json.outputs?.filter((output) => 'pullRequest' in output)).toMatchObject([
    { pullRequest: { url: pullRequest } },
  ]);
  push({ do: 'reopen' });
  expect(jules.session(name).state).toBe('IN_PROGRESS');
  push({ do: 'fail', reason: 'Enough.' });
  expect(jules.session(name).state).toBe('FAILED');
});

test('what took effect is listed in order, with its words', async () => {
  const from = jules.control.truth.length;
  const name = await jules.create();
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  await jules.call('POST', `/${name}:approvePlan`, {});
  await jules.call('POST', `/${name}:sendMessage`, { prompt: 'Hello.' });
  await jules.call('POST', `/${name}:archive`, {});
  expect(jules.control.truth.slice(from)).toMatchObject([
    { kind: 'created', title: 'Fix the login', account: 'ada' },
    { kind: 'approved' },
    { kind: 'messaged', text: 'Hello.' },
    { kind: 'archived' },
  ]);
});

test('what somebody does on the page of Jules, past the bot, can be played', async () => {
  const name = await jules.create();
  const push = (script: object) => jules.control.script({ session: name, ...script });
  expect(() => push({ do: 'approve' })).toThrow('no plan that waits');
  await jules.reaches(name, 'AWAITING_PLAN_APPROVAL');
  push({ do: 'approve' });
  expect(jules.session(name)).toMatchObject({ state: 'IN_PROGRESS', approved: true });
  push({ do: 'replan' });
  expect((await jules.told(name)).at(-1)).toBe('planApproved');
  push({ do: 'message', text: 'Hurry.' });
  expect(jules.session(name).messages).toMatchObject([{ from: 'user', text: 'Hurry.' }]);
  push({ do: 'archive' });
  expect(jules.session(name)).toMatchObject({ state: 'PAUSED', archived: true });
  push({ do: 'unarchive' });
  expect(jules.session(name).archived).toBe(false);
  push({ do: 'delete' });
  expect((await jules.call('GET', `/${name}`)).status).toBe(404);
});

test('a session that was halted by hand goes on when somebody writes', async () => {
  const name = await jules.create({ requirePlanApproval: false });
  await jules.reaches(name, 'IN_PROGRESS');
  jules.control.script({ session: name, do: 'pause' });
  jules.control.advance(3_600_000);
  expect(jules.session(name).state).toBe('PAUSED');
  jules.control.script({ session: name, do: 'message', text: 'Continue' });
  await jules.until(() => jules.session(name).pullRequest, 'a pull request');
});

test('all that can be named is offered, each with a line, and taken', async () => {
  const { scenarios, pushes, settings, faults, on } = jules.control.offers();
  const lines = [...scenarios, ...pushes, ...settings, ...faults].map(({ does }) => does);
  expect(lines.length).toBeGreaterThan(60);
  for (const line of lines) expect(line).toMatch(/^.{8,140}$/);
  for (const { name } of scenarios) jules.control.script({ scenario: name, match: 'nowhere' });
  for (const { name, value } of settings) jules.control.script({ settings: { [name]: value } });
  for (const { kind, needs } of faults)
    jules.control.fault({ on: 'create', kind, ...Object.fromEntries(needs.map((name) => [name, 1])) });
  for (const one of on) jules.control.fault({ on: one, kind: 'html' });
  expect(jules.control.armed()).toHaveLength(faults.length + on.length);
  jules.control.clearFaults();
  const name = await jules.create({ requirePlanApproval: false });
  await jules.reaches(name, 'IN_PROGRESS');
  const pushable = pushes.filter((push) => push.name !== 'approve');
  for (const push of pushable) jules.control.script({ session: name, do: push.name, text: 'x', state: 'X' });
});

test('what is set is what is offered, and the next one that is set leaves the others alone', () => {
  const value = (wanted: string) => jules.control.offers().settings.find(({ name }) => name === wanted)?.value;
  jules.control.script({ settings: { createsAtOnce: 7 } });
  jules.control.script({ settings: { equalTimes: true } });
  expect([value('createsAtOnce'), value('equalTimes'), value('bashOutput')]).toEqual([7, true, true]);
  jules.control.script({ settings: { createsAtOnce: 5, equalTimes: false } });
});
