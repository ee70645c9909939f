import { inline } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import type { TaskView } from '#tasks/task.ts';
import { clip } from './clip.ts';

/** While it runs; afterwards the plan is no longer what one looks for. */
const SHOWN = { running: 10, over: 4 };

/** Fourteen of them, with their signs and numbers, fit into one field. */
const TITLE_CHARS = 60;

/** A line in place of fewer steps would save no room. */
const FEWEST_LEFT_OUT = 3;

/** The steps around the one that runs; what is left out is counted. */
function window(length: number, step: number, shown: number) {
  const from = Math.max(0, Math.min(step - 3, length - shown));
  const to = Math.min(length, from + shown);
  return {
    from: from < FEWEST_LEFT_OUT ? 0 : from,
    to: length - to < FEWEST_LEFT_OUT ? length : to,
  };
}

const signOf = (at: number, step: number | null) => (step === null || at > step ? '◻' : at < step ? '✅' : '▶');

const stepText = (title: string) => clip(title, { write: inline, room: TITLE_CHARS });

/** The plan's steps, and where all of them are; what is done is marked only as far as Jules named a step, or where the work is finished. */
export function planLines(task: TaskView, where: 'thread' | 'page'): string[] {
  const said = words().card.plan;
  const steps = task.plan ?? [];
  const step = task.pr_url === null ? (task.session?.progress.step ?? null) : steps.length;
  const { from, to } = window(steps.length, step ?? 0, task.status === 'in_progress' ? SHOWN.running : SHOWN.over);
  const titles = steps.slice(from, to).map(({ title }) => stepText(title));
  const lines = titles.map(
    ({ text }, at) => `${signOf(from + at, step)} ${from + at + 1}. ${text || said.unnamedStep}`,
  );
  const left = steps.length - to;
  const more = left > 0 ? [said.more(left)] : [];
  const isCut = left > 0 || from > 0 || titles.some(({ shown, whole }) => shown < whole);
  return [
    ...(from > 0 ? [`-# ${said.before(from)}`] : []),
    ...lines,
    ...(isCut ? [`-# … ${[...more, said.whole[where]].join('; ')}`] : []),
  ];
}

const CELLS = 10;

/** Only where Jules named a step: anything else would be a guess. */
export function stepNow({ session, plan, status }: TaskView): { readonly done: number; readonly of: number } | null {
  const step = session?.progress.step;
  const of = plan?.length ?? 0;
  if (step === undefined || of === 0 || status !== 'in_progress') return null;
  return { done: Math.max(0, Math.min(step, of)), of };
}

export function progressBar(task: TaskView): string | null {
  const now = stepNow(task);
  if (now === null) return null;
  const cells = Math.round((now.done / now.of) * CELLS);
  return `${'▰'.repeat(cells)}${'▱'.repeat(CELLS - cells)} ${words().card.plan.done(now.done, now.of)}`;
}
