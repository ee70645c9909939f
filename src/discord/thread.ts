import type { TaskView } from '#tasks/task.ts';
import { type PlaceProblem, placeProblem } from './failure.ts';
import type { MessageRow } from './message.ts';
import { parkMessage, recordThread } from './outbox.ts';
import type { Moment, SendDeps } from './send.ts';
import { plain } from './text.ts';

const NAME_CHARS = 100;

/** `#12 Fix the failing login test`: plain text, which Discord reads no markdown in. */
export const threadName = ({ number, prompt }: Pick<TaskView, 'number' | 'prompt'>) =>
  plain(`#${number} ${prompt}`, NAME_CHARS);

/** The view of a thread's last note: it ends a thread and makes none. */
export const CLOSING = 'closing';

/** A task gets its thread when there is something to follow or to tell; one that was never confirmed has none. */
export const wantsThread = ({ status, session }: TaskView, notes: readonly MessageRow[]) =>
  session !== null &&
  (status === 'in_progress' ||
    session.opened_at !== null ||
    notes.some(({ place, view }) => place === 'thread' && view !== CLOSING));

const WHY: Partial<Record<PlaceProblem, string>> = {
  forbidden:
    'Verne may not create threads in this channel (it needs Create Public Threads and Send Messages in Threads).',
  too_many_threads: 'This server has as many active threads as Discord allows.',
};

/** Makes the thread of a posted card, once: it has the card's id, so a second attempt finds the first one's. */
export async function openThread(deps: SendDeps, { card, task }: { card: MessageRow; task: TaskView }, at: Moment) {
  const { channel_id: channelId, message_id: messageId } = card;
  if (channelId === null || messageId === null) return;
  try {
    const threadId = await deps.client.startThread({ channelId, messageId, name: threadName(task) }, at);
    await recordThread(deps.rpc, card.id, { threadId });
  } catch (error) {
    const problem = placeProblem(error);
    if (problem === undefined) throw error;
    deps.log.warn({ message: card.id, problem }, 'A card has no thread');
    // Asked from within a thread: that one is the place to follow it.
    if (problem === 'wrong_channel') await recordThread(deps.rpc, card.id, { threadId: channelId });
    else if (problem === 'message_gone' || problem === 'channel_gone') {
      await parkMessage(deps.rpc, { id: card.id, reason: problem });
    } else await recordThread(deps.rpc, card.id, { problem: WHY[problem] ?? 'Discord refused to make one.' });
  }
}
