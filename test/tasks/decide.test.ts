import { describe, expect, test } from 'vitest';
import { keyId, sessionName, taskId } from '#kernel/ids.ts';
import { decideFollowing, decideOpening, progressAfter, pullRequestOf } from '#tasks/decide.ts';
import type { JulesActivity } from '#tasks/ports.ts';
import type { Work } from '#tasks/work.ts';
import { aSession, WINDOWS } from '../support/tasks.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const ago = (ms: number) => new Date(NOW.getTime() - ms);

const aWork = (facts: Partial<Work> = {}): Work => ({
  task_id: taskId('t'),
  number: 1,
  status: 'in_progress',
  prompt: 'p',
  repo: 'octo/repo',
  branch: 'main',
  pr_url: null,
  last_error: null,
  channel_id: 'c',
  account_id: 'a',
  key_id: keyId('k'),
  paused: false,
  phase: 'working',
  marker: 'verne:m',
  attempts: 1,
  attempted_at: null,
  recreated: 0,
  name: sessionName('sessions/1'),
  jules_state: 'IN_PROGRESS',
  progress: {},
  activities_until: ago(60_000),
  moved_at: ago(60_000),
  opened_at: ago(300_000),
  approved_at: ago(200_000),
  approval_sent_at: null,
  acted: false,
  silent_at: null,
  missing_since: null,
  deleted_at: null,
  finishing_since: null,
  ended_at: null,
  archived_at: null,
  pr_source: null,
  reported_pr: null,
  revision: 5,
  plan: null,
  known: [],
  source: null,
  telling: false,
  plan_review: false,
  plan_hash: null,
  approved_hash: null,
  ...facts,
});

const anActivity = (kind: JulesActivity['kind'], facts: object = {}): JulesActivity =>
  ({ name: `a-${kind}`, createTime: NOW, description: null, artifacts: [], kind, ...facts }) as JulesActivity;
const aPlan = (...titles: string[]) =>
  anActivity('planGenerated', { plan: { steps: titles.map((title) => ({ title, description: null })) } });
const aPullRequest = (url: string) => ({ kind: 'pullRequest', url });
const WORKS = aSession({ state: 'IN_PROGRESS' });

const follow = (work: Partial<Work>, session: object, activities: JulesActivity[] = []) =>
  decideFollowing({ work: aWork(work), session: aSession(session), activities, now: NOW }, WINDOWS);

describe('opening', () => {
  const opening = (facts: Partial<Work>) =>
    decideOpening(aWork({ name: null, phase: 'opening', attempts: 0, ...facts }), NOW, WINDOWS).kind;

  test('an admitted task without a session is created', () => expect(opening({})).toBe('create'));
  test('a task that has its session needs nothing', () =>
    expect(opening({ name: sessionName('sessions/9') })).toBe('nothing'));
  test('a session of unknown outcome is looked for, not created again', () =>
    expect(opening({ attempted_at: ago(1000), attempts: 1 })).toBe('look'));
  test('it is looked for also when the task was cancelled meanwhile, so that no stray goes unseen', () =>
    expect(opening({ attempted_at: ago(1000), attempts: 1, status: 'cancelled', ended_at: NOW })).toBe('look'));
  test('the search is over when the whole window has passed, and not a millisecond before', () => {
    const over = (ms: number) =>
      decideOpening(aWork({ name: null, phase: 'opening', attempted_at: ago(ms) }), NOW, WINDOWS);
    expect(over(WINDOWS.intentMs - 1)).toEqual({ kind: 'look', isOver: false });
    expect(over(WINDOWS.intentMs)).toEqual({ kind: 'look', isOver: true });
  });
  test.each([
    { attempts: 3 },
    { phase: 'unsure' as const },
    { phase: 'queued' as const },
    { status: 'cancelled' as const },
    { ended_at: NOW },
  ])('nothing is created for %j', (facts) => expect(opening(facts)).toBe('nothing'));
});

