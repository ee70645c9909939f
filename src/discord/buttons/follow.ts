import { askForTask } from '#discord/ask-for-task.ts';
import type { Context } from '#discord/command.ts';
import { customId } from '#discord/custom-id.ts';
import { FIELD_LIMIT, type Field, form } from '#discord/form.ts';
import { type Reply, refuse } from '#discord/reply.ts';
import { cut } from '#discord/text.ts';
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

const where: Field = {
  kind: 'choice',
  name: 'where',
  label: 'Where',
  options: [
    { value: SAME, label: 'In the same session', about: 'Jules goes on at once, on the same branch.' },
    {
      value: NEW,
      label: 'As a new task',
      about: 'With a card of its own, to be confirmed like any other. It names the pull request.',
    },
  ],
  chosen: SAME,
};

const textField = (about: string | undefined, value = ''): Field => ({
  kind: 'text',
  name: 'answer',
  label: 'What else to do',
  ...(about !== undefined && { about }),
  placeholder: 'For example: add a test for the empty list',
  isLong: true,
  maxLength: FIELD_LIMIT,
  ...(value !== '' && { value }),
});

const ONLY_NEW = 'Its session cannot go on, so this asks for a new task that names the pull request.';
const ONLY_SAME = 'Jules goes on in the same session, on the same branch.';

function followForm(target: string, { number, goes_on: goesOn, may_ask: mayAsk }: Draft): Reply {
  const title = `Follow up on task #${number}`;
  if (!goesOn) return form({ customId: customId('following-anew', target), title, fields: [textField(ONLY_NEW)] });
  const fields = mayAsk ? [textField(undefined), where] : [textField(ONLY_SAME)];
  return form({ customId: customId('following', target), title, fields });
}

export const followUp: Button<'follow_up'> = {
  operation: 'task.steer',
  async run({ rpc, actor }, { target }) {
    const draft = await draftTask(rpc, actor, { taskId: taskId(target), verb: 'follow_up' });
    return draft.kind === 'draft' ? followForm(target, draft) : noDraft(draft);
  },
};

const QUOTED = 500;

/** Jules has never seen the earlier task: it is told where to look, or what that one was to do. */
function withReference({ pr_url: url, prompt }: Pick<Draft, 'pr_url' | 'prompt'>, words: string): string {
  const earlier = url
    ? `Follow-up on ${url} (look at what it changes, and build on it):`
    : `Follow-up on an earlier task, which was:\n${cut(prompt.trim(), QUOTED).replace(/^/gm, '> ')}`;
  return `${earlier}\n\n${words}`;
}

const BLANK = refuse('empty_prompt', 'There is nothing in it, so nothing was recorded. Write what else is to be done.');

async function askAnew(context: Context, task: TaskId, words: string): Promise<Reply> {
  if (words.trim() === '') return BLANK;
  const draft = await draftTask(context.rpc, context.actor, { taskId: task, verb: 'follow_up' });
  if (draft.kind !== 'draft') return noDraft(draft);
  const { repo, branch } = draft;
  const parent = { taskId: task, as: 'follow_up' } as const;
  return askForTask(context, { prompt: withReference(draft, words), repo, branch, parent });
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
    const words = draft.text ?? '';
    const isCut = words.length > FIELD_LIMIT;
    const hint = isCut ? 'Only its beginning fits here; the file has all of it.' : ONLY_NEW;
    return form({
      customId: customId('following-anew', task),
      title: `Follow up on task #${draft.number}`,
      fields: [textField(hint, cut(words, FIELD_LIMIT))],
    });
  },
};
