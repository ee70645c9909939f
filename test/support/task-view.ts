import fc from 'fast-check';
import { SESSION_PHASES } from '#tasks/session.ts';
import { TASK_STATUSES, TASK_VERBS, type TaskView, taskView } from '#tasks/task.ts';

const NOW = '2026-11-20T10:00:00.000Z';

const SESSION = {
  phase: 'working',
  name: 'sessions/123',
  url: 'https://jules.google.com/session/123',
  jules_state: 'IN_PROGRESS',
  progress: {},
  queue: null,
  moved_at: NOW,
  opened_at: NOW,
  approved_at: NOW,
  ended_at: null,
  recreated: 0,
  resumes: 0,
  silence: null,
  pr_wanting: null,
  deleted: false,
  question: null,
  plan_approved_by: null,
  untold: 0,
};

type Facts = Readonly<Record<string, unknown>>;

/** A session as a task's view holds it. */
export const aSession = (facts: Facts = {}) => ({ ...SESSION, ...facts });

/** A task as the database shows it: asked for, and waiting. */
export function aTask(facts: Facts = {}): TaskView {
  return taskView.parse({
    id: '6f1c2f0e-6d2c-4a57-9f0a-0c9f7a1f2b3c',
    number: 12,
    status: 'pending_confirmation',
    revision: 1,
    prompt: 'Fix the login test',
    repo: 'acme/site',
    branch: 'main',
    repo_from: 'server',
    requester: '1300000000000000023',
    channel_id: '1300000000000000002',
    created_at: NOW,
    key: { owner: 'server', last4: '1a2b' },
    decided_by: null,
    decided_at: null,
    ended_by: null,
    reason: null,
    pr_url: null,
    pr_source: null,
    last_error: null,
    policy: { approvals: 1, self_approval: true, expires_at: null },
    stands_still: false,
    approvals: [],
    quota: null,
    session: null,
    plan: null,
    plan_hash: null,
    plan_review: false,
    plan_from: null,
    edits: 0,
    edited: null,
    parent: null,
    children: [],
    verbs: ['cancel', 'confirm', 'reject'],
    now: NOW,
    ...facts,
  });
}

/** Text as somebody writes it who wants to ping, hide, break out or fill up. */
export const hostileText = (maxLength: number) =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '@everyone',
          '@here',
          '<@1300000000000000023>',
          '<@&1300000000000000012>',
          '```',
          '``',
          '`',
          '\n',
        ),
        fc.constantFrom(
          '[click](https://evil.example)',
          '> ',
          '# ',
          '\u202E',
          '\u200B',
          '\u{E0041}',
          '\0',
          '\uD800',
          '||',
        ),
        fc.constantFrom('👨‍👩‍👧‍👦', '🏳️‍🌈', 'e\u0301', `e${'\u0301'.repeat(200)}`, '_', '*', '\\', '~~', '<t:1:R>'),
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.string({ unit: 'grapheme', maxLength: 60 }),
      ),
      { maxLength: Math.ceil(maxLength / 20), size: 'max' },
    )
    .map((parts) => parts.join('').slice(0, maxLength));

const instant = fc.option(fc.constant(NOW));
const person = fc.option(fc.constant('1300000000000000022'));

const session = fc.record({
  phase: fc.constantFrom(...SESSION_PHASES),
  name: fc.constant('sessions/1'),
  url: fc.option(fc.oneof(fc.webUrl(), fc.constant('javascript:alert(1)'), hostileText(600))),
  jules_state: fc.option(hostileText(100)),
  progress: fc.record(
    { step: fc.integer({ min: -2, max: 60 }), latest: hostileText(2000), question: hostileText(4000) },
    { requiredKeys: [] },
  ),
  queue: fc.option(
    fc.record({
      place: fc.integer({ min: 1, max: 9999 }),
      because: fc.constantFrom('at_once', 'per_day'),
      wait_s: fc.option(fc.nat()),
    }),
  ),
  moved_at: instant,
  opened_at: instant,
  approved_at: instant,
  ended_at: instant,
  recreated: fc.integer({ min: 0, max: 5 }),
  resumes: fc.integer({ min: 0, max: 2 }),
  silence: fc.option(fc.constant('0a1b2c3e')),
  pr_wanting: fc.option(fc.constant('0a1b2c3f')),
  deleted: fc.boolean(),
  question: fc.option(fc.constant('0a1b2c3d')),
  plan_approved_by: person,
  untold: fc.nat({ max: 3 }),
});

/** Tasks of every status and phase, also in pairs that should not meet, with hostile text wherever people or Jules write. */
export const hostileTask = fc
  .record({
    number: fc.integer({ min: 1, max: 2_000_000_000 }),
    status: fc.constantFrom(...TASK_STATUSES),
    prompt: hostileText(6000),
    repo: fc.constantFrom('acme/site', `a/${'b'.repeat(100)}`, `${'o'.repeat(39)}/${'_'.repeat(100)}`),
    branch: hostileText(200),
    repo_from: fc.constantFrom('option', 'person', 'channel', 'server'),
    key: fc.record({ owner: fc.constantFrom('person', 'server'), last4: hostileText(4) }),
    decided_by: person,
    decided_at: instant,
    ended_by: person,
    reason: fc.option(hostileText(1000)),
    pr_url: fc.option(fc.constantFrom('https://github.com/acme/site/pull/7')),
    last_error: fc.option(hostileText(3000)),
    session: fc.option(session, { freq: 8 }),
    plan: fc.option(
      fc.array(fc.record({ title: hostileText(400), description: hostileText(400) }), { maxLength: 60, size: 'max' }),
    ),
    plan_hash: fc.option(fc.constant('0a1b2c3d4e5f')),
    verbs: fc.subarray([...TASK_VERBS]),
  })
  .map((facts) => aTask(facts));
