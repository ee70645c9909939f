import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { Refusal } from '#kernel/errors.ts';
import { gateRefusals } from '#kernel/gate.ts';
import type { TaskId } from '#kernel/ids.ts';
import { call, type Rpc, storable } from '#kernel/rpc.ts';
import { hasHiddenText } from './request-task.ts';
import { taskView } from './task.ts';

/** Discord's own limit for a message of those who pay for more, and for a field of a dialog. */
export const INSTRUCTION_LIMIT = 4000;

const mayOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['allowed', 'unknown_task', 'not_started', 'too_late', 'too_many']) }),
  ...gateRefusals,
]);

/** Whether they may tell Jules something now, before anything is done for it. */
export const mayInstruct = (rpc: Rpc, actor: Actor, taskId: TaskId) =>
  call(rpc, mayOutcome, 'may_instruct', { actor, task_id: taskId });

const task = taskView;
const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('told'), task }),
  z.object({ kind: z.literal('unknown_task') }),
  z.object({ kind: z.literal('not_started'), task }),
  z.object({ kind: z.literal('too_late'), task }),
  /** Somebody else was quicker with the same question or plan. */
  z.object({ kind: z.literal('answered'), by: z.string(), task }),
  z.object({ kind: z.literal('plan_approved'), by: z.string(), task }),
  z.object({ kind: z.literal('stale_question'), task }),
  z.object({ kind: z.literal('stale_plan'), task }),
  /** Jules is not silent any more, or has no pull request to be asked for. */
  z.object({ kind: z.literal('moved_on'), task }),
  z.object({ kind: z.literal('too_many'), task }),
  ...gateRefusals,
]);
export type InstructOutcome = z.output<typeof outcome>;

export type Instruction = {
  readonly taskId: TaskId;
  /** Who says the same thing twice under one key has said it once: the id of an interaction or a message. */
  readonly requestKey: string;
  readonly kind: 'answer' | 'changes' | 'steer' | 'follow_up' | 'nudge' | 'publish';
  readonly text: string;
  /** Of the files that came with it, ready to be read below the text. */
  readonly files?: string | undefined;
  /** Where it was written, if in the task's thread: there its author sees what becomes of it. */
  readonly said?: { readonly channel: string; readonly message: string } | undefined;
  /** Why parts of it are not sent, as the door that says so to its author can read it. */
  readonly aside?: object | undefined;
  /** The question, the plan, the silence or the end that it is about, as the button named it. */
  readonly about?: string | undefined;
};

/** What is told, as it will be stored and sent. */
function instructionOf({ text: typed, files = '' }: Pick<Instruction, 'text' | 'files'>): string {
  const text = String(storable(typed)).trim();
  const whole = [text, String(storable(files))].filter((part) => part !== '').join('\n\n');
  if (!/[^\s\p{C}\p{Z}\p{DI}\u2800]/u.test(whole)) {
    throw new Refusal(
      'empty_instruction',
      'There is nothing in it, so Jules was told nothing. Write what it should do.',
    );
  }
  if (text.length > INSTRUCTION_LIMIT) {
    const most = INSTRUCTION_LIMIT.toLocaleString('en');
    throw new Refusal(
      'long_instruction',
      `That is ${text.length.toLocaleString('en')} characters; Jules is told ${most} at most at a time. Shorten it, or send it in parts.`,
      { chars: text.length, most: INSTRUCTION_LIMIT },
    );
  }
  if (hasHiddenText(whole)) {
    throw new Refusal(
      'hidden_text',
      'It holds text that nobody can see (Unicode tags), which Jules would read, so it was told nothing. Type it anew.',
    );
  }
  return whole;
}

/** Tells Jules something in the session of a task: kept at once, sent as soon as Jules takes it. */
export async function instructTask(rpc: Rpc, actor: Actor, wish: Instruction): Promise<InstructOutcome> {
  const { taskId, requestKey, kind, about, said, aside } = wish;
  const told = {
    kind,
    text: instructionOf(wish),
    ...(about !== undefined && { about }),
    ...(said && { said }),
    ...(aside !== undefined && { aside }),
  };
  return call(rpc, outcome, 'instruct_task', { actor, task_id: taskId, request_key: requestKey, wish: told });
}
