import { expect, test } from 'vitest';
import { Refusal } from '#kernel/errors.ts';
import { simulate, until } from './support.ts';

const jules = simulate({ speed: 1000 });

test.each([
  [{}, 'exactly one of scenario, session'],
  [{ scenario: 'sad' }, 'scenario'],
  [{ scenario: 'happy', colour: 'red' }, 'colour'],
  [{ scenario: 'happy', next: true, match: 'x' }, 'exclude each other'],
  [{ session: '1' }, 'session and do belong together'],
  [{ session: '1', do: 'state' }, 'needs a state'],
  [{ session: '1', do: 'fail' }, 'no session 1'],
  [{ settings: { emptyReplies: 'yes' } }, 'emptyReplies'],
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
  await until(() => jules.session(name).archived, 'archived');
});
