import { words } from '#discord/words/words.ts';
import type { TaskView } from '#tasks/task.ts';
import { nextStep, problemLines } from './problem.ts';

type Text = string | null | undefined;
/** What an end was, as it was when it came: the task may have moved on since. */
export type End = {
  readonly phase?: Text;
  readonly pr_url?: Text;
  readonly error?: Text;
  readonly by?: Text;
  /** Of an unsure one: `key` where its key is gone. */
  readonly because?: Text;
};

/** The end of a task for who asked: what came of it, and what to do next. */
export function outcomeLine(task: TaskView, { phase, pr_url: url, error, because }: End): string {
  const { outcome } = words();
  if (url) return outcome.ready(url);
  if (phase === 'done_patch') return outcome.patch;
  if (phase === 'unsure') {
    const how = outcome.unsure[because === 'key' ? 'key' : 'attempts'];
    return `${error ? `${how} ${problemLines(error, 700)}` : how}\n${outcome.unsureNext}`;
  }
  if (phase === 'failed' || error) {
    const why = error ?? task.last_error ?? '';
    return [outcome.failed(problemLines(why, 900) || outcome.noReason), nextStep(task, why)].filter(Boolean).join('\n');
  }
  return outcome.nothing;
}

/** The last line of a thread: those who follow it there need not look into the channel. */
export function closingLine({ phase, pr_url: url, error, by }: End): string {
  const { closing, noReason } = words().outcome;
  if (url) return closing.ready(url);
  if (phase === 'stopped') return by ? closing.cancelledBy(`<@${by}>`) : closing.cancelled;
  if (phase === 'done_patch') return closing.patch;
  if (phase === 'failed' || error) return closing.failed(problemLines(error ?? '', 600) || noReason);
  return closing.nothing;
}
