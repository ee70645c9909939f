import { type Answer, after, type Delivery, done, type Handler, waitUntil } from '#kernel/handler.ts';
import { idIn, taskId } from '#kernel/ids.ts';
import { readTask } from '#tasks/read-task.ts';
import type { TaskView } from '#tasks/task.ts';
import { type Kin, readKin } from './kin.ts';
import { cardLetter, isOfNewer, NO_THREAD, noteLetter, tellsSomebody } from './letters.ts';
import { isMark, showMarks } from './marks.ts';
import { isGivenUp, type MessageRow } from './message.ts';
import { parkMessage, readMessages } from './outbox.ts';
import { type Letter, type Moment, orLater, type SendDeps, type Step, sendLetter } from './send.ts';
import { CLOSING, giveUpThread, isClosed, meetThread, openThread, threadOf, wantsThread } from './thread.ts';
import type { Language } from './words/language.ts';
import { speaking } from './words/words.ts';

type Scene = Moment & {
  readonly language: Language;
  readonly task: TaskView | null;
  readonly kin: Kin;
  readonly cards: readonly MessageRow[];
  readonly notes: readonly MessageRow[];
  readonly marks: readonly MessageRow[];
  readonly hasNewer: boolean;
};

async function readScene(deps: SendDeps, { key, signal }: Delivery): Promise<Scene> {
  // The task is read last: a note must never be newer than the state that it is shown with.
  const { messages, now, language } = await readMessages(deps.rpc, key);
  const task = key.startsWith('task:') ? await readTask(deps.rpc, taskId(idIn(key))) : null;
  return {
    now,
    language,
    signal,
    task,
    kin: await readKin(deps, task),
    cards: messages.filter(({ kind }) => kind === 'card'),
    notes: messages.filter((row) => row.kind === 'note' && !isMark(row) && !isOfNewer(row)),
    marks: messages.filter(isMark),
    hasNewer: messages.some((row) => !isMark(row) && isOfNewer(row)),
  };
}

async function showCards(deps: SendDeps, scene: Scene): Promise<Step[]> {
  const { task, cards, notes, kin } = scene;
  const steps: Step[] = [];
  for (const row of task ? cards : [])
    if (task) steps.push(await sendLetter(deps, cardLetter({ row, task, notes, kin: kin.links }), scene));
  return steps;
}

const mayHaveThread = (card: MessageRow) =>
  card.message_id !== null && card.parked_reason === null && card.thread_problem === null;

async function showThread(deps: SendDeps, scene: Scene, [shown]: readonly Step[]): Promise<Step[]> {
  const { task, cards, notes } = scene;
  const card = cards[0];
  if (!task || !card || card.thread_id !== null || !mayHaveThread(card) || !wantsThread(task, notes)) return [];
  // A channel that is closed for now would refuse a thread as well, and that is asked once.
  if (card.forbidden_at !== null && shown?.kind !== 'settled') return [];
  const opened = orLater(scene, async () => {
    await openThread(deps, { card, task }, scene);
    return { kind: 'again' };
  });
  return [await opened];
}

/** A note that nobody can make a message of is a defect, but not one of the notes behind it. */
function letterFor({ client, log }: SendDeps, { task, cards, signal }: Scene, row: MessageRow): Letter | undefined {
  const card = cards[0];
  const channel = async () => {
    if (row.place === 'dm') return client.openDm(row.place_id, { signal });
    return (row.place === 'thread' && threadOf(card)) || row.place_id;
  };
  try {
    return noteLetter({ row, task, card, channel });
  } catch (err) {
    log.error({ message: row.id, view: row.view, err }, 'A note cannot be shown');
    return undefined;
  }
}

async function setAside({ rpc }: SendDeps, { id }: MessageRow, reason: string): Promise<Step> {
  await parkMessage(rpc, { id, reason });
  return { kind: 'settled' };
}

/** Without a thread the card alone tells the story; only what waits for somebody is told in the channel. */
async function withoutThread(deps: SendDeps, letter: Letter): Promise<Step> {
  const { row } = letter;
  if (!tellsSomebody(letter)) return setAside(deps, row, NO_THREAD);
  await parkMessage(deps.rpc, { id: row.id, reason: NO_THREAD, instead: { place: 'channel', id: row.place_id } });
  return { kind: 'again' };
}

async function showInThread(deps: SendDeps, scene: Scene, letter: Letter): Promise<Step> {
  const { cards, notes } = scene;
  const { row } = letter;
  const card = cards[0];
  if (!card || threadOf(card) === null) {
    if (row.view === CLOSING) return setAside(deps, row, NO_THREAD);
    // Its thread will come with the next fact.
    return card && mayHaveThread(card) ? { kind: 'settled' } : withoutThread(deps, letter);
  }
  if (isGivenUp(row)) {
    await giveUpThread(deps, card, notes);
    return { kind: 'again' };
  }
  const step = await sendLetter(deps, { ...letter, met: (problem) => meetThread(deps, { card, row }, problem) }, scene);
  // Open again: the card must not go on saying that it is not.
  return step.kind === 'settled' && row.forbidden_at !== null ? { kind: 'again' } : step;
}

const byPlace = (notes: readonly MessageRow[], isThread: boolean) =>
  notes.filter(({ place }) => (place === 'thread') === isThread);

