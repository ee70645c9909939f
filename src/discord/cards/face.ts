import { cut, inline } from '#discord/text.ts';
import { capital } from '#discord/words.ts';
import type { SessionPhase } from '#tasks/session.ts';
import type { TaskStatus, TaskView } from '#tasks/task.ts';
import { isLink } from './body.ts';
import { count, counted } from './clip.ts';
import { stepNow } from './plan.ts';
import { deletedFace, silentFace } from './stuck.ts';

/**
 * How a task looks at a glance: colour, sign and word together, since a colour alone tells nothing to many. The sentence
 * says what happens now, and who has to do what; where nobody is named, nobody has to do anything.
 */
export type Face = { readonly color: number; readonly title: string; readonly sentence: string };

export const COLOR = {
  waiting: 0xf39c12,
  going: 0x3498db,
  done: 0x2ecc71,
  failed: 0xe74c3c,
  over: 0x9b59b6,
} as const;

/** `#12` of a pull request's address. */
const pullNumber = (url: string) => `#${url.slice(url.lastIndexOf('/') + 1).slice(0, 20)}`;

const DEVELOPMENT = '🛠 Development started…';

const going = (title: string, sentence: string): Face => ({ color: COLOR.going, title, sentence });
const needsEyes = (title: string, sentence: string): Face => ({ color: COLOR.waiting, title, sentence });

const byButton = ({ session }: TaskView, label: string) => (isLink(session?.url) ? ` (button “${label}”)` : '');

/** `about 12 minutes`: an estimate is never more exact than it can be. */
function roughly(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  return minutes < 60 ? `about ${counted(minutes, 'minute')}` : `about ${counted(Math.round(minutes / 60), 'hour')}`;
}

const WAITS_FOR = {
  at_once: 'one of the sessions that run with this Jules key ends',
  per_day: 'one of the tasks that this Jules key may start in 24 hours comes back',
  key: 'Jules takes its key again',
} as const;

const EXPIRED = 'The plan of the last session expired before Verne could approve it';

function queued({ session }: TaskView): Face {
  const { place, because, wait_s: wait } = session?.queue ?? {};
  if (because === 'paused') {
    return going(
      '⏸️ Confirmed, but Verne is paused',
      'It waits without a place in the queue and goes on when the pause is over.',
    );
  }
  const where = place ? `Place ${count(place)} in the queue${wait ? `, ${roughly(wait)} to go` : ''}. ` : '';
  const when = because ? `when ${WAITS_FOR[because]}` : 'as soon as the limits of the Jules key allow it';
  const again = session?.recreated ? `${EXPIRED}. ` : '';
  return going('⏳ Confirmed, waiting for its turn', `${again}${where}It starts by itself ${when}.`);
}

const opening = (task: TaskView) =>
  going(
    `${DEVELOPMENT} opening a session`,
    task.session?.recreated
      ? `${EXPIRED}, so Verne opens another session at Jules.`
      : 'Verne is opening a session at Jules.',
  );

const WHY_UNSURE = {
  attempts: 'Three attempts to open a session had no clear answer, and no session of this task was found.',
  key: 'An attempt to open a session had no clear answer, and its Jules key is gone since, so that Verne cannot look for the session.',
} as const;

const unsure = ({ requester, session }: TaskView) =>
  needsEyes(
    '⚠️ Not sure whether Jules began',
    `${WHY_UNSURE[session?.unsure_because ?? 'attempts']} Nothing is repeated by itself. <@${requester}> or an approver: look at jules.google.com; if nothing runs there, press Cancel and ask again with \`/jules\`.`,
  );

function working(task: TaskView): Face {
  const now = stepNow(task);
  const step = now && now.done < now.of ? `, step ${count(now.done + 1)} of ${count(now.of)}` : '';
  if (task.session?.resumes) {
    return going(
      `▶️ Jules came back to work${step}`,
      `Jules had finished and goes on in the same session. <@${task.requester}> is told in this channel what comes of it.`,
    );
  }
  return going(
    `${DEVELOPMENT} working${step}`,
    `Jules works on the plan. <@${task.requester}> is told in this channel what comes of it.`,
  );
}

const planReview = ({ plan }: TaskView) =>
  needsEyes(
    '📝 The plan waits for you',
    plan
      ? 'Jules goes on once an approver has read the plan and presses Approve plan; or ask for changes. It keeps a plan for about ten minutes; after that it has to plan again.'
      : 'Jules has a plan, which Verne is fetching.',
  );

const planExpired = ({ session }: TaskView) =>
  needsEyes(
    '⌛ The plan was not approved in time',
    session?.plan_approved_by
      ? `<@${session.plan_approved_by}> approved it, but Jules keeps a plan for about ten minutes and had dropped it by then. Nothing was run. Press Plan again when somebody is there to read the next one soon, or Cancel.`
      : 'Jules keeps a plan for about ten minutes, and nobody approved this one. Nothing was run. Press Plan again when somebody is there to read it, or Cancel.',
  );

const needsInput = (task: TaskView) =>
  needsEyes(
    '❓ Jules has a question',
    `Jules waits for an answer and does nothing until then. <@${task.requester}>: press Answer…, or answer on its page in Jules.`,
  );

const paused = (task: TaskView) =>
  needsEyes(
    '⏸️ Jules has paused',
    `Jules stopped without saying why. <@${task.requester}>: look at its page in Jules${byButton(task, 'Open in Jules')}. If it does not go on there, press Cancel and ask again with \`/jules\`.`,
  );

const finishing = () =>
  going('🏁 Jules says it is done', 'Verne waits a little longer for the pull request, which may still be on its way.');

