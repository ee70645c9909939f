import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import type { TaskId } from '#kernel/ids.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { type TaskView, taskView } from './task.ts';

/** A task as its card shows it; null where there is none. For workers, who act for nobody. */
export async function readTask(rpc: Rpc, taskId: TaskId): Promise<TaskView | null> {
  return call(rpc, taskView.nullable(), 'read_task', { task_id: taskId });
}

const promptOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('prompt'), number: z.number(), prompt: z.string() }),
  z.object({ kind: z.literal('unknown_task') }),
  ...gateRefusals,
]);

/** The whole prompt, for the eyes of the one who asks. */
export async function showPrompt(rpc: Rpc, actor: Actor, taskId: TaskId) {
  return call(rpc, promptOutcome, 'show_prompt', { actor, task_id: taskId });
}

export type ChoicesWish = {
  readonly field: 'repo' | 'branch';
  readonly typed: string;
  readonly repo?: string | undefined;
};

/** At most 25 repositories or branches that begin with or hold what was typed, from the cache of this person's key. */
export async function readChoices(rpc: Rpc, actor: Actor, { field, typed, repo }: ChoicesWish): Promise<string[]> {
  return call(rpc, z.array(z.string()), 'read_choices', { actor, field, typed, ...(repo && { repo }) });
}
