import type { APIEmbed } from 'discord-api-types/v10';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageBody } from '#discord/cards/body.ts';
import { seen } from '#discord/cards/clip.ts';
import { messageLink, renderNote } from '#discord/cards/notes.ts';
import { renderTaskCard } from '#discord/cards/task.ts';
import { readCustomId } from '#discord/custom-id.ts';
import { inline, markdown, quoteBlock, visible } from '#discord/text.ts';
import type { TaskView } from '#tasks/task.ts';
import { ALL_EXHIBITS } from '../support/card-gallery.ts';
import { limitProblems } from '../support/discord-limits.ts';
import { ALL_NOTES } from '../support/note-gallery.ts';
import { aSession, aTask, hostileTask, hostileText } from '../support/task-view.ts';

const ALL = Number.MAX_SAFE_INTEGER;
const embedOf = (body: MessageBody): APIEmbed => body.embeds?.[0] ?? {};
const field = (body: MessageBody, name: string) => embedOf(body).fields?.find((one) => one.name === name)?.value;
const verbs = (body: MessageBody) =>
  (body.components ?? [])
    .flatMap(({ components }) => components)
    .flatMap((one) => ('custom_id' in one ? [readCustomId(one.custom_id)?.verb] : []));

const number = (text: string | undefined) => Number((text ?? '').replaceAll(',', ''));
const MORE = /^-# … ([\d,]+) more characters?/m;

/** The whole text in its written form, or a line that counts what is missing. */
function tellsAll(shown: string | undefined, whole: string): boolean {
  return shown?.includes(whole) === true || number(MORE.exec(shown ?? '')?.[1]) > 0;
}

/** A problem is told in two lines, with marks of our own. */
const letters = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '');

