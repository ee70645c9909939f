import type { WrongTarget } from '#tasks/check-target.ts';
import { type Reply, refuse } from './reply.ts';
import { code } from './text.ts';
import { words } from './words/words.ts';

const listed = (names: readonly string[]) => names.map((one) => code(one)).join(', ');

/** The sentence for a repository or branch that is known to be wrong; `nothing` says what therefore did not happen. */
export function refuseTarget(wrong: WrongTarget, nothing: 'changed' | 'recorded'): Reply {
  const { target } = words().door;
  const repo = code(wrong.repo);
  if (wrong.kind === 'unknown_branch') {
    const near = wrong.branches?.length ? [target.branches(listed(wrong.branches))] : [];
    const what = target.noBranch[nothing](repo, code(wrong.branch));
    return refuse('unknown_branch', [what, ...near, target.chooseBranch].join(' '));
  }
  const near = wrong.repos.length ? target.repos(listed(wrong.repos)) : target.noRepos;
  return refuse('unknown_repo', [target.noRepo[nothing](repo), near, target.chooseRepo].join(' '));
}
