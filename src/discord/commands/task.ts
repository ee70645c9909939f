import { type Context, defineCommand } from '#discord/command.ts';
import { deliveryPanel } from '#discord/panels/delivery.ts';
import { timelinePanel } from '#discord/panels/timeline.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse } from '#discord/reply.ts';
import { words } from '#discord/words/words.ts';
import { type HistoryWish, readHistory } from '#tasks/read-history.ts';
import { type MessagesWish, readTaskMessages } from '#tasks/task-messages.ts';

type Shown = 'message' | 'update';

export const noSuchTask = (number: number) => refuse('unknown_task', words().tasks.unknown(number));

export async function showTimeline({ rpc, actor }: Context, wish: HistoryWish, kind: Shown): Promise<Reply> {
  const outcome = await readHistory(rpc, actor, wish);
  if (outcome.kind === 'unknown_task') return noSuchTask(wish.number);
  if (outcome.kind !== 'history') return refusedByGate(outcome);
  return { kind, ephemeral: true, body: timelinePanel(outcome) };
}

export async function showDelivery({ rpc, actor }: Context, wish: MessagesWish, kind: Shown): Promise<Reply> {
  const outcome = await readTaskMessages(rpc, actor, wish);
  if (outcome.kind === 'unknown_task') return noSuchTask(wish.number);
  if (outcome.kind !== 'messages') return refusedByGate(outcome);
  return { kind, ephemeral: true, body: deliveryPanel(outcome) };
}

export const task = defineCommand({
  name: 'task',
  description: 'What happened to a task, and which of its messages reached Discord',
  operation: 'task.read',
  options: {
    number: { kind: 'integer', min: 1, max: 999_999_999, description: 'Its number, as on the card', required: true },
    view: {
      kind: 'string',
      choices: ['timeline', 'delivery'],
      description: 'timeline (left out): what happened; delivery: the messages that were owed, and what became of them',
    },
  },
  run: (context, { number, view = 'timeline' }) =>
    view === 'timeline'
      ? showTimeline(context, { number, after: 0 }, 'message')
      : showDelivery(context, { number, cursor: {} }, 'message'),
});