describe('following', () => {
  test.each([
    ['QUEUED', 'planning'],
    ['PLANNING', 'planning'],
    ['AWAITING_USER_FEEDBACK', 'needs_input'],
    ['IN_PROGRESS', 'working'],
    ['PAUSED', 'paused'],
    ['SOMETHING_NEW', 'unknown'],
  ])('Jules saying %s means %s', (state, phase) => expect(follow({}, { state })).toEqual({ phase }));

  test('a plan that waits is approved', () =>
    expect(follow({ phase: 'planning' }, { state: 'AWAITING_PLAN_APPROVAL' })).toEqual({
      phase: 'approving',
      approve: true,
    }));

  test('COMPLETED with a pull request of the repository completes the task', () => {
    const url = 'https://github.com/octo/repo/pull/7';
    expect(
      follow({}, { state: 'COMPLETED', outputs: [{ kind: 'changeSet', patchChars: 9 }, aPullRequest(url)] }),
    ).toEqual({
      phase: 'done_pr',
      end: { verb: 'complete', pr_url: url, pr_source: 'jules' },
    });
  });

  test('COMPLETED without outputs waits for a late pull request before it says that there is none', () => {
    expect(follow({}, { state: 'COMPLETED' })).toEqual({ phase: 'finishing' });
    expect(follow({ finishing_since: ago(5 * WINDOWS.followSoonMs - 1) }, { state: 'COMPLETED' }).end).toBeUndefined();
    expect(follow({ finishing_since: ago(5 * WINDOWS.followSoonMs) }, { state: 'COMPLETED' })).toEqual({
      phase: 'done_nothing',
      end: { verb: 'complete' },
    });
  });

  test('a patch without a pull request has its own name, also when only an activity carried it', () => {
    const late = { finishing_since: ago(3_600_000) };
    const patch = { kind: 'changeSet', patchChars: 12 };
    expect(follow(late, { state: 'COMPLETED', outputs: [patch] }).phase).toBe('done_patch');
    expect(follow({ ...late, progress: { has_patch: true } }, { state: 'COMPLETED' }).phase).toBe('done_patch');
    expect(follow(late, { state: 'COMPLETED' }, [anActivity('sessionCompleted', { artifacts: [patch] })]).phase).toBe(
      'done_patch',
    );
  });

  test('COMPLETED with a plan that nobody approved is opened again, a fourth time it fails', () => {
    const expired = { approved_at: null, plan: [{ title: 'a' }], jules_state: 'PLANNING' };
    expect(follow(expired, { state: 'COMPLETED' })).toEqual({ phase: 'opening', renew: true });
    expect(follow({ approved_at: null, jules_state: 'PLANNING' }, { state: 'COMPLETED' }, [aPlan('a')])).toMatchObject({
      renew: true,
    });
    expect(follow({ ...expired, recreated: 3 }, { state: 'COMPLETED' })).toMatchObject({
      phase: 'failed',
      end: { verb: 'fail' },
    });
  });

  test('a plan that was approved by an answer we never saw is not opened again', () =>
    expect(
      follow({ approved_at: null, plan: [{ title: 'a' }] }, { state: 'COMPLETED' }, [anActivity('planApproved')]),
    ).toEqual({
      phase: 'finishing',
    }));

  test('a session that was seen at work is never opened again, even where the record of its approval was lost', () => {
    const lost = { approved_at: null, plan: [{ title: 'a' }], jules_state: 'AWAITING_PLAN_APPROVAL' };
    for (const facts of [
      { jules_state: 'IN_PROGRESS' },
      { progress: { latest: 'x' } },
      { progress: { has_patch: true } },
    ]) {
      expect(follow({ ...lost, ...facts }, { state: 'COMPLETED' }).renew).toBeUndefined();
    }
    expect(
      follow(lost, { state: 'COMPLETED' }, [
        anActivity('progressUpdated', { progress: { title: 'x', description: null } }),
      ]).renew,
    ).toBeUndefined();
    expect(follow(lost, { state: 'COMPLETED' }).renew).toBe(true);
  });

  describe('a plan whose approval was sent, and that reads COMPLETED,', () => {
    const sent = {
      approved_at: null,
      approval_sent_at: ago(60_000),
      plan: [{ title: 'a' }],
      jules_state: 'AWAITING_PLAN_APPROVAL',
    };
    const late = { finishing_since: ago(5 * WINDOWS.followSoonMs) };
    const DROPPED = { state: 'COMPLETED' };
    const over = { phase: 'done_nothing', end: { verb: 'complete' } };
    const renewed = { phase: 'opening', renew: true };
    test.each<[string, Partial<Work>, object, JulesActivity[], object]>([
      ['is waited for, since lists lag', sent, DROPPED, [], { phase: 'finishing' }],
      [
        'and may have been sent just before a crash is waited for',
        { ...sent, approval_sent_at: null, phase: 'approving' },
        DROPPED,
        [],
        { phase: 'finishing' },
      ],
      ['and shows nothing after that never ran', { ...sent, ...late }, DROPPED, [], renewed],
      ['also with its plan told only now', { ...sent, ...late, plan: null }, DROPPED, [aPlan('a')], renewed],
      [
        'and with a message of people behind it',
        { ...sent, ...late },
        DROPPED,
        [aPlan('a'), anActivity('userMessaged')],
        renewed,
      ],
      [
        'and read by people waits for them',
        { ...sent, ...late, plan_review: true },
        DROPPED,
        [],
        { phase: 'plan_expired' },
      ],
      [
        'stays with them',
        { ...sent, phase: 'plan_expired', plan_review: true },
        DROPPED,
        [],
        { phase: 'plan_expired' },
      ],
      ['and was approved after all is over', { ...sent, ...late }, DROPPED, [anActivity('planApproved')], over],
      ['and was seen approved is over', { ...sent, ...late, approved_at: ago(50_000) }, DROPPED, [], over],
      ['and did something is over', { ...sent, ...late, acted: true }, DROPPED, [], over],
      ['and did something only now is over', { ...sent, ...late }, DROPPED, [aPlan('a'), anActivity('unknown')], over],
      [
        'and has outputs that nobody knows is over',
        { ...sent, ...late },
        { ...DROPPED, outputs: [{ kind: 'unknown' }] },
        [],
        over,
      ],
    ])('%s', (_what, work, session, activities, meaning) => {
      expect(follow(work, session, activities)).toEqual(meaning);
    });

    test('is over, and never run again, where Jules will not list what it did', () => {
      const facts = { work: aWork({ ...sent, ...late }), session: aSession(DROPPED), activities: [], now: NOW };
      expect(decideFollowing({ ...facts, unlisted: true }, WINDOWS)).toEqual(over);
    });
  });

  test.each<[string, Partial<Work>, string, boolean]>([
    ['plans', {}, 'PLANNING', false],
    ['plans', { moved_at: ago(WINDOWS.silentMs.planning) }, 'PLANNING', true],
    ['stands in Jules’s own queue', { moved_at: ago(WINDOWS.silentMs.planning) }, 'QUEUED', true],
    ['works', { moved_at: ago(WINDOWS.silentMs.working - 1) }, 'IN_PROGRESS', false],
    ['works', { moved_at: ago(WINDOWS.silentMs.working) }, 'IN_PROGRESS', true],
    ['said it is done', { moved_at: ago(WINDOWS.silentMs.done), progress: { said_done: true } }, 'IN_PROGRESS', true],
    ['pauses', { moved_at: ago(WINDOWS.silentMs.paused) }, 'PAUSED', true],
    ['does what nobody knows', { moved_at: ago(WINDOWS.silentMs.working) }, 'DREAMING', true],
    ['waits for an answer', { moved_at: ago(WINDOWS.silenceMs) }, 'AWAITING_USER_FEEDBACK', false],
    ['waits for its approval', { moved_at: ago(WINDOWS.silentMs.working) }, 'AWAITING_PLAN_APPROVAL', false],
  ])('one that %s (%o, %s) is too silent: %s', (_what, work, state, silent) => {
    expect(follow({ jules_state: state, ...work }, { state }).silent ?? false).toBe(silent);
  });

  test('work that came back and ended without naming its pull request again keeps the one it had', () => {
    const url = 'https://github.com/octo/repo/pull/7';
    expect(follow({ pr_url: url }, { state: 'COMPLETED' })).toEqual({
      phase: 'done_pr',
      end: { verb: 'complete', pr_url: url },
    });
  });

  test('a failure carries Jules’s reason, or says that there was none', () => {
    const failed = (reason: string | null) =>
      follow({}, { state: 'FAILED' }, [anActivity('sessionFailed', { reason })]).end?.error;
    expect(failed('no tests')).toBe('no tests');
    expect(failed(null)).toBe('Jules gave no reason.');
    const told = progressAfter(aWork(), WORKS, [anActivity('sessionFailed', { reason: ' Out of disk. ' })]);
    expect(follow({ progress: told }, { state: 'FAILED' }).end?.error).toBe('Out of disk.');
    expect(progressAfter(aWork(), WORKS, [anActivity('sessionFailed', { reason: null })])).toEqual({});
  });

  test('a day of silence is a failure that says so; any new activity is a sign of life', () => {
    const silent = { moved_at: ago(WINDOWS.silenceMs) };
    expect(follow(silent, {}).end?.error).toContain('no sign of life for 24 hours');
    expect(
      follow(silent, {}, [anActivity('progressUpdated', { progress: { title: 'x', description: null } })]).end,
    ).toBeUndefined();
    expect(follow(silent, { state: 'PAUSED' }).end).toBeUndefined();
  });

  test('a finished session that works again takes its task back into work', () =>
    expect(
      follow(
        { status: 'completed', ended_at: ago(1000), phase: 'done_nothing', jules_state: 'COMPLETED' },
        { state: 'IN_PROGRESS' },
      ),
    ).toEqual({
      phase: 'working',
      end: { verb: 'resume' },
    }));

  test('a late pull request of a failed or finished task is kept; one that is known is no news', () => {
    const url = 'https://github.com/octo/repo/pull/7';
    const completed = { state: 'COMPLETED', outputs: [aPullRequest(url)] };
    for (const status of ['failed', 'completed'] as const) {
      expect(follow({ status, ended_at: NOW, phase: 'failed' }, completed).end).toEqual({
        verb: 'complete',
        pr_url: url,
        pr_source: 'jules',
      });
    }
    expect(follow({ status: 'completed', ended_at: NOW, phase: 'done_pr', pr_url: url }, completed)).toEqual({
      phase: 'done_pr',
    });
  });
});

