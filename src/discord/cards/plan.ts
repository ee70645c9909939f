import { inline } from '#discord/text.ts';
import type { TaskView } from '#tasks/task.ts';

const SHOWN = 10;

/** Ten steps around the one that runs; what is left out is counted. */
function window(count: number, step: number) {
  const from = Math.max(0, Math.min(step - 3, count - SHOWN));
  return { from, to: Math.min(count, from + SHOWN) };
}

const signOf = (at: number, step: number | null) => (step === null || at > step ? '◻' : at < step ? '✅' : '▶');

/** The plan's steps; what is done is marked only as far as Jules named a step, or where the work is finished. */
export function planLines(task: TaskView): string[] {
  const steps = task.plan ?? [];
  const step = task.pr_url === null ? (task.session?.progress.step ?? null) : steps.length;
  const { from, to } = window(steps.length, step ?? 0);
  const lines = steps
    .slice(from, to)
    .map(({ title }, at) => `${signOf(from + at, step)} ${from + at + 1}. ${inline(title, 80)}`);
  const left = steps.length - to;
  return [...(from > 0 ? [`… ${from} before`] : []), ...lines, ...(left > 0 ? [`… and ${left} more`] : [])];
}

const CELLS = 10;

/** A bar only where Jules named a step: anything else would be a guess. */
export function progressBar(task: TaskView): string | null {
  const step = task.session?.progress.step;
  const count = task.plan?.length ?? 0;
  if (step === undefined || count === 0 || task.status !== 'in_progress') return null;
  const done = Math.max(0, Math.min(step, count));
  const cells = Math.round((done / count) * CELLS);
  return `${'▰'.repeat(cells)}${'▱'.repeat(CELLS - cells)} ${done} of ${count} steps done`;
}
