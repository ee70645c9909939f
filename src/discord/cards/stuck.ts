import type { TaskView } from '#tasks/task.ts';
import { ago, isLink, type Mention, type MessageBody, mentions } from './body.ts';
import { saying } from './note-body.ts';

/** What is said where Jules hangs, and what can be done about it: each sentence names only buttons that are there. */
type Said = { readonly title: string; readonly sentence: string };

const orPage = ({ session }: TaskView) => (isLink(session?.url) ? ', look at its page in Jules' : '');

function nudging(task: TaskView): string {
  return task.verbs.includes('nudge')
    ? `<@${task.requester}> or an approver: press Nudge to ask whether it is still at work${orPage(task)}, or press Cancel.`
    : `It was asked whether it is still at work, and has not answered yet. <@${task.requester}> or an approver: wait a little${orPage(task)}, or press Cancel.`;
}

function publishing(task: TaskView): string {
  return task.verbs.includes('publish')
    ? `<@${task.requester}> or an approver: press Ask for the PR${orPage(task)}, or press Cancel.`
    : `It was asked for the pull request, and has not answered yet. <@${task.requester}> or an approver: wait a little${orPage(task)}, or press Cancel.`;
}

type SilentPhase = 'planning' | 'working' | 'paused' | 'unknown';
const isSilentPhase = (phase: string): phase is SilentPhase => Object.hasOwn(SILENT, phase);

const SILENT: { readonly [Phase in SilentPhase]: (since: string) => Said } = {
  planning: (since) => ({
    title: '🔇 Jules is silent, and has no plan yet',
    sentence: `Jules gave its last sign of life ${since}, though it should be making its plan.`,
  }),
  working: (since) => ({
    title: '🔇 Jules is silent',
    sentence: `Jules gave its last sign of life ${since}, though it should be at work.`,
  }),
  unknown: (since) => ({
    title: '🔇 Jules is silent',
    sentence: `Jules gave its last sign of life ${since}, and is in a state that Verne does not know.`,
  }),
  paused: (since) => ({
    title: '⏸️ Jules has paused',
    sentence: `Jules stopped ${since} without saying why, and has not gone on by itself.`,
  }),
};

/** The face of one that is silent for longer than it should be; null where it is not. */
export function silentFace(task: TaskView): Said | null {
  const { session } = task;
  if (!session?.silence || !isSilentPhase(session.phase)) return null;
  const since = ago(session.moved_at ?? session.opened_at ?? task.created_at);
  if (session.phase === 'working' && session.progress.said_done) {
    return {
      title: '🏁 Jules looks finished, without a pull request',
      sentence: `Jules said ${since} that it is done, but its session does not end and there is no pull request. ${publishing(task)}`,
    };
  }
  const { title, sentence } = SILENT[session.phase](since);
  return { title, sentence: `${sentence} ${nudging(task)}` };
}

export type Silence = {
  readonly phase?: string | null | undefined;
  readonly said_done?: boolean | null | undefined;
  readonly last_sign?: Date | null | undefined;
  readonly since: Date;
  readonly mention: Mention;
};

const TOLD: Readonly<Record<string, (task: string, since: string) => string>> = {
  planning: (task, since) =>
    `🔇 Jules is silent about ${task}: its last sign of life was ${since}, and there is no plan yet.`,
  paused: (task, since) =>
    `⏸️ Jules stopped work on ${task} ${since} without saying why, and has not gone on by itself.`,
  done: (task, since) =>
    `🏁 Jules said ${since} that it is done with ${task}, but its session does not end and there is no pull request.`,
};

/** Told in the channel when a session has been silent for too long. */
export function silenceNote(
  name: string,
  { phase, said_done: isDone, last_sign: last, since, mention }: Silence,
): MessageBody {
  const kind = phase === 'working' && isDone ? 'done' : (phase ?? '');
  const tell = TOLD[kind] ?? ((task, when) => `🔇 Jules is silent about ${task}: its last sign of life was ${when}.`);
  return saying(`${mentions(mention)} ${tell(name, ago(last ?? since))}`.trim(), mention);
}

const KEPT = 'Its last patch is kept: press Get the patch.';

/** The face of one that Jules does not have any more. */
export const deletedFace = ({ verbs }: TaskView): Said => ({
  title: '🗑️ The session was deleted at Jules',
  sentence: `Somebody deleted it there, or Jules forgot it, so nobody works on the task any more. ${
    verbs.includes('get_patch') ? KEPT : 'No patch of its work was kept.'
  }`,
});
