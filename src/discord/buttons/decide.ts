import { ago } from '#discord/cards/body.ts';
import { afterCancelling } from '#discord/cards/face.ts';
import { customId } from '#discord/custom-id.ts';
import { refusedByGate } from '#discord/refused.ts';
import { ask, type Reply, refuse, tell } from '#discord/reply.ts';
import { type Words, words } from '#discord/words/words.ts';
import { Refusal } from '#kernel/errors.ts';
import { type TaskId, taskId } from '#kernel/ids.ts';
import { type DecideOutcome, decideTask } from '#tasks/decide-task.ts';
import { type MayDecideOutcome, mayDecide } from '#tasks/may-decide.ts';
import type { TaskStatus, TaskView } from '#tasks/task.ts';
import type { Button } from './press.ts';

const REASON_LIMIT = 1000;

const mention = (person: string) => `<@${person}>`;
const when = (instant: Date | null) => (instant === null ? '' : ago(instant));

/** What a task is by now, and who made it so. */
const NOW: Record<TaskStatus, (now: Words['decide']['now'], task: TaskView) => string> = {
  pending_confirmation: (now) => now.pending,
  in_progress: (now, { decided_by: by, decided_at: at }) =>
    by === null ? now.startedAtOnce : now.confirmed(mention(by), when(at)),
  completed: (now) => now.completed,
  rejected: (now, { decided_by: by, decided_at: at }) =>
    by === null ? now.rejected : now.rejectedBy(mention(by), when(at)),
  failed: (now) => now.failed,
  cancelled: (now, { ended_by: by }) => (by === null ? now.cancelled : now.cancelledBy(mention(by))),
  expired: (now, { approvals, policy }) =>
    approvals.length === 0 ? now.undecided : now.tooFew(approvals.length, policy.approvals),
};

/** Also for a person who was quicker than the card. */
export function tooLate(task: TaskView): Reply {
  const { decide } = words();
  return refuse('too_late', decide.tooLate(task.number, NOW[task.status](decide.now, task)));
}

/** One approval of several: said to the approver alone, while the card counts for everybody. */
function counted({ number, approvals, policy }: TaskView): Reply {
  const { decide } = words();
  const missing = policy.approvals - approvals.length;
  return tell(
    [
      decide.counts(number, approvals.length, policy.approvals),
      missing === 1 ? decide.startsAfterOne : decide.startsAfter(missing),
    ].join(' '),
  );
}

function refused(
  outcome: Exclude<DecideOutcome, { kind: 'decided' }> | Exclude<MayDecideOutcome, { kind: 'allowed' }>,
): Reply {
  switch (outcome.kind) {
    case 'too_late':
      return tooLate(outcome.task);
    case 'unknown_task':
      return refuse(outcome.kind, words().ask.unknownTask);
    case 'edited':
      return refuse(outcome.kind, words().decide.edited(outcome.task.number));
    case 'own_task':
      return refuse(outcome.kind, words().decide.ownTask(outcome.task.number));
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
    ...words().dialogs.reject,
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
      throw new Refusal('no_reason', words().decide.noReason);
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
    return tell([words().decide.cancelled(outcome.task.number), afterCancelling(outcome.task)].join(' '));
  },
};