/** While a thread is closed, what waits for somebody does not wait for the thread. */
async function leaveThread(deps: SendDeps, scene: Scene): Promise<Step[]> {
  if (!isClosed(scene.notes)) return [];
  const steps: Step[] = [];
  for (const row of byPlace(scene.notes, true)) {
    const letter = letterFor(deps, scene, row);
    if (letter && tellsSomebody(letter)) steps.push(await withoutThread(deps, letter));
  }
  return steps;
}

async function showNote(deps: SendDeps, scene: Scene, row: MessageRow): Promise<Step> {
  const letter = letterFor(deps, scene, row);
  if (!letter) return setAside(deps, row, 'not_to_be_shown');
  return row.place === 'thread' ? showInThread(deps, scene, letter) : sendLetter(deps, letter, scene);
}

/**
 * In order within a place: behind one that must wait, the others wait as well. What tells people comes before what is
 * only to be followed, of which there may be much.
 */
async function showNotes(deps: SendDeps, scene: Scene): Promise<Step[]> {
  const held = new Set<string>();
  const steps: Step[] = [];
  for (const row of [...byPlace(scene.notes, false), ...byPlace(scene.notes, true)]) {
    const place = `${row.place} ${row.place_id}`;
    if (held.has(place)) continue;
    const step = await showNote(deps, scene, row);
    if (step.kind !== 'settled') held.add(place);
    steps.push(step);
  }
  return steps;
}

const isMissing = (card: MessageRow) => card.message_id === null && card.parked_reason === null;
const isAgain = ({ kind }: Step) => kind === 'again';

async function pass(deps: SendDeps, scene: Scene): Promise<Step[]> {
  const cards = await showCards(deps, scene);
  // Notes answer the card and stand in its thread: they come after it, or after it was given up.
  if (cards.some(isAgain) || scene.cards.some(isMissing)) return cards;
  const marks = await showMarks(deps, scene.marks, scene);
  if (marks.some(isAgain)) return marks;
  const thread = await showThread(deps, scene, cards);
  if (thread.some(isAgain)) return thread;
  const moved = await leaveThread(deps, scene);
  if (moved.some(isAgain)) return moved;
  return [...cards, ...marks, ...thread, ...(await showNotes(deps, scene))];
}

function answerOf(steps: readonly Step[], now: Date): Answer {
  const instants = steps.flatMap((step) => (step.kind === 'wait' ? [step.until.getTime()] : []));
  const later = steps.filter((step) => step.kind === 'later').toSorted((one, other) => one.afterMs - other.afterMs)[0];
  // Before what failed: an outage must not use up its tries.
  if (later) {
    const { reason, afterMs } = later;
    return { kind: 'retry', reason, afterMs, ...(afterMs > 0 && { named: true }), uncounted: true };
  }
  const failed = steps.find((step) => step.kind === 'failed');
  if (failed) return { kind: 'retry', reason: failed.reason };
  if (steps.some(isAgain)) return waitUntil(now);
  return instants.length > 0 ? waitUntil(new Date(Math.min(...instants))) : done;
}

const LOOKS_A_WAIT = 40;
const MAX_LOOK_MS = 10 * 60_000;
const NO_PLACE_LOOK_MS = 60_000;

/**
 * The card of a relative that is still to be posted is linked then. A place in the queue changes by what others do, which no fact about this task tells. So a card that shows one is looked
 * at again: the more often, the shorter the wait is; a small part of a long wait changes little for anybody.
 */
function lookAgain({ times }: SendDeps, { now, task, cards, kin }: Scene): Step[] {
  if (kin.isComing) return [{ kind: 'wait', until: after(now, 5 * times.editMs) }];
  const queue = task?.status === 'in_progress' ? task.session?.queue : null;
  if (!queue || cards.every((card) => card.parked_reason !== null)) return [];
  const waitMs = queue.place === undefined ? NO_PLACE_LOOK_MS : ((queue.wait_s ?? 0) * 1000) / LOOKS_A_WAIT;
  const everyMs = Math.max(5 * times.editMs, Math.min(waitMs, MAX_LOOK_MS));
  return [{ kind: 'wait', until: after(now, everyMs) }];
}

const NEWER_LOOK_MS = 60_000;

/** Whoever takes the lane then may be a process of the newer release. */
function leaveToNewer({ log }: SendDeps, { now, task, hasNewer }: Scene): Step[] {
  if (!hasNewer) return [];
  log.info({ task: task?.id }, 'A note of a newer release is left to its processes');
  return [{ kind: 'wait', until: after(now, NEWER_LOOK_MS) }];
}

/** More turns than one subject ever needs at once; then the lane comes back by itself. */
const MAX_PASSES = 10;

/**
 * Makes Discord look like the state of one subject, and is the only one who does: its card, then the thread from the
 * card, then its unsent notes, those before that are only a sign on a person's message. What is shown is read from the database each time; the fact that woke the lane says only
 * that something changed.
 */
export function showSubject(deps: SendDeps): Handler {
  return async (delivery) => {
    let now = delivery.now;
    let steps: Step[] = [];
    for (let turn = 0; turn < MAX_PASSES; turn += 1) {
      delivery.signal.throwIfAborted();
      const scene = await readScene(deps, delivery);
      now = scene.now;
      const shown = await speaking(scene.language, () => pass(deps, scene));
      steps = [...shown, ...lookAgain(deps, scene), ...leaveToNewer(deps, scene)];
      if (!steps.some(isAgain)) break;
    }
    return answerOf(steps, now);
  };
}
