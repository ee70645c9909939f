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

const NO_REASON = 'it gave no reason.';

/** The end of a task for who asked: what came of it, and what to do next. */
export function outcomeLine(task: TaskView, { phase, pr_url: url, error, because }: End): string {
  if (url) return `✅ PR ready: ${url}`;
  if (phase === 'done_patch') {
    return '📦 Jules finished with a patch, but opened no pull request. Ask for it with the button, publish it from its page in Jules, or take the patch.';
  }
  if (phase === 'unsure') {
    const why = error ? ` ${problemLines(error, 700)}` : '';
    const how =
      because === 'key'
        ? 'Verne had asked Jules for a session without a clear answer, and the key is gone since, so that it cannot look for it'
        : 'Verne tried three times and does not know whether Jules made a session';
    return `❔ ${how}.${why}\nNothing that Verne did not approve can open a pull request. Look at jules.google.com; if nothing runs there, press Cancel on the card and ask again with \`/jules\`.`;
  }
  if (phase === 'failed' || error) {
    const why = error ?? task.last_error ?? '';
    return [`⛔ Task failed: ${problemLines(why, 900) || NO_REASON}`, nextStep(task, why)].filter(Boolean).join('\n');
  }
  return '📭 Jules finished without changes: no pull request, no patch. Its page in Jules says what it found; ask again with `/jules` if that is not what you meant.';
}

/** The last line of a thread: those who follow it there need not look into the channel. */
export function closingLine({ phase, pr_url: url, error, by }: End): string {
  if (url) return `✅ Finished. PR ready: ${url}`;
  if (phase === 'stopped') {
    return `🚫 Cancelled${by ? ` by <@${by}>` : ''}. What Jules still does is not told here any more.`;
  }
  if (phase === 'done_patch') return '📦 Finished with a patch, without a pull request.';
  if (phase === 'failed' || error) return `⛔ Failed: ${problemLines(error ?? '', 600) || NO_REASON}`;
  return '📭 Finished without changes: no pull request, no patch.';
}
