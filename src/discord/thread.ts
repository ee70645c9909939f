import type { TaskView } from '#tasks/task.ts';
import { type PlaceProblem, placeProblem } from './failure.ts';
import type { MessageRow } from './message.ts';
import { parkMessage, recordMessage, recordThread } from './outbox.ts';
import type { Moment, SendDeps, Step } from './send.ts';
import { plain } from './text.ts';
import { type Words, words } from './words/words.ts';

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

/** What is kept of a thread's trouble is a code, which each card says in its own language. */
type Trouble = keyof Words['thread'];
const troubleOf = (problem: PlaceProblem): Trouble =>
  problem === 'forbidden' || problem === 'too_many_threads' ? problem : 'refused';

/** A row of an earlier version holds a sentence. */
function said(trouble: string | null): string | null {
  const sentences: Readonly<Record<string, string>> = words().thread;
  return trouble === null ? null : (sentences[trouble] ?? trouble);
}

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
    } else await recordThread(deps.rpc, card.id, { problem: troubleOf(problem) });
  }
}

/**
 * A thread that was made may be locked, closed to Verne or deleted. Locked or closed, its first unsent note knocks like a
 * closed card, those behind it wait, and the card says so for as long: what waits is told when the thread is open again.
 * What has waited for a day is given up, and a deleted thread takes nothing more; then the card says that for good.
 */
const LOST: Trouble = 'lost';
const GONE: Trouble = 'gone';

/** Where a card's notes go; null where there is no thread, or none any more. */
export const threadOf = (card: MessageRow | undefined) =>
  (card?.thread_problem === GONE ? null : card?.thread_id) ?? null;

export const isClosed = (notes: readonly MessageRow[]) =>
  notes.some(({ place, forbidden_at: at }) => place === 'thread' && at !== null);

/** What a card says of its thread. */
export function threadWords(card: MessageRow, notes: readonly MessageRow[]) {
  const { thread_id: id, thread_problem: problem } = card;
  if (id === null) return { threadProblem: said(problem) };
  return { threadTrouble: problem !== GONE && isClosed(notes) ? words().thread.locked : said(problem) };
}

/** What a thread's trouble means for a note that was meant for it; undefined where it is the note's own. */
export async function meetThread(
  { rpc, log }: SendDeps,
  { card, row }: { card: MessageRow; row: MessageRow },
  problem: PlaceProblem,
): Promise<Step | undefined> {
  const isGone = problem === 'channel_gone';
  if (!isGone && problem !== 'thread_locked' && problem !== 'forbidden') return undefined;
  log.warn({ message: row.id, view: row.view, problem }, 'A thread takes no notes');
  if (isGone) await recordThread(rpc, card.id, { problem: GONE });
  else await recordMessage(rpc, row.id, { forbidden: true });
  return { kind: 'again' };
}

/** Said before it is done: a card must not be silent about notes that are lost. */
export async function giveUpThread({ rpc, log }: SendDeps, card: MessageRow, notes: readonly MessageRow[]) {
  const waiting = notes.filter(({ place }) => place === 'thread');
  log.warn({ message: card.id, lost: waiting.length }, 'Notes for a thread that was closed for a day are given up');
  await recordThread(rpc, card.id, { problem: LOST });
  for (const { id } of waiting) await parkMessage(rpc, { id, reason: 'thread_locked' });
}