/** Two backticks in a row are kept apart in a block; nothing else of a visible text is changed there. */
const insideBlock = (value: string) =>
  (/^```\n([\s\S]*)\n```(?:\n-# .*)?$/.exec(value)?.[1] ?? '').replaceAll('\u200B', '');

function promptProblems(task: TaskView, body: MessageBody): string[] {
  const value = field(body, 'Prompt') ?? '';
  const shown = insideBlock(value);
  const whole = seen(task.prompt);
  const isWhole = shown === whole || (whole === '' && shown === '∅');
  const told = /-# shows ([\d,]+) of ([\d,]+) characters/.exec(value);
  // A masked value that the cut went through is no part of the whole text any more.
  if (shown.includes('[redacted]')) return [];
  if (isWhole) return told || verbs(body).includes('prompt') ? ['a whole prompt is said to be cut'] : [];
  return [
    ...(shown.endsWith('…') ? [] : ['a cut prompt does not end in …']),
    ...(number(told?.[2]) === whole.length ? [] : ['the size of the prompt is wrong']),
    ...(whole.startsWith(shown.slice(0, number(told?.[1]))) && number(told?.[1]) === shown.length - 1
      ? []
      : ['the size of what is shown is wrong']),
    ...(verbs(body).includes('prompt') ? [] : ['the whole prompt cannot be had']),
  ];
}

function planProblems(task: TaskView, body: MessageBody): string[] {
  const steps = task.plan ?? [];
  const lines = (field(body, 'Plan') ?? '').split('\n');
  const shown = lines.flatMap((line) => /^(?:✅|▶|◻) (\d+)\. ([\s\S]*)$/.exec(line)?.slice(1) ?? []);
  const before = number(/^-# … ([\d,]+) steps? before$/m.exec(lines.join('\n'))?.[1]);
  const after = number(/^-# … and ([\d,]+) more steps?/m.exec(lines.join('\n'))?.[1]);
  const isTold = lines.at(-1)?.includes('the whole plan is') === true;
  const isCut = shown.some(
    (text, at) =>
      at % 2 === 1 &&
      text !== (inline(seen(steps[Number(shown[at - 1]) - 1]?.title ?? ''), ALL) || '(a step without a name)'),
  );
  return [
    ...(before + shown.length / 2 + after === steps.length ? [] : ['steps are missing']),
    ...(isTold || (!isCut && before + after === 0) ? [] : ['nobody says where the whole plan is']),
  ];
}

function wordProblems(task: TaskView, body: MessageBody): string[] {
  const { question, latest } = task.session?.progress ?? {};
  const texts: [string, string][] = [
    ['Reason', quoteBlock(seen(task.reason ?? ''), ALL)],
    ['Jules asks', markdown(seen(question ?? ''), ALL)],
    ['Latest', inline(seen(latest ?? ''), ALL)],
  ];
  const problem = field(body, 'What went wrong');
  const isProblemCut =
    problem !== undefined && !tellsAll(letters(problem), letters(inline(seen(task.last_error ?? ''), ALL)));
  return [
    ...texts.flatMap(([name, whole]) => {
      const value = field(body, name);
      const isEmpty = visible(whole).replace(/^>/gm, '').trim() === '';
      return value === undefined || isEmpty || tellsAll(value, whole) ? [] : [`${name} is cut silently`];
    }),
    ...(isProblemCut && !MORE.test(problem) ? ['What went wrong is cut silently'] : []),
  ];
}

describe('nothing on a card is cut silently', () => {
  it('whatever people or Jules wrote, and however much', () => {
    fc.assert(
      fc.property(hostileTask, fc.boolean(), (task, isThreadless) => {
        const body = renderTaskCard(task, { threadProblem: isThreadless ? 'No threads here.' : null });
        expect([
          ...limitProblems(body),
          ...promptProblems(task, body),
          ...planProblems(task, body),
          ...wordProblems(task, body),
        ]).toEqual([]);
      }),
      // Shrinking such a task takes minutes, and the seed is enough to see it again.
      { numRuns: 120, endOnFailure: true },
    );
  });

  it('also where making a text harmless doubles it', () => {
    for (const letter of ['`', '*', '@here', '\n', '👨‍👩‍👧‍👦', 'https://a.b/ ']) {
      const long = letter.repeat(4000);
      const task = aTask({
        prompt: long.slice(0, 10_000),
        status: 'in_progress',
        last_error: long,
        plan: Array.from({ length: 60 }, () => ({ title: long })),
        session: aSession({ phase: 'needs_input', progress: { question: long, latest: long } }),
      });
      const body = renderTaskCard(task);
      expect([...limitProblems(body), ...promptProblems(task, body), ...planProblems(task, body)], letter).toEqual([]);
    }
  });

  it('and a repository and a branch of 300 characters stand there whole', () => {
    const [repo, branch] = [`o/${'r'.repeat(298)}`, 'b'.repeat(300)];
    expect(field(renderTaskCard(aTask({ repo, branch })), 'Repository')).toContain(`\`${repo}\`\nbranch \`${branch}\``);
  });
});

const cardLink = messageLink('1300000000000000001', '1300000000000000002', '1300000000000000003');
const said = (view: string, facts: unknown, task = aTask()) => renderNote({ view, facts }, task, { cardLink });

describe('nothing in a note is cut silently', () => {
  it('of what Jules or an approver said', () => {
    fc.assert(
      fc.property(hostileText(3000), fc.integer({ min: 0, max: 5000 }), (written, more) => {
        const text = seen(written);
        const chars = more > 0 ? text.length + more : null;
        for (const view of ['message', 'question']) {
          const { content = '' } = said(view, { text, chars });
          expect(tellsAll(content, markdown(text, ALL)), view).toBe(true);
          if (chars) expect(number(MORE.exec(content)?.[1]), view).toBeGreaterThanOrEqual(more);
        }
        expect(tellsAll(said('rejection', { reason: text }).content, quoteBlock(text, ALL))).toBe(true);
        expect(tellsAll(said('outcome', { phase: 'failed', error: text }).content, inline(text, ALL))).toBe(true);
        expect(tellsAll(said('key_refused', { problem: text }).content, inline(text, ALL))).toBe(true);
        expect(tellsAll(said('key_exhausted', { why: text }).content, inline(text, ALL))).toBe(true);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it('of what Jules did', () => {
    const lines = (count: number) => Array.from({ length: count }, (_, at) => `Looked at file ${at + 1}`).join('\n\n');
    for (const count of [1, 8, 9, 60]) {
      const { content = '' } = said('activity', { entries: [{ title: 'Read', description: lines(count) }] });
      expect(content.includes(`-# Looked at file ${count}`) || MORE.test(content), `${count} lines`).toBe(true);
    }
    const crowd = (text: string) => ({ title: text.slice(0, 300), description: text, chars: 99_999 });
    for (const letter of ['x', '*', '\n- ', '`', 'word ', '```\n']) {
      const ran = {
        title: 'Ran bash command',
        description: `Command: ${letter.repeat(900)}\nOutput: ${letter.repeat(900)}\nExit Code: 1`,
      };
      for (const entry of [crowd(letter.repeat(1500)), ran]) {
        const { content = '' } = said('activity', { entries: Array.from({ length: 8 }, () => entry) });
        // Room for a line that says why it comes to another place.
        expect(content.length, letter).toBeLessThanOrEqual(1850);
      }
    }
    const cutBefore = { title: 'Read', description: 'x'.repeat(100), chars: 9000 };
    expect(said('activity', { entries: [cutBefore] }).content).toContain(
      '… 8,900 more characters on its page in Jules',
    );
  });

  it('of a plan, which comes in as many notes as it takes', () => {
    const steps = Array.from({ length: 20 }, (_, at) => `Step ${at + 21}`);
    const { title, description } = embedOf(said('plan', { steps, from: 20, of: 60 }));
    expect(title).toBe('📝 The plan, 21 to 40 of 60 steps');
    expect(description).toMatch(/^21\. Step 21\n[\s\S]*\n40\. Step 40/);
  });

  it('of a plan that an older version of Verne wrote down as one', () => {
    const steps = Array.from({ length: 40 }, (_, at) => `Step ${at + 1}`);
    expect(embedOf(said('plan', { steps })).description).toMatch(/20\. Step 20\n-# … and 20 more steps/);
  });

  it('and a shortened one has a button that leads to the rest', () => {
    const task = aTask({ session: aSession() });
    for (const view of ['message', 'question']) {
      const { components } = said(view, { text: 'x'.repeat(5000) }, task);
      expect(components?.[0]?.components[0], view).toMatchObject({ url: 'https://jules.google.com/session/123' });
    }
  });
});

describe('the gallery', () => {
  it('holds every status and phase, and nothing in it is refused or cut silently', () => {
    for (const { heading, task, extra } of ALL_EXHIBITS) {
      const body = renderTaskCard(task, extra);
      const problems = [
        ...limitProblems(body),
        ...promptProblems(task, body),
        ...planProblems(task, body),
        ...wordProblems(task, body),
      ];
      expect(problems, heading).toEqual([]);
    }
  });

  it('holds every view of a note', () => {
    for (const { heading, body } of ALL_NOTES) expect(limitProblems(body), heading).toEqual([]);
  });
});
