import { askForTask } from '#discord/ask-for-task.ts';
import type { Context } from '#discord/command.ts';
import { customId } from '#discord/custom-id.ts';
import { form } from '#discord/form.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse, tell } from '#discord/reply.ts';
import { readTaskForm, taskForm } from '#discord/task-form.ts';
import { hiddenSecrets, visible } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import { refuseTarget } from '#discord/wrong-target.ts';
import { type TaskId, taskId } from '#kernel/ids.ts';
import { draftTask, type TaskDraft } from '#tasks/draft.ts';
import { type EditOutcome, editTask } from '#tasks/edit-task.ts';
import { readTask } from '#tasks/read-task.ts';
import type { TaskView } from '#tasks/task.ts';
import { tooLate, wordsNamed } from './decide.ts';
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
      return refuse(draft.kind, words().ask.unknownTask);
    case 'too_late':
      return tooLate(draft.task);
    case 'not_requester':
      return notRequester(draft.by);
    default:
      return refusedByGate(draft);
  }
}

const notRequester = (by: string) => refuse('not_requester', words().ask.edited.notRequester(`<@${by}>`));

/** The draft of a retry, with the prompt as the one who opens it may see it: its author alone sees secrets in it. */
async function retryDraft({ rpc, actor }: Context, task: TaskId) {
  const draft = await draftTask(rpc, actor, { taskId: task, verb: 'retry' });
  if (draft.kind !== 'draft') return draft;
  const isAuthor = (await readTask(rpc, task))?.requester === actor.id;
  if (isAuthor) return { ...draft, isMasked: false };
  return { ...draft, prompt: visible(draft.prompt), isMasked: hiddenSecrets(draft.prompt) > 0 };
}

export const retry: Button<'retry'> = {
  operation: 'task.create',
  async run(context, { target }) {
    const draft = await retryDraft(context, taskId(target));
    if (draft.kind !== 'draft') return noDraft(draft);
    const { number, prompt, isMasked, repo, branch, plan_review: planReview } = draft;
    const begun = { prompt, isMasked, repo, branch, planReview };
    const title = words().dialogs.task.titles.retry(number);
    return form(
      taskForm({ customId: customId('retrying', target), title, begun, usual: NOTHING_USUAL, asksPlan: true }),
    );
  },
};

export const retrying: Button<'retrying'> = {
  operation: 'task.create',
  givesBack: true,
  async run(context, { target, fields }) {
    const id = taskId(target);
    const draft = await retryDraft(context, id);
    const shown = draft.kind === 'draft' ? draft.prompt : undefined;
    return askForTask(context, { ...readTaskForm(fields, shown), parent: { taskId: id, as: 'retry' } });
  },
};

export const edit: Button<'edit'> = {
  operation: 'task.edit',
  async run({ rpc, actor }, { target }) {
    const draft = await draftTask(rpc, actor, { taskId: taskId(target), verb: 'edit' });
    if (draft.kind !== 'draft') return noDraft(draft);
    const { number, prompt, repo, branch, edits } = draft;
    // The words that stand in it are named: they may be others when it is sent.
    const id = customId('editing', `${target}.${edits}`);
    const begun = { prompt, repo, branch };
    const title = words().dialogs.task.titles.edit(number);
    return form(taskForm({ customId: id, title, begun, usual: NOTHING_USUAL, asksPlan: false }));
  },
};

function edited({ number, edited: last }: TaskView): Reply {
  const said = words().ask.edited;
  const gone = last?.void ?? 0;
  return tell([said.done(number), ...(gone > 0 ? [said.approvalsGone(gone)] : []), said.waits].join(' '));
}

function notEdited(outcome: Exclude<EditOutcome, { kind: 'edited' | 'unchanged' }>): Reply {
  switch (outcome.kind) {
    case 'edited_before':
      return refuse(outcome.kind, words().ask.edited.before(outcome.task.number));
    case 'too_late':
      return tooLate(outcome.task);
    case 'not_requester':
      return notRequester(outcome.by);
    case 'unknown_task':
      return refuse(outcome.kind, words().ask.unknownTask);
    case 'no_key':
      return refuse(outcome.kind, words().ask.edited.noKey);
    case 'no_repo':
      return refuse(outcome.kind, words().ask.edited.noRepo);
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
    const draft = await draftTask(rpc, actor, { taskId: task, verb: 'edit' });
    const shown = draft.kind === 'draft' && draft.edits === edits ? draft.prompt : undefined;
    const { prompt, repo, branch } = readTaskForm(fields, shown);
    const outcome = await editTask(rpc, actor, { taskId: task, edits, prompt, repo, branch });
    if (outcome.kind === 'edited') return edited(outcome.task);
    if (outcome.kind === 'unchanged') return tell(words().ask.edited.unchanged(outcome.task.number));
    return notEdited(outcome);
  },
};
