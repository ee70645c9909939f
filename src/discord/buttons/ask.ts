import { askForTask } from '#discord/ask-for-task.ts';
import { customId } from '#discord/custom-id.ts';
import { form } from '#discord/form.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse, tell } from '#discord/reply.ts';
import { readTaskForm, taskForm } from '#discord/task-form.ts';
import { refuseTarget } from '#discord/wrong-target.ts';
import { taskId } from '#kernel/ids.ts';
import { draftTask, type TaskDraft } from '#tasks/draft.ts';
import { type EditOutcome, editTask } from '#tasks/edit-task.ts';
import type { TaskView } from '#tasks/task.ts';
import { NO_TASK, tooLate, wordsNamed } from './decide.ts';
import type { Button } from './press.ts';

/** What is asked for in a dialog: a new task, the same once more, or other words before anybody has confirmed them. */
export const asking: Button<'asking'> = {
  operation: 'task.create',
  givesBack: true,
  run: (context, { fields }) => askForTask(context, readTaskForm(fields)),
};

/** Where the dialog of a task is about one that is there, its repository stands in it and is not left out. */
const NOTHING_USUAL = { repo: null, branch: null, from: null };

export function noDraft(draft: Exclude<TaskDraft, { kind: 'draft' }>): Reply {
  switch (draft.kind) {
    case 'unknown_task':
      return refuse(draft.kind, NO_TASK);
    case 'too_late':
      return tooLate(draft.task);
    case 'not_requester':
      return notRequester(draft.by);
    default:
      return refusedByGate(draft);
  }
}

const notRequester = (by: string) =>
  refuse(
    'not_requester',
    `Only <@${by}>, who asked for it, may edit this task. Approvers can reject it and say what to change.`,
  );

export const retry: Button<'retry'> = {
  operation: 'task.create',
  async run({ rpc, actor }, { target }) {
    const draft = await draftTask(rpc, actor, { taskId: taskId(target), verb: 'retry' });
    if (draft.kind !== 'draft') return noDraft(draft);
    const { number, prompt, repo, branch, plan_review: planReview } = draft;
    const words = { prompt, repo, branch, planReview };
    const title = `Try task #${number} again`;
    return form(
      taskForm({ customId: customId('retrying', target), title, words, usual: NOTHING_USUAL, asksPlan: true }),
    );
  },
};

export const retrying: Button<'retrying'> = {
  operation: 'task.create',
  givesBack: true,
  run: (context, { target, fields }) =>
    askForTask(context, { ...readTaskForm(fields), parent: { taskId: taskId(target), as: 'retry' } }),
};

export const edit: Button<'edit'> = {
  operation: 'task.edit',
  async run({ rpc, actor }, { target }) {
    const draft = await draftTask(rpc, actor, { taskId: taskId(target), verb: 'edit' });
    if (draft.kind !== 'draft') return noDraft(draft);
    const { number, prompt, repo, branch, edits } = draft;
    // The words that stand in it are named: they may be others when it is sent.
    const id = customId('editing', `${target}.${edits}`);
    const words = { prompt, repo, branch };
    return form(
      taskForm({ customId: id, title: `Edit task #${number}`, words, usual: NOTHING_USUAL, asksPlan: false }),
    );
  },
};

function edited({ number, edited: last }: TaskView): Reply {
  const gone = last?.void ?? 0;
  const approvals =
    gone === 0 ? '' : ` ${gone === 1 ? 'The approval' : `The ${gone} approvals`} of the old words no longer count.`;
  return tell(`✏️ Task #${number} is edited.${approvals} It waits for a decision on what its card shows now.`);
}

function notEdited(outcome: Exclude<EditOutcome, { kind: 'edited' | 'unchanged' }>): Reply {
  switch (outcome.kind) {
    case 'edited_before':
      return refuse(
        outcome.kind,
        `Task #${outcome.task.number} was edited in another dialog since you opened this one, so nothing was changed. Press Edit… again.`,
      );
    case 'too_late':
      return tooLate(outcome.task);
    case 'not_requester':
      return notRequester(outcome.by);
    case 'unknown_task':
      return refuse(outcome.kind, NO_TASK);
    case 'no_key':
      return refuse(outcome.kind, 'There is no Jules key to work with any more, so nothing was changed.');
    case 'no_repo':
      return refuse(outcome.kind, 'No repository is named, so nothing was changed.');
    case 'unknown_repo':
    case 'unknown_branch':
      return refuseTarget(outcome, 'changed');
    default:
      return refusedByGate(outcome);
  }
}

export const editing: Button<'editing'> = {
  operation: 'task.edit',
  givesBack: true,
  async run({ rpc, actor }, { target, fields }) {
    const { task, edits } = wordsNamed(target);
    const { prompt, repo, branch } = readTaskForm(fields);
    const outcome = await editTask(rpc, actor, { taskId: task, edits, prompt, repo, branch });
    if (outcome.kind === 'edited') return edited(outcome.task);
    if (outcome.kind === 'unchanged') return tell(`Task #${outcome.task.number} says what it said before.`);
    return notEdited(outcome);
  },
};
