import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import type { TaskId } from '#kernel/ids.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { wrongTarget } from './check-target.ts';
import { overBudget, type TargetWish, targetOf } from './request-task.ts';
import { REPO_SOURCES, taskView } from './task.ts';

/**
 * What a dialog begins with, for a door that opens one: the words that stand there, and where they are to be done. It says
 * no where sending it would; it persists and promises nothing.
 */
const requestDraft = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('draft'),
    /** What is used where none is named; null where nothing is set. */
    repo: z.string().nullable(),
    branch: z.string().nullable(),
    from: z.enum(REPO_SOURCES).nullable(),
  }),
  z.object({ kind: z.literal('no_key') }),
  overBudget,
  ...wrongTarget,
  ...gateRefusals,
]);
export type RequestDraft = z.output<typeof requestDraft>;

/** For a request of a new task. */
export async function draftRequest(rpc: Rpc, actor: Actor, where: TargetWish = {}): Promise<RequestDraft> {
  return call(rpc, requestDraft, 'draft_request', { actor, wish: targetOf(where) });
}

const taskDraft = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('draft'),
    number: z.number(),
    prompt: z.string(),
    repo: z.string(),
    branch: z.string(),
    /** Names the words, for an edit. */
    edits: z.number(),
    pr_url: z.string().nullable(),
    /** As its requester had named it; null where they had not. */
    plan_review: z.boolean().nullable(),
    /** Whether its session can be told to go on, by this actor; and whether they may ask for a new task. */
    goes_on: z.boolean(),
    may_ask: z.boolean(),
    /** What Jules was not told, where a button named it. */
    text: z.string().nullable(),
  }),
  z.object({ kind: z.literal('too_late'), task: taskView }),
  z.object({ kind: z.literal('not_requester'), by: z.string() }),
  z.object({ kind: z.literal('unknown_task') }),
  ...gateRefusals,
]);
export type TaskDraft = z.output<typeof taskDraft>;

type About = { readonly taskId: TaskId; readonly verb: 'edit' | 'retry' | 'follow_up'; readonly about?: string };

/** For what a person does with a task that is there. */
export async function draftTask(rpc: Rpc, actor: Actor, { taskId, verb, about }: About): Promise<TaskDraft> {
  return call(rpc, taskDraft, 'draft_task', { actor, task_id: taskId, verb, ...(about !== undefined && { about }) });
}
