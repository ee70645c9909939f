import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
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
    what: fc.constantFrom('decision', 'plan', 'plan_again', 'answer'),
    since: fc.constant('2026-11-20T09:30:00Z'),
    mention: fc.record({
      roles: fc.array(fc.constant('1300000000000000012')),
      people: fc.array(fc.constant('1300000000000000022')),
    }),
    steps: fc.array(hostileText(400), { maxLength: 60, size: 'max' }),
    cards: fc.array(fc.record({ link: fc.oneof(fc.constant(cardLink), hostileText(100)) }), {
      maxLength: 40,
      size: 'max',
    }),
  },
  { requiredKeys: ['steps', 'cards', 'entries', 'what', 'since', 'mention'] },
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

  it('pings the requester with the end of a task, with its expiry and with a question, whoever was not heard by Jules or asked for a patch, and nobody else', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NOTE_VIEWS), hostileFacts, hostileTask, (view, facts, task) => {
        const { allowed_mentions: allowed } = renderNote({ view, facts }, task);
        const isLoud = ['outcome', 'question', 'expiry'].includes(view);
        const told = isLoud ? task.requester : ['untold', 'patch'].includes(view) ? facts.by : null;
        const named = ['waiting', 'reminder', 'silence'].includes(view);
        if (!named) expect(allowed).toEqual(told ? { parse: [], users: [told] } : { parse: [] });
      }),
      { numRuns: 60 },
    );
  });

  it('makes no sound where it is only there to be followed', () => {
    for (const view of ['opened', 'plan', 'activity', 'message', 'resumed', 'unheard', 'closing']) {
      expect(said(view, { steps: [], entries: [], text: 'x' }).flags, view).toBe(4096);
    }
    for (const view of ['outcome', 'question', 'rejection', 'approval']) {
      expect(said(view, {}).flags, view).toBeUndefined();
    }
  });
});

describe('a plan that is longer than its notes', () => {
  const file = `${'1. Read\n\nEvery word of it. '.repeat(40_000)}`;
  const whole = () => renderNote({ view: 'plan', facts: { steps: ['Read'], file, chars: file.length } }, aTask());

  test('comes with a file that holds every word, and says how many (I05)', () => {
    expect(whole().files).toEqual([{ name: 'plan.md', text: file }]);
    expect(JSON.stringify(whole().embeds)).toContain(`${file.length.toLocaleString('en')} characters`);
  });

  test('shows no secret in the file either', () => {
    const key = `AIza${'S'.repeat(35)}`;
    const [sent] = renderNote({ view: 'plan', facts: { steps: [], file: `use ${key}` } }, aTask()).files ?? [];
    expect(sent?.text).not.toContain(key);
  });
});

