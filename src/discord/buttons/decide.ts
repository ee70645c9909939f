import { ago } from '#discord/cards/body.ts';
import { afterCancelling, whyExpired } from '#discord/cards/face.ts';
import { customId } from '#discord/custom-id.ts';
import { refusedByGate } from '#discord/refused.ts';
import { ask, type Reply, refuse, tell } from '#discord/reply.ts';
import { Refusal } from '#kernel/errors.ts';
import { type TaskId, taskId } from '#kernel/ids.ts';
import { type DecideOutcome, decideTask } from '#tasks/decide-task.ts';
import { type MayDecideOutcome, mayDecide } from '#tasks/may-decide.ts';
import type { TaskStatus, TaskView } from '#tasks/task.ts';
import type { Button } from './press.ts';

const REASON_LIMIT = 1000;

const by = (person: string | null) => (person === null ? '' : ` by <@${person}>`);
const when = (instant: Date | null) => (instant === null ? '' : ` ${ago(instant)}`);

const ENDED: Record<TaskStatus, (task: TaskView) => string> = {
  pending_confirmation: () => 'It still waits for a decision.',
  in_progress: (task) =>
    task.decided_by === null
      ? 'It started at once, since its requester may confirm.'
      : `Already confirmed${by(task.decided_by)}${when(task.decided_at)}.`,
  completed: () => 'Jules has already finished it.',
  rejected: (task) => `Already rejected${by(task.decided_by)}${when(task.decided_at)}.`,
  failed: () => 'It has already failed; ask again with `/jules`.',
  cancelled: (task) => `Already cancelled${by(task.ended_by)}.`,
  expired: (task) => `It has expired, since ${whyExpired(task)}; ask again with \`/jules\`.`,
};

export const NO_TASK = 'There is no such task in this server. It may belong to another one.';

/** Also for a person who was quicker than the card: what the task is by now, and who made it so. */
export function tooLate(task: TaskView): Reply {
  return refuse('too_late', `Too late for task #${task.number}. ${ENDED[task.status](task)}`);
}

/** One approval of several: said to the approver alone, while the card counts for everybody. */
function counted({ number, approvals, policy }: TaskView): Reply {
  const missing = policy.approvals - approvals.length;
  return tell(
    `✅ Your approval of task #${number} counts: ${approvals.length} of ${policy.approvals}. It starts after ${missing === 1 ? 'one more, of somebody else' : `${missing} more, of other people`}.`,
  );
}

function refused(
  outcome: Exclude<DecideOutcome, { kind: 'decided' }> | Exclude<MayDecideOutcome, { kind: 'allowed' }>,
): Reply {
  switch (outcome.kind) {
    case 'too_late':
      return tooLate(outcome.task);
    case 'unknown_task':
      return refuse('unknown_task', NO_TASK);
    case 'edited':
      return refuse(
        outcome.kind,
        `Task #${outcome.task.number} was edited since this button was shown, so nothing was confirmed. Read it again on its card, and press Confirm there.`,
      );
    case 'own_task':
      return refuse(
        'own_task',
        `You asked for task #${outcome.task.number}, and this server wants somebody else to approve it.`,
      );
    case 'counted':
      return counted(outcome.task);
    default:
      return refusedByGate(outcome);
  }
}

/** A task, and which of its words are meant: those that were never edited where none are named. */
export function wordsNamed(target: string): { readonly task: TaskId; readonly edits: number } {
  const [task = '', edits = '0'] = target.split('.');
  return { task: taskId(task), edits: Number(edits) };
}

export const confirm: Button<'confirm'> = {
  operation: 'task.confirm',
  async run({ rpc, actor }, { target }) {
    const { task, edits } = wordsNamed(target);
    const outcome = await decideTask(rpc, actor, { taskId: task, verb: 'confirm', edits });
    return outcome.kind === 'decided' ? { kind: 'deferUpdate' } : refused(outcome);
  },
};

const reasonDialog = (task: string) =>
  ask({
    customId: customId('reject-reason', task),
    title: 'Reject this task',
    label: 'Reason',
    about: 'The requester is told it, in a direct message.',
    placeholder: 'Why it should not be done, or what to change',
    isLong: true,
    minLength: 1,
    maxLength: REASON_LIMIT,
  });

/** Asks for the reason of those who may decide what can still be decided; nothing is decided before it is sent. */
export const reject: Button<'reject'> = {
  operation: 'task.confirm',
  async run({ rpc, actor }, { target }) {
    const outcome = await mayDecide(rpc, actor, { taskId: taskId(target), verb: 'reject' });
    return outcome.kind === 'allowed' ? reasonDialog(target) : refused(outcome);
  },
};

export const rejectReason: Button<'reject-reason'> = {
  operation: 'task.confirm',
  givesBack: true,
  async run({ rpc, actor }, { target, answer }) {
    const reason = answer.trim().slice(0, REASON_LIMIT).toWellFormed();
    if (reason === '') {
      throw new Refusal(
        'no_reason',
        'A rejection needs a reason, so nothing was decided. Press Reject again and write one.',
      );
    }
    const outcome = await decideTask(rpc, actor, { taskId: taskId(target), verb: 'reject', reason });
    return outcome.kind === 'decided' ? { kind: 'deferUpdate' } : refused(outcome);
  },
};

export const cancel: Button<'cancel'> = {
  operation: 'task.cancel',
  async run({ rpc, actor }, { target }) {
    const outcome = await decideTask(rpc, actor, { taskId: taskId(target), verb: 'cancel' });
    if (outcome.kind !== 'decided') return refused(outcome);
    return tell(`🚫 Task #${outcome.task.number} is cancelled. ${afterCancelling(outcome.task)}`);
  },
};
