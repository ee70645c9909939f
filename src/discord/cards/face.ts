import { cut, inline } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import type { SessionPhase } from '#tasks/session.ts';
import type { TaskStatus, TaskView } from '#tasks/task.ts';
import { isLink } from './body.ts';
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

const going = (title: string, sentence: string): Face => ({ color: COLOR.going, title, sentence });
const needsEyes = (title: string, sentence: string): Face => ({ color: COLOR.waiting, title, sentence });

const requesterOf = ({ requester }: TaskView) => `<@${requester}>`;

/** An estimate is never more exact than it can be. */
function roughly(seconds: number): string {
  const said = words().card.session;
  const minutes = Math.max(1, Math.round(seconds / 60));
  return minutes < 60 ? said.minutes(minutes) : said.hours(Math.round(minutes / 60));
}

function queued({ session }: TaskView): Face {
  const { place, because, wait_s: wait } = session?.queue ?? {};
  const { paused, queued: said } = words().face;
  if (because === 'paused') return going(paused.confirmed, paused.queued);
  const sentences = [
    ...(session?.recreated ? [said.again] : []),
    ...(place ? [wait ? said.placeAndWait(place, roughly(wait)) : said.place(place)] : []),
    because ? said.starts[because] : said.startsOtherwise,
  ];
  return going(said.title, sentences.join(' '));
}

function opening({ session }: TaskView): Face {
  const { title, first, again } = words().face.opening;
  return going(title, session?.recreated ? again : first);
}

function unsure(task: TaskView): Face {
  const { title, why, sentence } = words().face.unsure;
  return needsEyes(title, `${why[task.session?.unsure_because ?? 'attempts']} ${sentence(requesterOf(task))}`);
}

function working(task: TaskView): Face {
  const { resumed, working: first } = words().face;
  const said = task.session?.resumes ? resumed : first;
  const now = stepNow(task);
  const title = now && now.done < now.of ? said.titleAt(now.done + 1, now.of) : said.title;
  return going(title, said.sentence(requesterOf(task)));
}

function planReview({ plan }: TaskView): Face {
  const { title, there, fetched } = words().face.planReview;
  return needsEyes(title, plan ? there : fetched);
}

function planExpired({ session }: TaskView): Face {
  const { title, late, never } = words().face.planExpired;
  return needsEyes(title, session?.plan_approved_by ? late(`<@${session.plan_approved_by}>`) : never);
}

function needsInput(task: TaskView): Face {
  const { title, sentence } = words().face.needsInput;
  return needsEyes(title, sentence(requesterOf(task)));
}

function paused(task: TaskView): Face {
  const { title, sentence, withButton } = words().face.stopped;
  return needsEyes(title, (isLink(task.session?.url) ? withButton : sentence)(requesterOf(task)));
}

function unknown({ session }: TaskView): Face {
  const { title, sentence, nameless } = words().face.unknown;
  return needsEyes(title, sentence(inline(session?.jules_state ?? '', 80) || nameless));
}

const plainly = (phase: 'planning' | 'approving' | 'finishing' | 'ending') => () => {
  const { title, sentence } = words().face[phase];
  return going(title, sentence);
};
const ended = plainly('ending');

const GOING: Record<SessionPhase, (task: TaskView) => Face> = {
  queued,
  opening,
  unsure,
  planning: plainly('planning'),
  plan_review: planReview,
  plan_expired: planExpired,
  approving: plainly('approving'),
  working,
  needs_input: needsInput,
  paused,
  finishing: plainly('finishing'),
  unknown,
  stopped: ended,
  done_pr: ended,
  done_patch: ended,
  done_nothing: ended,
  failed: ended,
};

/** What was let in, and may not begin. */
function heldByPause({ session }: TaskView): Face | null {
  if (!session?.paused) return null;
  const said = words().face.paused;
  return session.phase === 'approving'
    ? going(said.planReady, said.approvesLater[session.paused])
    : going(said.confirmed, said.opensNothing[session.paused]);
}

function silent(task: TaskView): Face | null {
  const said = silentFace(task);
  return said && needsEyes(said.title, said.sentence);
}

