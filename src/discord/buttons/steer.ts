import type { Context } from '#discord/command.ts';
import { customId } from '#discord/custom-id.ts';
import { refusedByGate } from '#discord/refused.ts';
import { ask, type Reply, refuse, tell } from '#discord/reply.ts';
import { type TaskId, taskId } from '#kernel/ids.ts';
import { type ApprovePlanOutcome, approvePlan } from '#tasks/approve-plan.ts';
import { INSTRUCTION_LIMIT, type Instruction, type InstructOutcome, instructTask } from '#tasks/instruct-task.ts';
import { type PlanAgainOutcome, planAgain } from '#tasks/plan-again.ts';
import type { Button } from './press.ts';

/** What a button is about: its task, and the plan or the question that it stood under. */
export function split(target: string): { readonly task: TaskId; readonly about: string } {
  const at = target.indexOf('.');
  return { task: taskId(target.slice(0, at)), about: target.slice(at + 1) };
}

export const NO_TASK = 'There is no such task in this server. It may belong to another one.';
const OVER = 'The task is over, so Jules was told nothing. Ask again with `/jules`.';

/** Each says what became of the words that were written: nobody may think that Jules was told what it was not. */
export function refused(outcome: Exclude<InstructOutcome, { kind: 'told' }>): Reply {
  switch (outcome.kind) {
    case 'unknown_task':
      return refuse(outcome.kind, NO_TASK);
    case 'too_late':
      return refuse(outcome.kind, OVER);
    case 'not_started':
      return refuse(
        outcome.kind,
        'The task was not confirmed yet, so there is nobody to tell. Try again once it runs.',
      );
    case 'answered':
      return refuse(
        outcome.kind,
        `<@${outcome.by}> was quicker and has answered it; Jules was told their answer, not yours.`,
      );
    case 'stale_question':
      return refuse(
        outcome.kind,
        'Jules does not wait for this answer any more, so it was not told. Its card shows what it asks now.',
      );
    case 'stale_plan':
      return refuse(
        outcome.kind,
        'This is not the plan that waits now, so Jules was told nothing. Its card shows the newest one.',
      );
    case 'plan_approved':
      return refuse(outcome.kind, `<@${outcome.by}> has approved this plan already, so no changes were asked for.`);
    case 'moved_on':
      return refuse(outcome.kind, 'Jules has moved on since, so it was told nothing. Its card shows what it does now.');
    case 'too_many':
      return refuse(
        outcome.kind,
        'Twenty messages already wait until Jules takes them, so this one was not kept. Try again later.',
      );
    default:
      return refusedByGate(outcome);
  }
}

export async function instruct(context: Context, wish: Omit<Instruction, 'requestKey'>): Promise<Reply> {
  const outcome = await instructTask(context.rpc, context.actor, { ...wish, requestKey: context.interactionId });
  if (outcome.kind !== 'told') return refused(outcome);
  return tell(
    `📨 Kept for Jules, which is told as soon as it takes it. The thread of task #${outcome.task.number} shows when it was.`,
  );
}

type Dialog = { readonly id: string; readonly title: string; readonly label: string; readonly placeholder: string };

const dialog = ({ id, title, label, placeholder }: Dialog) =>
  ask({ customId: id, title, label, placeholder, isLong: true, minLength: 1, maxLength: INSTRUCTION_LIMIT });

export const answer: Button<'answer'> = {
  operation: 'task.steer',
  run: async (_context, { target }) =>
    dialog({
      id: customId('answering', target),
      title: 'Answer Jules',
      label: 'Your answer',
      placeholder: 'What Jules should know or do',
    }),
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

export const goOn = quick('Yes, go on.');
export const youDecide = quick('Decide yourself: take what fits the code best, and say in the pull request why.');

export const askChanges: Button<'ask_changes'> = {
  operation: 'task.steer',
  run: async (_context, { target }) =>
    dialog({
      id: customId('changes', target),
      title: 'Ask for changes of the plan',
      label: 'What to change',
      placeholder: 'For example: leave out step 3, and write the tests first',
    }),
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
  run: async (_context, { target }) =>
    dialog({
      id: customId('replying', target),
      title: 'Tell Jules something',
      label: 'Message',
      placeholder: 'What it should do differently, or look at',
    }),
};

export const replying: Button<'replying'> = {
  operation: 'task.steer',
  givesBack: true,
  run: (context, { target, answer: text }) => instruct(context, { taskId: taskId(target), kind: 'steer', text }),
};

function notApproved(outcome: Exclude<ApprovePlanOutcome, { kind: 'approved' }>): Reply {
  switch (outcome.kind) {
    case 'unknown_task':
      return refuse(outcome.kind, NO_TASK);
    case 'too_late':
      return refuse(outcome.kind, 'The task is over, so nothing was approved.');
    case 'stale_plan':
      return refuse(
        outcome.kind,
        'This is not the plan that waits now, so nothing was approved. Read the newest one on its card.',
      );
    case 'plan_approved':
      return refuse(outcome.kind, `<@${outcome.by}> has approved this plan already.`);
    case 'changes_asked':
      return refuse(
        outcome.kind,
        `<@${outcome.by}> has asked Jules for changes of this plan, so nothing was approved. The new plan comes on its card.`,
      );
    case 'own_task':
      return refuse(
        outcome.kind,
        `You asked for task #${outcome.task.number}, and this server wants somebody else to approve its plan.`,
      );
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
      return refuse(outcome.kind, NO_TASK);
    case 'too_late':
      return refuse(outcome.kind, 'Its plan does not wait to be made again. Its card shows what it does now.');
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
