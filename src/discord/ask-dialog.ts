import { draftRequest } from '#tasks/draft.ts';
import { checkedHere, refuseRequest } from './ask-for-task.ts';
import type { Context } from './command.ts';
import { customId } from './custom-id.ts';
import { form } from './form.ts';
import type { Reply } from './reply.ts';
import { type TaskWords, taskForm } from './task-form.ts';
import { words } from './words/words.ts';

/** Opens the dialog for a task, for those who may ask for one here; nothing is recorded before it is sent. */
export async function openAskDialog(context: Context, begun: TaskWords): Promise<Reply> {
  checkedHere(context);
  const draft = await draftRequest(context.rpc, context.actor, begun);
  if (draft.kind !== 'draft') return refuseRequest(draft);
  const usual = begun.repo === undefined ? draft : { ...draft, repo: null };
  const title = words().dialogs.task.titles.ask;
  return form(taskForm({ customId: customId('asking', 'task'), title, begun, usual, asksPlan: true }));
}
