import { inline } from '#discord/text.ts';
import type { SessionPhase } from '#tasks/session.ts';
import type { TaskStatus, TaskView } from '#tasks/task.ts';

/** How a task looks at a glance: colour, sign and word together, since a colour alone tells nothing to many. */
export type Face = { readonly color: number; readonly title: string; readonly sentence: string };

const COLOR = {
  waiting: 0xf39c12,
  going: 0x3498db,
  done: 0x2ecc71,
  failed: 0xe74c3c,
  over: 0x9b59b6,
} as const;

/** `#12` of a pull request's address. */
const pullNumber = (url: string) => `#${url.slice(url.lastIndexOf('/') + 1)}`;

const DEVELOPMENT = '🛠 Development started…';

const going = (title: string, sentence: string): Face => ({ color: COLOR.going, title, sentence });
const needsEyes = (title: string, sentence: string): Face => ({ color: COLOR.waiting, title, sentence });

function queued(task: TaskView): Face {
  const place = task.session?.queue?.place;
  return going(
    '⏳ Confirmed, waiting for its turn',
    place
      ? `Place ${place} in the queue of this Jules key: it starts as soon as the key's limits allow it.`
      : "It starts as soon as the Jules key's limits allow it.",
  );
}

const ENDED = going(DEVELOPMENT, 'Jules has ended its session; Verne is writing down what came of it.');

const GOING: Record<SessionPhase, (task: TaskView) => Face> = {
  queued,
  opening: () => going(DEVELOPMENT, 'Verne is opening a session at Jules.'),
  unsure: () =>
    needsEyes(
      '⚠️ Not sure whether Jules began',
      'Three attempts to open a session had no clear answer, and no session of this task was found. Nothing is repeated by itself. Look at jules.google.com, then cancel this task and ask again if nothing runs there.',
    ),
  planning: () => going(DEVELOPMENT, 'Jules is reading the repository and making a plan.'),
  approving: () => going(DEVELOPMENT, 'Jules has a plan; Verne is approving it.'),
  working: () => going(DEVELOPMENT, 'Jules is working on the plan.'),
  needs_input: () =>
    needsEyes('❓ Jules has a question', 'Jules waits for an answer and does nothing until then. Answer on its page.'),
  paused: () => needsEyes('⏸️ Jules has paused', 'Jules stopped without saying why. Its page may tell more.'),
  finishing: () =>
    going(
      '🏁 Jules says it is done',
      'Verne waits a little longer for the pull request, which may still be on its way.',
    ),
  unknown: (task) =>
    needsEyes(
      '❔ Jules is in a state that Verne does not know',
      `Jules calls it “${inline(task.session?.jules_state ?? '', 80) || 'nothing'}”. Verne keeps looking.`,
    ),
  stopped: () => ENDED,
  done_pr: () => ENDED,
  done_patch: () => ENDED,
  done_nothing: () => ENDED,
  failed: () => ENDED,
};

function completed(task: TaskView): Face {
  if (task.pr_url !== null) {
    return {
      color: COLOR.done,
      title: `✅ PR ready: ${task.repo}${pullNumber(task.pr_url)}`,
      sentence: `Jules finished and opened a pull request: ${task.pr_url}`,
    };
  }
  if (task.session?.phase === 'done_patch') {
    return {
      color: COLOR.done,
      title: '📦 Finished with a patch, without a pull request',
      sentence: 'Jules made changes but opened no pull request. Publish them from its page, or take the patch there.',
    };
  }
  return {
    color: COLOR.done,
    title: '📭 Finished without changes',
    sentence: 'Jules ended its session without a pull request and without a patch. Its page says what it found.',
  };
}

/** Whether Jules may still be at work on a cancelled task: its session is not known to be stopped yet. */
const isRunning = ({ session }: TaskView) => session !== null && session.phase !== 'stopped';

const MAY_APPEAR = 'a pull request that was nearly made may still appear.';

/** What a cancellation did, as far as it is done by now. */
export function afterCancelling(task: TaskView): string {
  if (isRunning(task)) return `Verne archives its session, which is the only way to stop Jules; ${MAY_APPEAR}`;
  if (task.session?.opened_at) return `Its session is archived, which is the only way to stop Jules; ${MAY_APPEAR}`;
  return 'Nothing was run.';
}

const cancelled = (task: TaskView): Face => ({
  color: COLOR.over,
  title: '🚫 Task cancelled',
  sentence: `Cancelled${task.ended_by === null ? '' : ` by <@${task.ended_by}>`}. ${afterCancelling(task)}`,
});

const failed = ({ session }: TaskView): Face => ({
  color: COLOR.failed,
  title: '⛔ Task failed',
  sentence: session?.opened_at
    ? 'It did not come to an end. A pull request that turns up later is still shown here.'
    : 'Jules never began, so nothing was run.',
});

const FACES: Record<TaskStatus, (task: TaskView) => Face> = {
  pending_confirmation: () => ({
    color: COLOR.waiting,
    title: '🧠 New Jules Task Requested',
    sentence: '⏳ Waiting for admin confirmation…',
  }),
  in_progress: (task) => GOING[task.session?.phase ?? 'queued'](task),
  completed,
  rejected: () => ({ color: COLOR.over, title: '❌ Task rejected by Admin.', sentence: 'Nothing was run.' }),
  failed,
  cancelled,
  expired: () => ({
    color: COLOR.over,
    title: '⌛ Task expired',
    sentence: 'Nobody decided in time; nothing was run. Ask again with `/jules`.',
  }),
};

export const faceOf = (task: TaskView): Face => FACES[task.status](task);
