import type { Context } from '#discord/command.ts';
import { customId } from '#discord/custom-id.ts';
import { FOR_JULES } from '#discord/for-jules.ts';
import { refusedByGate } from '#discord/refused.ts';
import { ask, type Question, type Reply, refuse, tell } from '#discord/reply.ts';
import { sayUntold } from '#discord/unheard.ts';
import { words } from '#discord/words/words.ts';
import { type TaskId, taskId } from '#kernel/ids.ts';
import { type ApprovePlanOutcome, approvePlan } from '#tasks/approve-plan.ts';
import { INSTRUCTION_LIMIT, type Instruction, instructTask } from '#tasks/instruct-task.ts';
import { type PlanAgainOutcome, planAgain } from '#tasks/plan-again.ts';
import type { Button } from './press.ts';

/** What a button is about: its task, and the plan or the question that it stood under. */
export function split(target: string): { readonly task: TaskId; readonly about: string } {
  const at = target.indexOf('.');
  return { task: taskId(target.slice(0, at)), about: target.slice(at + 1) };
}

export async function instruct(context: Context, wish: Omit<Instruction, 'requestKey'>): Promise<Reply> {
  const outcome = await instructTask(context.rpc, context.actor, { ...wish, requestKey: context.interactionId });
  if (outcome.kind !== 'told') return refuse(outcome.kind, sayUntold(outcome));
  return tell(words().steer.kept(outcome.task.number));
}

const dialog = (id: string, said: Pick<Question, 'title' | 'label' | 'placeholder'>) =>
  ask({ customId: id, ...said, isLong: true, minLength: 1, maxLength: INSTRUCTION_LIMIT });

export const answer: Button<'answer'> = {
  operation: 'task.steer',
  run: async (_context, { target }) => dialog(customId('answering', target), words().dialogs.answer),
};

export const answering: Button<'answering'> = {
  operation: 'task.steer',
  givesBack: true,
  run: async (context, { target, answer: text }) => {
    const { task, about } = split(target);
    return instruct(context, { taskId: task, kind: 'answer', text, about });
  },
};

const quick = (text: string): Button<'go-on' | 'you-decide'> => ({
  operation: 'task.steer',
  run: async (context, { target }) => {
    const { task, about } = split(target);
    return instruct(context, { taskId: task, kind: 'answer', text, about });
  },
});

export const goOn = quick(FOR_JULES.goOn);
export const youDecide = quick(FOR_JULES.youDecide);

export const askChanges: Button<'ask_changes'> = {
  operation: 'task.steer',
  run: async (_context, { target }) => dialog(customId('changes', target), words().dialogs.changes),
};

export const changes: Button<'changes'> = {
  operation: 'task.steer',
  givesBack: true,
  run: async (context, { target, answer: text }) => {
    const { task, about } = split(target);
    return instruct(context, { taskId: task, kind: 'changes', text, about });
  },
};

export const reply: Button<'reply'> = {
  operation: 'task.steer',
  run: async (_context, { target }) => dialog(customId('replying', target), words().dialogs.reply),
};

export const replying: Button<'replying'> = {
  operation: 'task.steer',
  givesBack: true,
  run: (context, { target, answer: text }) => instruct(context, { taskId: taskId(target), kind: 'steer', text }),
};

function notApproved(outcome: Exclude<ApprovePlanOutcome, { kind: 'approved' }>): Reply {
  switch (outcome.kind) {
    case 'unknown_task':
      return refuse(outcome.kind, words().ask.unknownTask);
    case 'too_late':
      return refuse(outcome.kind, words().steer.plan.over);
    case 'stale_plan':
      return refuse(outcome.kind, words().steer.plan.stale);
    case 'plan_approved':
      return refuse(outcome.kind, words().steer.plan.approved(`<@${outcome.by}>`));
    case 'changes_asked':
      return refuse(outcome.kind, words().steer.plan.changesAsked(`<@${outcome.by}>`));
    case 'own_task':
      return refuse(outcome.kind, words().steer.plan.ownTask(outcome.task.number));
    default:
      return refusedByGate(outcome);
  }
}

export const approve: Button<'approve_plan'> = {
  operation: 'task.confirm',
  async run({ rpc, actor }, { target }) {
    const { task, about } = split(target);
    const outcome = await approvePlan(rpc, actor, task, about);
    return outcome.kind === 'approved' ? { kind: 'deferUpdate' } : notApproved(outcome);
  },
};

function notRenewed(outcome: Exclude<PlanAgainOutcome, { kind: 'renewed' }>): Reply {
  switch (outcome.kind) {
    case 'unknown_task':
      return refuse(outcome.kind, words().ask.unknownTask);
    case 'too_late':
      return refuse(outcome.kind, words().steer.plan.notRenewed);
    default:
      return refusedByGate(outcome);
  }
}

export const again: Button<'plan_again'> = {
  operation: 'task.steer',
  async run({ rpc, actor }, { target }) {
    const outcome = await planAgain(rpc, actor, taskId(target));
    return outcome.kind === 'renewed' ? { kind: 'deferUpdate' } : notRenewed(outcome);
  },
};
