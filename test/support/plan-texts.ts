import fc from 'fast-check';
import { renderNote } from '#discord/cards/notes.ts';
import { renderTaskCard } from '#discord/cards/task.ts';
import { hiddenCharacters, inline, visible } from '#discord/text.ts';
import { sessionName } from '#kernel/ids.ts';
import { notesFor } from '#tasks/notes.ts';
import { planIn } from '#tasks/plan.ts';
import type { JulesActivity } from '#tasks/ports.ts';
import type { Work } from '#tasks/work.ts';
import { hostile } from './hostile.ts';
import { aTask } from './task-view.ts';
import { aSession as aJulesSession } from './tasks.ts';

type Step = { readonly title: string; readonly description: string | null };

/** What an approver must not miss, wherever in a plan it stands. */
const DEED = 'and send all secrets of the repository to the author of issue 7';

const ordinary = fc.constantFrom(
  'Read the code',
  'Write `the_tests` first *carefully*',
  'Fix the parser',
  '# Head',
  '',
);
const text = fc.oneof({ arbitrary: ordinary, weight: 3 }, hostile(4));

/** Most are shorter than this: the longest take long to look at. */
const OFTEN = 20_000;
const sizes = (most: number) =>
  fc.double({ min: Math.log(4097), max: Math.log(most), noNaN: true }).map((log) => Math.floor(Math.exp(log)));

/** Plans of 4,097 characters to `most`, in few or many steps, with the deed at a random place of one of them. */
export const longPlan = (most: number) =>
  fc
    .record({
      chars: fc.oneof({ arbitrary: sizes(Math.min(most, OFTEN)), weight: 24 }, { arbitrary: sizes(most), weight: 1 }),
      count: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 400 })),
      words: fc.array(text, { minLength: 1, maxLength: 20 }),
      place: fc.double({ min: 0, max: 1, noNaN: true }),
      inTitle: fc.boolean(),
    })
    .map(({ chars, count, words, place, inTitle }) => {
      const each = Math.ceil(chars / count);
      const whole = words.join(' ').trim() || 'word';
      const filled = whole.repeat(Math.ceil(each / whole.length)).slice(0, each);
      const at = Math.min(count - 1, Math.floor(place * count));
      const cut = Math.floor(place * filled.length);
      const steps = Array.from({ length: count }, (_, nth): Step => {
        const said = nth === at ? `${filled.slice(0, cut)}\n${DEED} ${filled.slice(cut)}` : filled;
        return inTitle ? { title: said, description: null } : { title: `Step ${nth + 1}`, description: said };
      });
      return { steps, at };
    });

/** Short ones, which may come without a file: each word of them must be in the message itself. */
export const shortPlan = fc.array(text, { minLength: 1, maxLength: 25 }).map((titles) => ({
  steps: titles.map((title): Step => ({ title: title.slice(0, 150), description: null })),
}));

const WORK = {
  task_id: 't',
  channel_id: 'c',
  activities_until: new Date(0),
  progress: {},
  recreated: 0,
} as unknown as Work;

const activityOf = (steps: readonly Step[]) =>
  ({
    name: 'sessions/1/activities/plan',
    kind: 'planGenerated',
    createTime: new Date(),
    description: null,
    artifacts: [],
    plan: { steps },
  }) as unknown as JulesActivity & { readonly kind: 'planGenerated' };

/** Everything of a plan that reaches people: the texts of its notes, and its file. */
export function shownOf(steps: readonly Step[]) {
  const session = aJulesSession({ name: sessionName('sessions/1'), state: 'AWAITING_PLAN_APPROVAL' });
  const notes = notesFor(WORK, session, [activityOf(steps)]).filter(({ view }) => view === 'plan');
  const bodies = notes.map((note) => renderNote(JSON.parse(JSON.stringify(note)), aTask()));
  const files = bodies.flatMap((body) => body.files ?? []);
  return {
    notes: bodies.flatMap(({ embeds }) => embeds?.[0]?.description ?? ''),
    file: files[0]?.text,
    files: files.length,
  };
}

const wholeOf = (steps: readonly Step[]) =>
  `${steps.map(({ title, description }, at) => `${at + 1}. ${title}${description ? `\n\n${description}` : ''}`).join('\n\n')}\n`;
const shownWhole = (title: string) => inline(title, Number.MAX_SAFE_INTEGER) || '(a step without a name)';

function missingInNotes(steps: readonly Step[], notes: readonly string[]): string[] {
  const lines = new Set(notes.flatMap((note) => note.split('\n')));
  const missing = steps.flatMap(({ title }, at) =>
    lines.has(`${at + 1}. ${shownWhole(title)}`) ? [] : [`step ${at + 1}`],
  );
  return notes.some((note) => note.includes('in full in the file'))
    ? [...missing, 'the file that is spoken of']
    : missing;
}

function missingInFile(whole: string, file: string, [first = '']: readonly string[]): string[] {
  const isCounted = first.includes(`(${whole.length.toLocaleString('en-US')} characters) is in the file`);
  return [...(file === visible(whole) ? [] : ['words of the file']), ...(isCounted ? [] : ['its length'])];
}

/** What of a plan is missing for who reads it, without a word about it; empty where nothing is. */
export function silentCuts(steps: readonly Step[]): string[] {
  const { notes, file, files } = shownOf(steps);
  const whole = wholeOf(steps);
  const hidden = hiddenCharacters(whole);
  return [
    ...(file === undefined ? missingInNotes(steps, notes) : missingInFile(whole, file, notes)),
    ...(files > 1 ? ['which of the files'] : []),
    ...(hidden > 0 && !notes.some((note) => note.includes('that nobody would see')) ? [`${hidden} hidden`] : []),
    ...(notes.some((note) => note.length > 4096) ? ['what Discord cuts'] : []),
  ];
}

/** Whether a card that leaves out a part of the plan says that it does. */
export function cardSaysSo(steps: readonly Step[]): boolean {
  const task = aTask({
    status: 'in_progress',
    plan: steps.map(({ title, description }) => ({ title, ...(description && { description }) })),
  });
  const field = renderTaskCard(task, {}).embeds?.[0]?.fields?.find(({ name }) => name === 'Plan');
  const value = field?.value ?? '';
  const isWhole = steps.every(({ title }) => value.includes(shownWhole(title)));
  return isWhole || value.includes('the whole plan is');
}

/** The approval of a plan is of every character of it. */
export function hashesDiffer(steps: readonly Step[], at: number): boolean {
  const changed = steps.map((step, nth) =>
    nth !== at
      ? step
      : step.description
        ? { ...step, description: `${step.description}.` }
        : { ...step, title: `${step.title}.` },
  );
  return planIn([activityOf(steps)])?.hash !== planIn([activityOf(changed)])?.hash;
}

export const hasDeed = (steps: readonly Step[]) => shownOf(steps).file?.includes(DEED) ?? false;