/** A face that says all is well must not stand above a problem. */
function inProgress(task: TaskView): Face {
  const face = heldByPause(task) ?? silent(task) ?? GOING[task.session?.phase ?? 'queued'](task);
  if (task.last_error === null || face.color !== COLOR.going) return face;
  const { title, sentence } = words().face.heldUp;
  return needsEyes(title, sentence);
}

const done = (title: string, sentence: string): Face => ({ color: COLOR.done, title, sentence });

/** How its requester comes by the changes: each way names only a button that is there. */
function waysToPatch({ verbs, session }: TaskView): string {
  const { ways, or } = words().face.patch;
  return [
    ...(verbs.includes('publish') ? [ways.ask] : []),
    isLink(session?.url) ? ways.publishByButton : ways.publish,
    verbs.includes('get_patch') ? ways.take : ways.takeThere,
  ].reduce(or);
}

function completed(task: TaskView): Face {
  const { pr_url: url, pr_source: source, session } = task;
  const { pr, patch, nothing } = words().face;
  if (url !== null) {
    const title = pr.title(`${cut(inline(task.repo, 220), 220)}${pullNumber(url)}`);
    return done(title, (source === 'webhook' ? pr.byReport : pr.byJules)(isLink(url) ? url : inline(url, 300)));
  }
  if (session?.phase === 'done_patch') {
    return done(patch.title, patch.sentence(requesterOf(task), waysToPatch(task)));
  }
  return done(nothing.title, nothing.sentence);
}

/** Whether Jules may still be at work on a cancelled task: its session is not known to be stopped yet. */
const isRunning = ({ session }: TaskView) => session !== null && session.phase !== 'stopped';

/** What a cancellation did, as far as it is done by now. */
export function afterCancelling(task: TaskView): string {
  const { archives, archived, unrun } = words().face.cancelled;
  if (isRunning(task)) return archives;
  return task.session?.opened_at ? archived : unrun;
}

const over = (title: string, sentence: string): Face => ({ color: COLOR.over, title, sentence });

function cancelled(task: TaskView): Face {
  const { title, by, byNobody } = words().face.cancelled;
  return over(title, `${task.ended_by === null ? byNobody : by(`<@${task.ended_by}>`)} ${afterCancelling(task)}`);
}

function rejected(task: TaskView): Face {
  const { title, sentence } = words().face.rejected;
  return over(title, sentence(requesterOf(task)));
}

function failed(task: TaskView): Face {
  if (task.session?.deleted) return { color: COLOR.failed, ...deletedFace(task) };
  const { title, underWay, unbegun } = words().face.failed;
  return { color: COLOR.failed, title, sentence: task.session?.opened_at ? underWay : unbegun };
}

function untilWhen({ policy, approvals }: TaskView): string {
  const { one, noneYet, oneSoFar, moreSoFar } = words().face.pending;
  const needed = policy.approvals;
  if (needed === 1) return one;
  if (approvals.length === 0) return noneYet(needed);
  return approvals.length === 1 ? oneSoFar(needed) : moreSoFar(needed, approvals.length);
}

const pending = (task: TaskView) => needsEyes(words().face.pending.title, untilWhen(task));

/** For a sentence that ends with it. A task that expired may have been approved by some. */
export function whyExpired({ policy, approvals }: TaskView): string {
  const { nobody, tooFew } = words().face.whyExpired;
  return approvals.length === 0 ? nobody : tooFew(approvals.length, policy.approvals);
}

function expired(task: TaskView): Face {
  const { title, nobody, tooFew } = words().face.expired;
  const given = task.approvals.length;
  const who = requesterOf(task);
  return over(title, given === 0 ? nobody(who) : tooFew({ given, needed: task.policy.approvals }, who));
}

const FACES: Record<TaskStatus, (task: TaskView) => Face> = {
  pending_confirmation: pending,
  in_progress: inProgress,
  completed,
  rejected,
  failed,
  cancelled,
  expired,
};

export const faceOf = (task: TaskView): Face => FACES[task.status](task);
