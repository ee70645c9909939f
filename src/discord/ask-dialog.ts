import { draftRequest } from '#tasks/draft.ts';
import { checkedHere, refuseRequest } from './ask-for-task.ts';
import type { Context } from './command.ts';
import { customId } from './custom-id.ts';
import { form } from './form.ts';
import type { Reply } from './reply.ts';
import { type TaskWords, taskForm } from './task-form.ts';

/** Opens the dialog for a task, for those who may ask for one here; nothing is recorded before it is sent. */
export async function openAskDialog(context: Context, words: TaskWords): Promise<Reply> {
  checkedHere(context);
  const draft = await draftRequest(context.rpc, context.actor, words);
  if (draft.kind !== 'draft') return refuseRequest(draft);
  const usual = words.repo === undefined ? draft : { ...draft, repo: null };
  return form(taskForm({ customId: customId('asking', 'task'), title: 'Ask Jules', words, usual, asksPlan: true }));
}