const unknown = ({ session }: TaskView) =>
  needsEyes(
    '❔ Jules is in a state that Verne does not know',
    `Jules calls it “${inline(session?.jules_state ?? '', 80) || 'nothing'}”. Verne keeps looking, and goes on when it is one that it knows. Its page in Jules may tell more.`,
  );

const ended = () =>
  going(`${DEVELOPMENT} ending`, 'Jules has ended its session; Verne is writing down what came of it.');

const GOING: Record<SessionPhase, (task: TaskView) => Face> = {
  queued,
  opening,
  unsure,
  planning: () => going(`${DEVELOPMENT} planning`, 'Jules is reading the repository and making a plan.'),
  plan_review: planReview,
  plan_expired: planExpired,
  approving: () => going(`${DEVELOPMENT} plan ready`, 'Jules has a plan; Verne is approving it.'),
  working,
  needs_input: needsInput,
  paused,
  finishing,
  unknown,
  stopped: ended,
  done_pr: ended,
  done_patch: ended,
  done_nothing: ended,
  failed: ended,
};

const WHERE_PAUSED = { here: 'in this server', everywhere: 'everywhere by those who run it' } as const;

/** What was let in, and may not begin. */
function heldByPause({ session }: TaskView): Face | null {
  if (!session?.paused) return null;
  const where = WHERE_PAUSED[session.paused];
  return session.phase === 'approving'
    ? going(
        '⏸️ Plan ready, but Verne is paused',
        `Verne is paused ${where}, so it approves the plan when the pause is over; where Jules has dropped it by then, in a new session.`,
      )
    : going(
        '⏸️ Confirmed, but Verne is paused',
        `Verne is paused ${where}, so nothing is opened at Jules. It goes on by itself when the pause is over.`,
      );
}

function silent(task: TaskView): Face | null {
  const said = silentFace(task);
  return said && needsEyes(said.title, said.sentence);
}

/** A face that says all is well must not stand above a problem. */
function inProgress(task: TaskView): Face {
  const face = heldByPause(task) ?? silent(task) ?? GOING[task.session?.phase ?? 'queued'](task);
  if (task.last_error === null || face.color !== COLOR.going) return face;
  return needsEyes(
    '⚠️ Development is held up',
    'Something stands in the way; what it is, and what helps, is told below. The task is kept, and goes on as soon as it can.',
  );
}

function completed(task: TaskView): Face {
  const { pr_url: url, pr_source: source, session } = task;
  if (url !== null) {
    const how =
      source === 'webhook' ? 'A report to Verne named the pull request' : 'Jules finished and opened a pull request';
    return {
      color: COLOR.done,
      title: `✅ PR ready: ${cut(inline(task.repo, 220), 220)}${pullNumber(url)}`,
      sentence: `${how}: ${isLink(url) ? url : inline(url, 300)}\nReview it there; Verne merges nothing.`,
    };
  }
  if (session?.phase === 'done_patch') {
    return {
      color: COLOR.done,
      title: '📦 Finished with a patch, without a pull request',
      sentence: `Jules made changes but opened no pull request. <@${task.requester}>: ${task.verbs.includes('publish') ? 'press Ask for the PR, or ' : ''}publish them from its page in Jules${byButton(task, 'Open in Jules')}${task.verbs.includes('get_patch') ? ', or press Get the patch and apply it yourself' : ', or take the patch there'}.`,
    };
  }
  return {
    color: COLOR.done,
    title: '📭 Finished without changes',
    sentence:
      'Jules ended its session without a pull request and without a patch. Its page in Jules says what it found.',
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

const failed = (task: TaskView): Face => ({
  color: COLOR.failed,
  title: '⛔ Task failed',
  sentence: task.session?.opened_at
    ? 'It did not come to an end. Look at its page in Jules, which may tell more, then ask again with `/jules`. A pull request that turns up later is still shown here.'
    : 'Jules never began, so nothing was run. Mend what is told below, then ask again with `/jules`.',
});

const SO_FAR = ['none has', 'one has'] as const;

function pending({ policy, approvals }: TaskView): Face {
  const until =
    policy.approvals === 1
      ? 'an approver presses Confirm.'
      : `${policy.approvals} different approvers press Confirm; ${SO_FAR[approvals.length] ?? `${approvals.length} have`} so far.`;
  return {
    color: COLOR.waiting,
    title: '🧠 New Jules Task Requested',
    sentence: `⏳ Waiting for admin confirmation… Nothing runs until ${until}`,
  };
}

/** A task that expired may have been approved by some. */
export const whyExpired = ({ policy, approvals }: TaskView) =>
  approvals.length === 0
    ? 'nobody decided in time'
    : `only ${approvals.length} of ${policy.approvals} approvals came in time`;

const FACES: Record<TaskStatus, (task: TaskView) => Face> = {
  pending_confirmation: pending,
  in_progress: inProgress,
  completed,
  rejected: ({ requester }) => ({
    color: COLOR.over,
    title: '❌ Task rejected by Admin.',
    sentence: `Nothing was run. <@${requester}> may ask again with \`/jules\`.`,
  }),
  failed: (task) => (task.session?.deleted ? { color: COLOR.failed, ...deletedFace(task) } : failed(task)),
  cancelled,
  expired: (task) => ({
    color: COLOR.over,
    title: '⌛ Task expired',
    sentence: `${capital(whyExpired(task))}; nothing was run. <@${task.requester}> may ask again with \`/jules\`.`,
  }),
};

export const faceOf = (task: TaskView): Face => FACES[task.status](task);
