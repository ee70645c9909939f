import { type Context, defineCommand } from '#discord/command.ts';
import { taskListPanel } from '#discord/panels/task-list.ts';
import { refusedByGate } from '#discord/refused.ts';
import type { Reply } from '#discord/reply.ts';
import { type LISTED, type ListWish, listTasks, SHOWS } from '#tasks/list-tasks.ts';
import { repositoryOf } from '#tasks/request-task.ts';
import { suggestRepo } from './suggest.ts';

export async function showTasks({ rpc, actor }: Context, wish: ListWish, kind: 'message' | 'update'): Promise<Reply> {
  const outcome = await listTasks(rpc, actor, wish);
  if (outcome.kind !== 'tasks') return refusedByGate(outcome);
  return { kind, ephemeral: true, body: taskListPanel(wish, outcome) };
}

/** What people choose, in their words. */
const STATUS_WORDS = {
  'waits for confirmation': 'pending_confirmation',
  'in progress': 'in_progress',
  'PR ready': 'pr',
  'finished without PR': 'no_pr',
  rejected: 'rejected',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'expired',
} as const satisfies Record<string, (typeof LISTED)[number]>;
const CHOICES = [
  'waits for confirmation',
  'in progress',
  'PR ready',
  'finished without PR',
  'rejected',
  'failed',
  'cancelled',
  'expired',
] as const satisfies readonly (keyof typeof STATUS_WORDS)[];

export const tasks = defineCommand({
  name: 'tasks',
  description: 'Tasks of this server: yours, all that you may see here, or what waits for you',
  operation: 'task.read',
  options: {
    show: {
      kind: 'string',
      choices: SHOWS,
      description: 'mine (left out), all that you may see here, or what waits for you',
    },
    status: { kind: 'string', choices: CHOICES, description: 'Only those that are so now' },
    repo: { kind: 'string', description: 'Only those of this repository', suggest: suggestRepo },
  },
  run: (context, { show = 'mine', status, repo }) =>
    showTasks(
      context,
      {
        show,
        ...(status && { status: STATUS_WORDS[status] }),
        ...(repo !== undefined && { repo: repositoryOf(repo) }),
      },
      'message',
    ),
});
