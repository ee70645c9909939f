import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageLink, NOTE_VIEWS, renderNote } from '#discord/cards/notes.ts';
import { limitProblems } from '../support/discord-limits.ts';
import { aSession, aTask, hostileTask, hostileText } from '../support/task-view.ts';

const PR = 'https://github.com/acme/site/pull/7';
const cardLink = messageLink('1300000000000000001', '1300000000000000002', '1300000000000000003');
const said = (view: string, facts: unknown, task = aTask()) => renderNote({ view, facts }, task, { cardLink });

const maybe = fc.option(hostileText(3000));
const hostileFacts = fc.record(
  {
    phase: fc.constantFrom('done_pr', 'done_patch', 'done_nothing', 'failed'),
    pr_url: fc.option(fc.constant(PR)),
    error: maybe,
    by: fc.option(fc.constant('1300000000000000022')),
    reason: maybe,
    entries: fc.array(fc.record({ title: maybe, description: maybe }), { maxLength: 8 }),
    text: maybe,
    url: maybe,
    steps: fc.array(hostileText(400), { maxLength: 60, size: 'max' }),
    cards: fc.array(fc.record({ link: fc.oneof(fc.constant(cardLink), hostileText(100)) }), {
      maxLength: 40,
      size: 'max',
    }),
  },
  { requiredKeys: ['steps', 'cards', 'entries'] },
);

describe('a note', () => {
  it('keeps to every limit of Discord in every view, whatever people or Jules wrote', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NOTE_VIEWS), hostileFacts, hostileTask, (view, facts, task) => {
        expect(limitProblems(renderNote({ view, facts }, task, { cardLink }))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('pings the requester with the end of a task and with a question, and nobody else with anything', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NOTE_VIEWS), hostileFacts, hostileTask, (view, facts, task) => {
        const { allowed_mentions: allowed } = renderNote({ view, facts }, task);
        const isLoud = view === 'outcome' || view === 'question';
        expect(allowed).toEqual(isLoud ? { parse: [], users: [task.requester] } : { parse: [] });
      }),
      { numRuns: 60 },
    );
  });

  it('makes no sound where it is only there to be followed', () => {
    for (const view of ['opened', 'plan', 'activity', 'message', 'resumed']) {
      expect(said(view, { steps: [], entries: [], text: 'x' }).flags, view).toBe(4096);
    }
    for (const view of ['outcome', 'question', 'rejection', 'approval']) {
      expect(said(view, {}).flags, view).toBeUndefined();
    }
  });
});

describe('the end of a task', () => {
  const session = aSession();

  it('is told with the link, for the requester', () => {
    const body = said('outcome', { phase: 'done_pr', pr_url: PR }, aTask({ session }));
    expect(body.content).toContain(`✅ PR ready: ${PR}\n<@1300000000000000023> task #12`);
  });

  it('is told honestly where there is no pull request', () => {
    expect(said('outcome', { phase: 'done_patch', pr_url: null }).content).toMatch(
      /^📦 Jules finished with a patch, but/,
    );
    expect(said('outcome', { phase: 'done_nothing' }).content).toMatch(/^📭 Jules finished without changes/);
    const failed = said('outcome', { phase: 'failed', error: 'The build broke.' }).content;
    expect(failed).toMatch(/^⛔ Task failed: The build broke\.\n.*ask again with `\/jules`/);
  });
});

describe('a session of unknown fate', () => {
  it('is not called a failure, and a person is told what to decide', () => {
    const { content } = said('outcome', { phase: 'unsure', error: 'It is not in the list.' });
    expect(content).toMatch(/^❔ .*It is not in the list\..*Cancel/s);
    expect(content).not.toContain('failed');
  });
});

describe('progress', () => {
  it('that came together is told together, without what only repeats its title', () => {
    const entries = [
      { title: 'Read the tests', description: 'Read the tests' },
      { title: 'Ran them', description: '```\n2 failed\n```' },
    ];
    expect(said('activity', { entries }).content).toBe('**Read the tests**\n**Ran them**\n```\n2 failed\n```');
  });
});

describe('a rejection', () => {
  it('says which task, by whom, why, and what to do', () => {
    const { content } = said('rejection', { by: '1300000000000000022', reason: 'Too big' });
    expect(content).toContain('task #12 (`acme/site` @ `main`) was rejected by <@1300000000000000022>.\n> Too big\n');
    expect(content).toContain('ask again');
    expect(content).toContain(cardLink);
  });
});

describe('cards that wait', () => {
  it('are announced together, with the mention that each would have had', () => {
    const mention = { roles: ['1300000000000000012'], people: [] };
    const facts = { cards: [{ link: cardLink }, { link: cardLink }], mention };
    const body = renderNote({ view: 'waiting', facts }, null);
    expect(body.content).toBe(`<@&1300000000000000012> 2 more tasks wait for a decision:\n${cardLink}\n${cardLink}`);
    expect(body.allowed_mentions).toEqual({ parse: [], roles: ['1300000000000000012'] });
  });
});

describe('an unknown view', () => {
  it('is a defect, not an empty message', () => {
    expect(() => said('fanfare', {})).toThrow('No note is called fanfare');
  });
});
