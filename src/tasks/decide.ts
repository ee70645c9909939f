import { after } from '#kernel/handler.ts';
import { pullRequestUrl } from '#kernel/pull-request.ts';
import { planIn } from './plan.ts';
import type { JulesActivity, JulesOutput, JulesSession } from './ports.ts';
import type { Progress, SessionPhase } from './session.ts';
import { hasMoved, isTooSilent, isWordOfJules } from './silence.ts';
import type { Windows, Work } from './work.ts';

/** The next step of opening a session. */
export type Opening =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'create' }
  /** Look for the session by its marker; `isOver` when the intent's whole window has passed. */
  | { readonly kind: 'look'; readonly isOver: boolean };

export function decideOpening(work: Work, now: Date, windows: Windows): Opening {
  if (work.name !== null) return { kind: 'nothing' };
  if (work.attempted_at !== null) {
    return { kind: 'look', isOver: now >= after(work.attempted_at, windows.intentMs) };
  }
  const mayCreate = work.status === 'in_progress' && work.phase === 'opening' && work.ended_at === null;
  return mayCreate && work.attempts < 3 ? { kind: 'create' } : { kind: 'nothing' };
}

type Ending = {
  readonly verb: 'complete' | 'fail' | 'resume';
  readonly pr_url?: string;
  readonly pr_source?: 'jules' | 'webhook';
  readonly error?: string;
};

/** What Jules's answer means for the task. */
export type Meaning = {
  readonly phase: SessionPhase;
  readonly end?: Ending;
  /** It is silent for longer than its phase may be. */
  readonly silent?: true;
  /** The plan waits, and it is our session's: approve it. */
  readonly approve?: true;
  /** The session never ran and never will: open another one. */
  readonly renew?: true;
};

export type Facts = {
  readonly work: Work;
  readonly session: JulesSession;
  /** What is new, and perhaps some that are known. */
  readonly activities: readonly JulesActivity[];
  /** Jules would not list them, so that what is not among them may still have happened. */
  readonly unlisted?: boolean;
  readonly now: Date;
};

const RUNNING: Readonly<Record<string, SessionPhase>> = {
  QUEUED: 'planning',
  PLANNING: 'planning',
  AWAITING_PLAN_APPROVAL: 'approving',
  AWAITING_USER_FEEDBACK: 'needs_input',
  IN_PROGRESS: 'working',
  PAUSED: 'paused',
};

/** How often a session whose plan expired is opened again. */
const RENEWALS = 3;