describe('a reported pull request', () => {
  const reported = 'https://github.com/octo/repo/pull/8';
  const end = { verb: 'complete', pr_url: reported, pr_source: 'webhook' };

  test('ends the task where Jules names none, whatever Jules is doing', () => {
    for (const state of ['IN_PROGRESS', 'COMPLETED', 'FAILED', 'PAUSED']) {
      expect(follow({ reported_pr: reported }, { state })).toEqual({ phase: 'done_pr', end });
    }
  });

  test('gives way to the one that Jules names', () => {
    const own = 'https://github.com/octo/repo/pull/7';
    const completed = { state: 'COMPLETED', outputs: [aPullRequest(own)] };
    expect(follow({ reported_pr: reported }, completed).end).toMatchObject({ pr_url: own, pr_source: 'jules' });
    const ended = {
      status: 'completed',
      ended_at: NOW,
      phase: 'done_pr',
      pr_url: reported,
      reported_pr: reported,
    } as const;
    expect(follow(ended, completed).end).toMatchObject({ pr_url: own });
  });

  test('does not let the task swing between done and working while Jules goes on', () => {
    const known = { pr_url: reported, pr_source: 'webhook', reported_pr: reported } as const;
    const ended = { ...known, status: 'completed', ended_at: NOW, phase: 'done_pr' } as const;
    expect(follow(ended, { state: 'IN_PROGRESS' })).toEqual({ phase: 'done_pr' });
    expect(follow(ended, { state: 'AWAITING_USER_FEEDBACK' }).end).toEqual({ verb: 'resume' });
    for (const state of ['AWAITING_USER_FEEDBACK', 'IN_PROGRESS', 'PLANNING', 'PAUSED']) {
      expect(follow(known, { state }).end, state).toBeUndefined();
    }
    expect(follow(known, { state: 'COMPLETED' }).end).toMatchObject({ verb: 'complete', pr_url: reported });
  });

  test('does not stand in for a plan that nobody approved', () => {
    const waiting = { reported_pr: reported, approved_at: null, jules_state: 'AWAITING_PLAN_APPROVAL' };
    expect(follow(waiting, { state: 'AWAITING_PLAN_APPROVAL' })).toEqual({ phase: 'approving', approve: true });
  });

  test('never replaces one that Jules named before, even where Jules names it no more', () => {
    const own = { pr_url: 'https://github.com/octo/repo/pull/7', pr_source: 'jules', reported_pr: reported } as const;
    const ended = { ...own, status: 'completed', ended_at: NOW, phase: 'done_pr' } as const;
    expect(follow(ended, { state: 'COMPLETED', outputs: [] })).toEqual({ phase: 'done_pr' });
  });
});

test.each([
  ['https://github.com/octo/repo/pull/7', true],
  ['https://github.com/Octo/Repo/pull/7?x=1#y', true],
  ['https://github.com/octo/repo/pull/7/', true],
  ['https://github.com/octo/other/pull/7', false],
  ['https://github.com/octo/repo/pull/7/files', false],
  ['https://github.com.evil/octo/repo/pull/7', false],
  ['https://github.com@evil/octo/repo/pull/7', false],
  ['http://github.com/octo/repo/pull/7', false],
  ['https://github.com/octo/repo/issues/7', false],
  ['', false],
])('a pull request %s counts: %j', (url, counts) => {
  expect(pullRequestOf('octo/repo', [aPullRequest(url)]) !== undefined).toBe(counts);
});

test('progress names a step only where Jules names one, and never goes back', () => {
  const said = (title: string) => anActivity('progressUpdated', { progress: { title, description: null } });
  const activities = [aPlan('Read', 'Change', 'Test'), said('change'), said('Ran bash command'), said('Read')];
  expect(progressAfter(aWork(), WORKS, activities)).toEqual({ step: 1, latest: 'Read' });
  expect(progressAfter(aWork(), WORKS, [said('Ran bash command')])).toEqual({ latest: 'Ran bash command' });
});
