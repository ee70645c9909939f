import { askForTask } from '#discord/ask-for-task.ts';
import type { Context } from '#discord/command.ts';
import { customId } from '#discord/custom-id.ts';
import { withReference } from '#discord/for-jules.ts';
import { FIELD_LIMIT, type Field, form } from '#discord/form.ts';
import { type Reply, refuse } from '#discord/reply.ts';
import { cut, hiddenSecrets, visible } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import { type TaskId, taskId } from '#kernel/ids.ts';
import { draftTask, type TaskDraft } from '#tasks/draft.ts';
import { noDraft } from './ask.ts';
import type { Button } from './press.ts';
import { instruct, split } from './steer.ts';

/**
 * A finished task is followed up in its session, where Jules has it still, or by a new task. The person chooses where both
 * can be; a session that is gone leaves the new task alone.
 */
type Draft = Extract<TaskDraft, { kind: 'draft' }>;

const SAME = 'same';
const NEW = 'new';

function where(): Field {
  const { label, same, anew } = words().dialogs.follow.where;
  const options = [
    { value: SAME, ...same },
    { value: NEW, ...anew },
  ];
  return { kind: 'choice', name: 'where', label, options, chosen: SAME };
}

function textField(about: string | undefined, value = ''): Field {
  const { label, placeholder } = words().dialogs.follow;
  return {
    kind: 'text',
    name: 'answer',
    label,
    ...(about !== undefined && { about }),
    placeholder,
    isLong: true,
    maxLength: FIELD_LIMIT,
    ...(value !== '' && { value }),
  };
}

function followForm(target: string, { number, goes_on: goesOn, may_ask: mayAsk }: Draft): Reply {
  const { title: titleOf, about } = words().dialogs.follow;
  const title = titleOf(number);
  if (!goesOn) return form({ customId: customId('following-anew', target), title, fields: [textField(about.onlyNew)] });
  const fields = mayAsk ? [textField(undefined), where()] : [textField(about.onlySame)];
  return form({ customId: customId('following', target), title, fields });
}

export const followUp: Button<'follow_up'> = {
  operation: 'task.steer',
  async run({ rpc, actor }, { target }) {
    const draft = await draftTask(rpc, actor, { taskId: taskId(target), verb: 'follow_up' });
    return draft.kind === 'draft' ? followForm(target, draft) : noDraft(draft);
  },
};

async function askAnew(context: Context, task: TaskId, text: string): Promise<Reply> {
  if (text.trim() === '') return refuse('empty_prompt', words().ask.nothingInIt);
  const draft = await draftTask(context.rpc, context.actor, { taskId: task, verb: 'follow_up' });
  if (draft.kind !== 'draft') return noDraft(draft);
  const { repo, branch } = draft;
  const parent = { taskId: task, as: 'follow_up' } as const;
  return askForTask(context, { prompt: withReference(draft, text), repo, branch, parent });
}

export const following: Button<'following'> = {
  operation: 'task.steer',
  givesBack: true,
  run: (context, { target, answer, fields }) =>
    fields['where'] === NEW
      ? askAnew(context, taskId(target), answer)
      : instruct(context, { taskId: taskId(target), kind: 'follow_up', text: answer }),
};

export const followingAnew: Button<'following-anew'> = {
  operation: 'task.create',
  givesBack: true,
  run: (context, { target, answer }) => askAnew(context, taskId(target), answer),
};

/** Of words that Jules was not told, since it has the session no more: they need not be written again. */
export const followAnew: Button<'follow-anew'> = {
  operation: 'task.create',
  async run({ rpc, actor }, { target }) {
    const { task, about } = split(target);
    const draft = await draftTask(rpc, actor, { taskId: task, verb: 'follow_up', about });
    if (draft.kind !== 'draft') return noDraft(draft);
    const { masked, follow } = words().dialogs;
    const { title, about: hints } = follow;
    // Who wrote it is not known here, so it is masked for everybody.
    const text = visible(draft.text ?? '');
    const isMasked = hiddenSecrets(draft.text ?? '') > 0;
    const hint = isMasked ? masked : text.length > FIELD_LIMIT ? hints.isCut : hints.onlyNew;
    return form({
      customId: customId('following-anew', task),
      title: title(draft.number),
      fields: [textField(hint, cut(text, FIELD_LIMIT))],
    });
  },
};
