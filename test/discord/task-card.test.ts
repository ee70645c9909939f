import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageBody } from '#discord/cards/body.ts';
import { renderTaskCard } from '#discord/cards/task.ts';
import { readCustomId } from '#discord/custom-id.ts';
import { SESSION_PHASES } from '#tasks/session.ts';
import { TASK_STATUSES } from '#tasks/task.ts';
import { limitProblems } from '../support/discord-limits.ts';
import { aSession, aTask, hostileTask } from '../support/task-view.ts';

const embed = (body: MessageBody) => body.embeds?.[0] ?? {};
const field = (body: MessageBody, name: string) => embed(body).fields?.find((one) => one.name === name)?.value;
const buttons = (body: MessageBody) =>
  (body.components ?? []).flatMap(({ components }) => components).flatMap((one) => ('label' in one ? [one.label] : []));

const CONFIRMED = { status: 'in_progress', decided_by: '1300000000000000022', decided_at: '2026-11-20T10:00:00Z' };

describe('a card', () => {
  it('keeps to every limit of Discord, whatever people or Jules wrote, in every status and phase', () => {
    fc.assert(
      fc.property(hostileTask, (task) => {
        const body = renderTaskCard(task, { threadProblem: task.last_error });
        expect(limitProblems(body)).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  it('pings nobody but those it is told to mention, and those only while it waits', () => {
    const mention = { roles: ['1300000000000000012'], people: ['1300000000000000022'] };
    fc.assert(
      fc.property(hostileTask, (task) => {
        const { allowed_mentions: allowed, content } = renderTaskCard(task, { mention });
        if (task.status === 'pending_confirmation') {
          expect(allowed).toEqual({ parse: [], users: mention.people, roles: mention.roles });
          expect(content).toContain('<@&1300000000000000012> <@1300000000000000022>');
        } else {
          expect(allowed).toEqual({ parse: [] });
          expect(content).toBe('');
        }
        expect(renderTaskCard(task).allowed_mentions).toEqual({ parse: [] });
      }),
      { numRuns: 30 },
    );
  });

  it('has a title, a colour and a sentence for every status and phase', () => {
    for (const status of TASK_STATUSES) {
      for (const phase of SESSION_PHASES) {
        const { title, description, color } = embed(renderTaskCard(aTask({ status, session: aSession({ phase }) })));
        expect(title, `${status} ${phase}`).toMatch(/^\P{L}+ \S/u);
        expect(description, `${status} ${phase}`).toMatch(/[.…]$/);
        expect([0xf39c12, 0x3498db, 0x2ecc71, 0xe74c3c, 0x9b59b6]).toContain(color);
      }
    }
  });

  it('is the same for the same state, so that an equal body need not be sent again', () => {
    const later = aTask({ now: '2026-11-21T10:00:00Z' });
    expect(renderTaskCard(later)).toEqual(renderTaskCard(aTask()));
  });

  it('shows who asked, on what and by whose choice, with whose key, and the task by number', () => {
    const body = renderTaskCard(aTask());
    expect(embed(body).title).toBe('🧠 New Jules Task Requested');
    expect(embed(body).description).toContain('Waiting for admin confirmation…');
    expect(field(body, 'Requested by')).toBe('<@1300000000000000023>\n<t:1795168800:R>');
    expect(field(body, 'Repository')).toBe("`acme/site`\nbranch `main`\n-# the server's default");
    expect(field(body, 'Jules key')).toBe('The server key\n•••• 1a2b');
    expect(embed(body).footer?.text).toBe('Verne · task #12');
  });
});

describe("a card's buttons", () => {
  it('are exactly the verbs that the database says may be asked', () => {
    fc.assert(
      fc.property(hostileTask, (task) => {
        const ids = (renderTaskCard(task).components ?? [])
          .flatMap(({ components }) => components)
          .flatMap((one) => ('custom_id' in one ? [readCustomId(one.custom_id)?.verb] : []))
          // A question has two quick answers beside it.
          .filter((verb) => verb !== 'prompt' && verb !== 'go-on' && verb !== 'you-decide');
        const named: Record<string, string | null | undefined> = {
          answer: task.session?.question,
          nudge: task.session?.silence,
          publish: task.session?.pr_wanting,
          approve_plan: task.plan_hash,
          ask_changes: task.plan_hash,
        };
        const isNamed = (verb: string) => !Object.hasOwn(named, verb) || named[verb];
        expect(new Set(ids)).toEqual(new Set(task.verbs.filter(isNamed)));
      }),
      { numRuns: 30 },
    );
  });

  it('link to the pull request and to Jules, and to nothing that is no web address', () => {
    const task = aTask({
      status: 'completed',
      verbs: [],
      pr_url: 'https://github.com/acme/site/pull/7',
      session: aSession({ phase: 'done_pr' }),
    });
    expect(buttons(renderTaskCard(task))).toEqual(['Pull request', 'Open in Jules']);
    for (const url of ['javascript:alert(1)', 'javascript://x/%0aalert(1)', 'discord://x', 'https://a b']) {
      expect(buttons(renderTaskCard(aTask({ verbs: [], session: aSession({ url }) })))).toEqual([]);
    }
  });

  it('offer the whole prompt only where the card shows less', () => {
    expect(buttons(renderTaskCard(aTask({ prompt: 'x'.repeat(800) })))).not.toContain('Show prompt');
    expect(buttons(renderTaskCard(aTask({ prompt: 'x'.repeat(1000) })))).toContain('Show prompt');
  });

  it('call the link to Jules by what is to be done there', () => {
    const asking = aTask({ ...CONFIRMED, verbs: [], session: aSession({ phase: 'needs_input' }) });
    expect(buttons(renderTaskCard(asking))).toEqual(['Answer in Jules']);
  });
});

describe('the prompt on a card', () => {
  const prompt = (facts: Record<string, unknown>) => field(renderTaskCard(aTask(facts)), 'Prompt');

  it('is shown as far as there is room, and the card says how far that is', () => {
    expect(prompt({ prompt: `start ${'x'.repeat(9994)}` })).toMatch(
      /^```\nstart x+…\n```\n-# shows 900 of 10,000 characters; \*\*Show prompt\*\* has all of it$/,
    );
  });

  it('takes less room once it is decided, since its reader wants to see how far the work is', () => {
    expect(prompt({ ...CONFIRMED, prompt: 'x'.repeat(1000) })).toMatch(/shows 300 of 1,000 characters/);
    expect(prompt({ ...CONFIRMED, prompt: 'line\n'.repeat(30) })).toMatch(/shows 29 of 149 characters/);
  });

  it('counts what is shown and what is there the same way', () => {
    expect(prompt({ ...CONFIRMED, prompt: `${'x'.repeat(700)}${'\u200B'.repeat(50)}` })).toMatch(
      /shows 300 of 700 characters; .* · ⚠️ 50 hidden characters left out$/,
    );
  });

  it('leaves hidden characters out and counts them', () => {
    expect(prompt({ ...CONFIRMED, prompt: 'fix\u202E it\u200B\u{E0041} now' })).toBe(
      '```\nfix it now\n```\n-# ⚠️ 3 hidden characters left out',
    );
  });
});

describe('what an approver may overlook', () => {
  const WARNING = '⚠️ Look closely before you confirm';
  const warning = (prompt: string, facts: Record<string, unknown> = {}) =>
    field(renderTaskCard(aTask({ prompt, ...facts })), WARNING);

  it('stands above the prompt, thing by thing', () => {
    const prompt =
      'Fix\u202E it, @everyone, as in [the guide](https://a.example/x) or discord.gg/abc, see https://github.com/acme/site/issues/3';
    expect(warning(prompt)?.split('\n')).toEqual([
      '- 1 hidden character left out',
      '- 1 link that shows other words than its address',
      '- 1 mention of people, roles or everyone',
      '- addresses that are not shown as links: `a.example`, `discord.gg/abc`',
    ]);
    const names = embed(renderTaskCard(aTask({ prompt }))).fields?.map(({ name }) => name) ?? [];
    expect(names.indexOf(WARNING)).toBe(names.indexOf('Prompt') - 1);
  });

  it('names the page where the host is a known one', () => {
    expect(warning('Sign in at https://github.com/login/device?user_code=AB12-CD34 first')).toBe(
      '- addresses that are not shown as links: `github.com/login/device`',
    );
  });

  it('includes letters of the branch that look like others', () => {
    expect(warning('Fix it', { branch: 'm\u0430in' })).toContain('U+0430');
  });

  it('is not there where nothing was found, nor once it is decided', () => {
    expect(warning('Fix the login of https://github.com/acme/site')).toBeUndefined();
    expect(warning('Ask @everyone', CONFIRMED)).toBeUndefined();
  });
});

describe('how far it is', () => {
  const plan = ['Read', 'Change', 'Test', 'Push'].map((title) => ({ title }));

  it('is shown by steps and bar only as far as Jules named a step', () => {
    const working = renderTaskCard(aTask({ ...CONFIRMED, plan, session: aSession({ progress: { step: 2 } }) }));
    expect(field(working, 'Plan')).toBe('▰▰▰▰▰▱▱▱▱▱ 2 of 4 steps done\n✅ 1. Read\n✅ 2. Change\n▶ 3. Test\n◻ 4. Push');
    const unknown = renderTaskCard(aTask({ ...CONFIRMED, plan, session: aSession() }));
    expect(field(unknown, 'Plan')).toBe('◻ 1. Read\n◻ 2. Change\n◻ 3. Test\n◻ 4. Push');
  });

  it('is shown around the running step where the plan is long', () => {
    const long = Array.from({ length: 30 }, (_, at) => ({ title: `Step ${at + 1}` }));
    const body = renderTaskCard(aTask({ ...CONFIRMED, plan: long, session: aSession({ progress: { step: 15 } }) }));
    expect(field(body, 'Plan')).toMatch(
      /\n-# … 12 steps before\n✅ 13\. Step 13\n.*▶ 16\. Step 16\n.*\n-# … and 8 more steps; the whole plan is in the thread$/s,
    );
  });

  it.each([
    ['completed', 5],
    ['completed', 6],
    [CONFIRMED.status, 12],
    [CONFIRMED.status, 14],
  ])('hides no step of a %s plan of %d behind a line', (status, length) => {
    const steps = Array.from({ length }, (_, at) => ({ title: `Step ${at + 1}${' and more'.repeat(20)}` }));
    for (const step of Array.from({ length: length + 1 }, (_, at) => at)) {
      const task = aTask({ ...CONFIRMED, status, plan: steps, session: aSession({ progress: { step } }) });
      const plan = field(renderTaskCard(task), 'Plan') ?? '';
      const hidden = length - (plan.match(/\d+\. Step/g)?.length ?? 0);
      expect(hidden === 0 || hidden >= 3, plan).toBe(true);
      expect(plan).not.toMatch(/… [12] steps? before|and [12] more step/);
      expect(plan.length).toBeLessThanOrEqual(1024);
    }
  });

  it('names the place in the queue', () => {
    const session = aSession({ phase: 'queued', queue: { place: 3, because: 'at_once' }, opened_at: null });
    const { title, description } = embed(renderTaskCard(aTask({ ...CONFIRMED, session })));
    expect(`${title} ${description}`).toContain('Place 3 in the queue');
  });

  it('is in the title too, since that is what a phone shows first', () => {
    const working = aTask({ ...CONFIRMED, plan, session: aSession({ progress: { step: 2 } }) });
    expect(embed(renderTaskCard(working)).title).toBe('🛠 Development started… working, step 3 of 4');
  });

  it('never looks well above a problem', () => {
    const { title, color } = embed(
      renderTaskCard(aTask({ ...CONFIRMED, session: aSession(), last_error: 'Jules refused the key.' })),
    );
    expect(title).toBe('⚠️ Development is held up');
    expect(color).toBe(0xf39c12);
  });

  it('says how long a session ran once it is over', () => {
    const ended = aSession({
      phase: 'done_nothing',
      opened_at: '2026-11-20T08:30:00Z',
      ended_at: '2026-11-20T10:00:00Z',
    });
    const body = renderTaskCard(aTask({ ...CONFIRMED, status: 'completed', session: ended }));
    expect(field(body, 'Session')).toBe('ran 1 hour 30 minutes\nended <t:1795168800:R>');
  });
});

describe('the end on a card', () => {
  it('names the pull request', () => {
    const task = aTask({
      status: 'completed',
      pr_url: 'https://github.com/acme/site/pull/7',
      session: aSession({ phase: 'done_pr' }),
    });
    expect(embed(renderTaskCard(task)).title).toBe('✅ PR ready: acme/site#7');
  });

  it('never calls work without a pull request one', () => {
    for (const phase of ['done_patch', 'done_nothing']) {
      const { title } = embed(renderTaskCard(aTask({ status: 'completed', session: aSession({ phase }) })));
      expect(title).not.toContain('PR ready');
      expect(title).toContain('Finished');
    }
  });

  it('names who rejected it, when, and why, in a quotation', () => {
    const decided = { decided_by: '1300000000000000022', decided_at: '2026-11-20T10:00:00Z' };
    const body = renderTaskCard(aTask({ status: 'rejected', ...decided, reason: 'Not now\n# really' }));
    expect(embed(body).title).toBe('❌ Task rejected by Admin.');
    expect(embed(body).description).toBe('Nothing was run. <@1300000000000000023> may ask again with `/jules`.');
    expect(field(body, 'Rejected by')).toBe('<@1300000000000000022>\n<t:1795168800:R>');
    expect(field(body, 'Reason')).toBe('> Not now\n> \\# really');
  });

  it('says of a cancelled task whether something may still come from Jules', () => {
    const cancelled = { status: 'cancelled', ended_by: '1300000000000000023' };
    const before = embed(renderTaskCard(aTask(cancelled)));
    const after = embed(renderTaskCard(aTask({ ...cancelled, session: aSession({ phase: 'working' }) })));
    const archived = embed(renderTaskCard(aTask({ ...cancelled, session: aSession({ phase: 'stopped' }) })));
    const unbegun = aSession({ phase: 'stopped', opened_at: null });
    expect(before.description).toContain('Nothing was run.');
    expect(embed(renderTaskCard(aTask({ ...cancelled, session: unbegun }))).description).toContain('Nothing was run.');
    expect(after.description).toMatch(/Verne archives its session.* may still appear/);
    expect(archived.description).toMatch(/Its session is archived.* may still appear/);
  });

  it('tells a task that never began from one that did not come to an end', () => {
    const failed = (session: object) =>
      embed(renderTaskCard(aTask({ status: 'failed', session: aSession({ phase: 'failed', ...session }) })))
        .description;
    expect(failed({ opened_at: null })).toContain('nothing was run');
    expect(failed({})).toMatch(/did not come to an end.* turns up later is still shown/);
  });
});

describe('a session that hangs', () => {
  const silent = (facts: Record<string, unknown>, verbs: string[] = ['nudge']) =>
    renderTaskCard(aTask({ ...CONFIRMED, verbs, session: aSession({ silence: '0a1b2c3e', ...facts }) }));

  it('is told with its last sign of life, and with what can be done', () => {
    const body = silent({ phase: 'working' });
    expect(embed(body).title).toBe('🔇 Jules is silent');
    expect(embed(body).description).toMatch(/^Jules gave its last sign of life <t:\d+:R>.*press Nudge/);
    expect(buttons(body)).toEqual(['Nudge', 'Open in Jules']);
  });

  it('names no button that is not there: once asked, it is waited for', () => {
    expect(embed(silent({ phase: 'planning' }, [])).description).toMatch(/It was asked whether it is still at work/);
    const done = { phase: 'working', pr_wanting: '0a1b2c3e', progress: { said_done: true } };
    expect(embed(silent(done, ['publish'])).description).toMatch(/press Ask for the PR/);
    expect(embed(silent(done, [])).description).toMatch(/It was asked for the pull request/);
  });

  it('and was deleted leads to its patch where one was kept, and not to a page that is gone', () => {
    const gone = (verbs: string[]) =>
      renderTaskCard(
        aTask({ ...CONFIRMED, status: 'failed', verbs, session: aSession({ phase: 'failed', deleted: true }) }),
      );
    expect(embed(gone(['get_patch'])).description).toMatch(/press Get the patch/);
    expect(embed(gone([])).description).toMatch(/No patch of its work was kept/);
    expect(buttons(gone(['get_patch']))).toEqual(['Get the patch']);
  });
});
