import type { Context, Typing } from '#discord/command.ts';
import { readChoices } from '#tasks/read-task.ts';

/** Repositories that this person's own key can reach. */
export async function suggestRepo({ rpc, actor }: Context, { typed }: Typing): Promise<readonly string[]> {
  return readChoices(rpc, actor, { field: 'repo', typed });
}

/** Branches of the repository beside it, or of the one that applies here. */
export async function suggestBranch({ rpc, actor }: Context, { typed, others }: Typing): Promise<readonly string[]> {
  const { repo } = others;
  return readChoices(rpc, actor, { field: 'branch', typed, repo: typeof repo === 'string' && repo ? repo : undefined });
}
