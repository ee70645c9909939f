import { cut, visible } from './text.ts';

/**
 * What Verne itself writes to Jules: English whoever presses the button, since Jules is the reader. People see the words
 * that were told in the task's thread, or in the prompt on its card.
 */
export const FOR_JULES = {
  goOn: 'Yes, go on.',
  youDecide: 'Decide yourself: take what fits the code best, and say in the pull request why.',
  nudge: 'Are you still at work? Please go on with the task; if something stands in your way, say what it is, or ask.',
  publish: 'Please publish your changes as a pull request now.',
};

const QUOTED = 500;

/**
 * Jules has never seen the earlier task: it is told where to look, or what that one was to do. Who follows it up becomes
 * the author of these words and may see all of them, so no secret of the earlier author is among them.
 */
export function withReference(earlier: { readonly pr_url: string | null; readonly prompt: string }, text: string) {
  const { pr_url: url, prompt } = earlier;
  const lead = url
    ? `Follow-up on ${url} (look at what it changes, and build on it):`
    : `Follow-up on an earlier task, which was:\n${cut(visible(prompt).trim(), QUOTED).replace(/^/gm, '> ')}`;
  return `${lead}\n\n${text}`;
}
