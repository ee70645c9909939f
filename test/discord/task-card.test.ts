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
    expect(field(body, 'Requested by')).toBe('<@1300000000000000023>');
    expect(field(body, 'Repository')).toBe("`acme/site` @ `main`\nThe server's default");
    expect(field(body, 'Jules key')).toBe('The server key •••• 1a2b');
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
          .filter((verb) => verb !== 'prompt');
        expect(new Set(ids)).toEqual(new Set(task.verbs));
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
    expect(buttons(renderTaskCard(aTask({ prompt: 'x'.repeat(600) })))).not.toContain('Whole prompt');
    expect(buttons(renderTaskCard(aTask({ prompt: 'x'.repeat(601) })))).toContain('Whole prompt');
  });
});

describe('the prompt on a card', () => {
  it('shows its first 600 characters in a block, and says so', () => {
    const value = field(renderTaskCard(aTask({ prompt: `start ${'x'.repeat(1000)}` })), 'Prompt');
    expect(value).toMatch(/^```\nstart x{593}…\n```\nfirst 600 of 1006 characters$/);
  });

  it('counts what is shown and what is there the same way', () => {
    const value = field(renderTaskCard(aTask({ prompt: `${'x'.repeat(700)}${'\u200B'.repeat(50)}` })), 'Prompt');
    expect(value).toMatch(/first 600 of 700 characters · ⚠️ 50 hidden characters left out$/);
  });

  it('leaves hidden characters out and counts them', () => {
    const value = field(renderTaskCard(aTask({ prompt: 'fix\u202E it\u200B\u{E0041} now' })), 'Prompt');
    expect(value).toBe('```\nfix it now\n```\n⚠️ 3 hidden characters left out');
  });
});

describe('how far it is', () => {
  const plan = ['Read', 'Change', 'Test', 'Push'].map((title) => ({ title }));

  it('is shown by steps and bar only as far as Jules named a step', () => {
    const working = renderTaskCard(aTask({ ...CONFIRMED, plan, session: aSession({ progress: { step: 2 } }) }));
    expect(field(working, 'Plan')).toBe('✅ 1. Read\n✅ 2. Change\n▶ 3. Test\n◻ 4. Push\n▰▰▰▰▰▱▱▱▱▱ 2 of 4 steps done');
    const unknown = renderTaskCard(aTask({ ...CONFIRMED, plan, session: aSession() }));
    expect(field(unknown, 'Plan')).toBe('◻ 1. Read\n◻ 2. Change\n◻ 3. Test\n◻ 4. Push');
  });

  it('is shown around the running step where the plan is long', () => {
    const long = Array.from({ length: 30 }, (_, at) => ({ title: `Step ${at + 1}` }));
    const body = renderTaskCard(aTask({ ...CONFIRMED, plan: long, session: aSession({ progress: { step: 15 } }) }));
    expect(field(body, 'Plan')).toMatch(/^… 12 before\n✅ 13\. Step 13\n.*▶ 16\. Step 16\n.*… and 8 more\n/s);
  });

  it('names the place in the queue', () => {
    const session = aSession({ phase: 'queued', queue: { place: 3, because: 'at_once' }, opened_at: null });
    const { title, description } = embed(renderTaskCard(aTask({ ...CONFIRMED, session })));
    expect(`${title} ${description}`).toContain('Place 3 in the queue');
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
    expect(embed(body).description).toBe('Nothing was run.');
    expect(field(body, 'Rejected')).toBe('by <@1300000000000000022> <t:1795168800:R>');
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
