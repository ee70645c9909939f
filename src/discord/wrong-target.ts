import type { WrongTarget } from '#tasks/check-target.ts';
import { type Reply, refuse } from './reply.ts';
import { code } from './text.ts';

/** The sentence for a repository or branch that is known to be wrong; `nothing` says what therefore did not happen. */
export function refuseTarget(wrong: WrongTarget, nothing: string): Reply {
  if (wrong.kind === 'unknown_branch') {
    const near = wrong.branches?.length
      ? ` It has, for example: ${wrong.branches.map((one) => code(one)).join(', ')}.`
      : '';
    const what = `${code(wrong.repo)} has no branch ${code(wrong.branch)}, so ${nothing}.`;
    return refuse('unknown_branch', `${what}${near} Choose one from the list, or leave the branch out.`);
  }
  const near = wrong.repos.length
    ? `It can reach, for example: ${wrong.repos.map((one) => code(one)).join(', ')}.`
    : 'It can reach none at all.';
  const what = `The Jules key in use cannot reach ${code(wrong.repo)}, so ${nothing}.`;
  const next = 'Choose one from the list, or connect the repository at jules.google.com and try again in a minute.';
  return refuse('unknown_repo', `${what} ${near} ${next}`);
}