test('what Jules was not told comes back whole, however long it was', () => {
  const text = `Use the pool. ${'And mind the timeout. '.repeat(150)}`.trim();
  const facts = { by: '1300000000000000022', text, problem: 'The session was not found.' };
  expect(renderNote({ view: 'untold', facts }, aTask()).files).toEqual([{ name: 'message.txt', text }]);
  const short = { ...facts, text: 'Use the pool.' };
  expect(renderNote({ view: 'untold', facts: short }, aTask()).files).toBeUndefined();
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
  });

  const failed = (error: string, facts?: Record<string, unknown>) =>
    said('outcome', { phase: 'failed', error }, aTask({ session: facts ? aSession(facts) : null })).content ?? '';

  it('names the next step by what went wrong', () => {
    expect(failed('The build broke.', { jules_state: 'FAILED' })).toMatch(
      /^⛔ Task failed: The build broke\.\nLook at the card.*ask again with `\/jules`; say more in the prompt/,
    );
    expect(failed('Jules gave no sign of life for 24 hours.', {})).toMatch(/\nLook at its page in Jules.*`\/jules`\./);
    expect(failed('Jules cannot reach acme/site with this key.')).toMatch(/\nNothing was run\. Mend that/);
  });

  it('asks nobody for a better prompt where the key was refused, and prints what Google says small', () => {
    const error =
      'Jules refused the key. Enter a working one with /config key, then ask again. (Jules answered 403 PERMISSION_DENIED when asked to create a session: The caller does not have permission)';
    expect(failed(error)).toMatch(
      /^⛔ Task failed: Jules refused the key\. Enter a working one with `\/config key`, then ask again\.\n-# Jules answered 403 PERMISSION\\_DENIED when asked to create a session: The caller does not have permission\n<@\d+> task #12/,
    );
    expect(failed('Jules answered 500 INTERNAL when asked to list sessions: Oops')).toMatch(
      /Jules answered 500 INTERNAL when asked to list sessions\.\n-# Oops\n/,
    );
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
  const progress = (...entries: object[]) => said('activity', { entries }).content;
  const ran = (command: string, exit: number, output = 'ok') => ({
    title: 'Ran bash command',
    description: `Command: ${command}\nOutput: ${output}\nExit Code: ${exit}`,
  });

  it('that came together is told together, in small print, without what only repeats its title', () => {
    const read = { title: 'Read the tests', description: 'Read the tests' };
    const found = { title: 'Found the cause', description: 'A clock.\n\nIt was *late*.' };
    expect(progress(read, found)).toBe('**Read the tests**\n\n**Found the cause**\n-# A clock.\n-# It was *late*.');
  });

  it('keeps a block of code whole', () => {
    expect(progress({ title: 'Ran them', description: '```\n2 failed\n```' })).toBe('**Ran them**\n```\n2 failed\n```');
  });

  it('leaves out commands that went well, unless they are all there is', () => {
    expect(progress(ran('npm ci', 0), { title: 'Done', description: '' }, ran('npm test', 0))).toBe('**Done**');
    expect(progress(ran('npm ci', 0), ran('npm test', 0))).toBe('-# $ npm ci\n-# $ npm test');
  });

  it('never loses a command that failed, or one that does not say how it ended', () => {
    expect(progress({ title: 'Done' }, ran('npm test', 1, '2 failed\n10 passed'))).toBe(
      '**Done**\n\n⚠️ `$ npm test` ended with exit code 1\n-# 2 failed\n-# 10 passed',
    );
    expect(progress({ title: 'Done' }, ran('kill 0', -9, ''))).toContain('`$ kill 0` ended with exit code -9');
    const unsure = { title: 'Ran bash command', description: 'Command: sleep 9\nOutput: ' };
    expect(progress({ title: 'Done' }, unsure)).toContain('**Ran bash command**\n-# Command: sleep 9');
  });
});

describe('the end of a thread', () => {
  const closing = (facts: object) => said('closing', facts, aTask({ session: aSession() }));

  it('is told without a sound, in one line with a link', () => {
    const lines = {
      '✅ Finished. PR ready: https://github.com/acme/site/pull/7': { phase: 'done_pr', pr_url: PR },
      '📦 Finished with a patch, without a pull request.': { phase: 'done_patch', pr_url: null },
      '📭 Finished without changes: no pull request, no patch.': { phase: 'done_nothing' },
      '⛔ Failed: The build broke.': { phase: 'failed', error: 'The build broke.' },
      '🚫 Cancelled by <@1300000000000000022>. What Jules still does is not told here any more.': {
        phase: 'stopped',
        by: '1300000000000000022',
      },
    };
    for (const [line, facts] of Object.entries(lines)) {
      expect(closing(facts)).toMatchObject({ content: line, flags: 4096, allowed_mentions: { parse: [] } });
      expect(closing(facts).components?.[0]?.components.at(-1)).toMatchObject({ label: 'Open in Jules' });
    }
    expect(closing({ pr_url: PR }).components?.[0]?.components[0]).toMatchObject({ label: 'Pull request', url: PR });
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