/** A pull request counts only if it is one of the task's own repository; what follows its number is left out. */
export function pullRequestOf(repo: string, outputs: readonly JulesOutput[]): string | undefined {
  return outputs
    .map(({ url }) => pullRequestUrl(url?.split(/[?#]/)[0]?.replace(/\/$/, '') ?? '', repo))
    .find((url) => url !== undefined);
}

const hasPatch = (outputs: readonly JulesOutput[]) => outputs.some((output) => (output.patchChars ?? 0) > 0);

const RUNS: readonly string[] = ['planApproved', 'progressUpdated', 'sessionCompleted'];

/** Anything that only a running plan leaves behind proves that it ran, even where the record of it was lost. */
export function provesRun({ work, session, activities }: Omit<Facts, 'now'>): boolean {
  const isRunning = session.state === 'IN_PROGRESS' || work.jules_state === 'IN_PROGRESS';
  const ran = isRunning || work.progress.latest !== undefined || work.progress.has_patch;
  return work.approved_at !== null || ran === true || activities.some(({ kind }) => RUNS.includes(kind));
}

/** What Jules did after its plan; only one that ran, or a plan that was told more, leaves something there. */
function hasActed({ work, session, activities }: Facts): boolean {
  const plan = activities.findLastIndex(({ kind }) => kind === 'planGenerated');
  const acted = plan < 0 ? work.acted : false;
  return acted || session.outputs.length > 0 || activities.slice(plan + 1).some(isWordOfJules);
}

/** A process that dies right behind its call may not have recorded it: one that was about to be approved counts as sent. */
export const mayBeSent = ({ approval_sent_at: sentAt, phase }: Work) => sentAt !== null || phase === 'approving';

/**
 * Whether a plan was dropped and never ran. To send its approval proves nothing: Jules takes the approval of a plan that
 * it has just dropped, and does nothing. So one whose approval was sent never ran only where Jules lists nothing behind the
 * plan, and goes on listing nothing for as long as it may lag; in doubt it ran, since no session may run twice.
 */
function neverRan(facts: Facts, isLate: boolean): boolean | 'unsure' {
  const { work, activities, unlisted } = facts;
  const hasPlan = work.plan !== null || activities.some((activity) => activity.kind === 'planGenerated');
  if (!hasPlan || provesRun(facts)) return false;
  if (!mayBeSent(work) || work.phase === 'plan_expired') return true;
  if (hasActed(facts)) return false;
  if (!isLate) return 'unsure';
  return unlisted !== true;
}

const hasStopped = ({ state }: JulesSession) => state === 'COMPLETED' || state === 'FAILED';

/** What Jules says wins, also what it once said; a reported one counts where it named none, and for a session that ran. */
function endWithPullRequest(facts: Facts): Ending | undefined {
  const { work, session } = facts;
  const own = pullRequestOf(work.repo, session.outputs);
  if (own) return { verb: 'complete', pr_url: own, pr_source: 'jules' };
  if (work.reported_pr === null || work.pr_source === 'jules') return undefined;
  if (!hasStopped(session) && !provesRun(facts)) return undefined;
  return { verb: 'complete', pr_url: work.reported_pr, pr_source: 'webhook' };
}

/** While Jules still works, only a reported pull request ends the task, and the same one only once. */
function endsNow({ work, session }: Facts, end: Ending): boolean {
  return hasStopped(session) || (end.pr_source === 'webhook' && end.pr_url !== work.pr_url);
}

/** COMPLETED says only that Jules stopped: with a pull request, a patch, nothing, or a plan that nobody approved in time. */
function meaningOfCompleted(facts: Facts, windows: Windows): Meaning {
  const { work, session, activities, now } = facts;
  if (work.pr_url !== null) return { phase: 'done_pr', end: { verb: 'complete', pr_url: work.pr_url } };
  // Pull requests turn up some time after the session says that it is complete.
  const isLate = work.finishing_since !== null && now >= after(work.finishing_since, 5 * windows.followSoonMs);
  if (neverRan(facts, isLate) === true) {
    // Another plan would be another one to read: people say when they are there for it.
    if (work.plan_review) return { phase: 'plan_expired' };
    const error = `Jules dropped the plan ${RENEWALS + 1} times before Verne could approve it.`;
    return work.recreated < RENEWALS
      ? { phase: 'opening', renew: true }
      : { phase: 'failed', end: { verb: 'fail', error } };
  }
  if (!isLate) return { phase: 'finishing' };
  const patched = hasPatch(session.outputs) || activities.some((activity) => hasPatch(activity.artifacts));
  return { phase: patched || work.progress.has_patch ? 'done_patch' : 'done_nothing', end: { verb: 'complete' } };
}

/** The event can come well before the state, and is not new any more when the state says it. */
function reasonOf({ activities, work }: Facts): string {
  const reason = activities.findLast((activity) => activity.kind === 'sessionFailed')?.reason;
  return reason?.trim() || work.progress.failure || 'Jules gave no reason.';
}

/** Silence is measured by new activities and state, since Jules's own `updateTime` is no sign of life. */
function isSilent({ work, activities, session, now }: Facts, patienceMs: number): boolean {
  const lastSign = work.moved_at ?? work.opened_at ?? now;
  return !hasMoved(work, session, activities) && now >= after(lastSign, patienceMs);
}

/** People are reminded meanwhile, and have days off. */
const FOR_PEOPLE = 7;

export function hasNews(work: Work, session: JulesSession, activities: readonly JulesActivity[]): boolean {
  const until = work.activities_until;
  return session.state !== work.jules_state || activities.some((activity) => !until || activity.createTime > until);
}

function meaningOfEnded(facts: Facts, phase: SessionPhase | undefined): Meaning | null {
  const { work, session } = facts;
  if (work.ended_at === null) return null;
  const end = endWithPullRequest(facts);
  if (end && end.pr_url !== work.pr_url) return { phase: 'done_pr', end };
  // A task that a report ended while Jules still worked comes back only when Jules's own word changes.
  const moved = session.state !== work.jules_state;
  const resumed = work.status === 'completed' && moved && phase !== undefined && phase !== 'paused';
  return resumed ? { phase, end: { verb: 'resume' } } : { phase: work.phase };
}

export function decideFollowing(facts: Facts, windows: Windows): Meaning {
  const { session } = facts;
  const phase = RUNNING[session.state];
  const ended = meaningOfEnded(facts, phase);
  if (ended) return ended;
  const end = endWithPullRequest(facts);
  if (end && endsNow(facts, end)) return { phase: 'done_pr', end };
  if (session.state === 'COMPLETED') return meaningOfCompleted(facts, windows);
  if (session.state === 'FAILED') {
    return { phase: 'failed', end: { verb: 'fail', error: reasonOf(facts) } };
  }
  const waits = facts.work.phase === 'plan_review' || phase === 'needs_input';
  const patienceMs = windows.silenceMs * (waits ? FOR_PEOPLE : 1);
  if (isSilent(facts, patienceMs)) {
    const hours = Math.round(patienceMs / 3_600_000);
    const error = waits
      ? `Nobody answered Jules for ${hours} hours.`
      : `Jules gave no sign of life for ${hours} hours, last in state ${session.state}.`;
    return { phase: 'failed', end: { verb: 'fail', error } };
  }
  if (phase === 'approving') return meaningOfPlan(facts);
  return withSilence(facts, phase ?? 'unknown', windows);
}

function withSilence({ work, session, activities, now }: Facts, phase: SessionPhase, windows: Windows): Meaning {
  const moved = hasMoved(work, session, activities);
  return { phase, ...(isTooSilent({ work, phase, hasMoved: moved, now }, windows.silentMs) && { silent: true }) };
}

/** A plan that people read first waits for the approval of this very one. */
function meaningOfPlan({ work, activities }: Facts): Meaning {
  const hash = planIn(activities)?.hash ?? work.plan_hash;
  const waits = work.plan_review && (hash === null || hash !== work.approved_hash);
  return waits ? { phase: 'plan_review' } : { phase: 'approving', approve: true };
}

const sameTitle = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

/** Jules waits for an answer. */
export const isAsking = ({ state }: JulesSession) => state === 'AWAITING_USER_FEEDBACK';

/** More than a card shows, which says there that it is shortened. */
const TEXT_CHARS = 2000;
const TITLE_CHARS = 400;

const withoutUnasked = ({ unasked, ...told }: Progress): Progress => told;

const withoutEnd = ({ said_done: saidDone, ...told }: Progress): Progress => told;

function addProgress(before: Progress, activity: JulesActivity): Progress {
  const now = activity.kind === 'sessionCompleted' ? { ...before, said_done: true } : withoutEnd(before);
  if (activity.artifacts.some((artifact) => (artifact.patchChars ?? 0) > 0)) return { ...now, has_patch: true };
  if (activity.kind === 'sessionFailed' && activity.reason?.trim())
    return { ...now, failure: activity.reason.trim().slice(0, TEXT_CHARS) };
  if (activity.kind === 'agentMessaged')
    return { ...now, question: activity.message.slice(0, TEXT_CHARS), unasked: activity.name };
  if (activity.kind === 'userMessaged') return withoutUnasked(now);
  return now;
}

/** A step is known to run only where Jules names it; other news is shown as it is. */
function addStep(now: Progress, activity: JulesActivity, steps: readonly string[]): Progress {
  if (activity.kind !== 'progressUpdated') return now;
  const title = activity.progress.title ?? activity.progress.description ?? activity.description;
  if (!title) return now;
  const step = steps.findIndex((name) => sameTitle(name, title));
  return { ...now, latest: title.slice(0, TITLE_CHARS), ...(step >= (now.step ?? 0) && { step }) };
}

export function progressAfter(work: Work, session: JulesSession, activities: readonly JulesActivity[]): Progress {
  let steps = work.plan?.map((step) => step.title) ?? [];
  // One that came back to work by itself is not done any more.
  let now: Progress =
    work.jules_state === 'COMPLETED' && session.state !== 'COMPLETED' ? withoutEnd(work.progress) : work.progress;
  for (const activity of activities) {
    if (activity.kind === 'planGenerated') steps = activity.plan.steps.map((step) => step.title);
    now = addStep(addProgress(now, activity), activity, steps);
  }
  return isAsking(session) ? withoutUnasked(now) : now;
}
