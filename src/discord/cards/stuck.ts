import { words } from '#discord/words/words.ts';
import type { TaskView } from '#tasks/task.ts';
import { ago, isLink, type Mention, type MessageBody, mentions } from './body.ts';
import { saying } from './note-body.ts';

/** What is said where Jules hangs, and what can be done about it: each sentence names only buttons that are there. */
type Said = { readonly title: string; readonly sentence: string };

const placeOf = ({ session }: TaskView) => (isLink(session?.url) ? 'page' : 'noPage');

function nudging(task: TaskView): string {
  const { nudge, nudged } = words().stuck;
  const say = task.verbs.includes('nudge') ? nudge : nudged;
  return say[placeOf(task)](`<@${task.requester}>`);
}

function publishing(task: TaskView): string {
  const { publish, published } = words().stuck;
  const say = task.verbs.includes('publish') ? publish : published;
  return say[placeOf(task)](`<@${task.requester}>`);
}

const SILENT = { planning: 'titlePlanning', working: 'title', unknown: 'title', paused: 'titlePaused' } as const;
const isSilentPhase = (phase: string): phase is keyof typeof SILENT => Object.hasOwn(SILENT, phase);

/** The face of one that is silent for longer than it should be; null where it is not. */
export function silentFace(task: TaskView): Said | null {
  const { session } = task;
  if (!session?.silence || !isSilentPhase(session.phase)) return null;
  const { stuck } = words();
  const since = ago(session.moved_at ?? session.opened_at ?? task.created_at);
  if (session.phase === 'working' && session.progress.said_done) {
    return { title: stuck.titleDone, sentence: `${stuck.since.done(since)} ${publishing(task)}` };
  }
  return {
    title: stuck[SILENT[session.phase]],
    sentence: `${stuck.since[session.phase](since)} ${nudging(task)}`,
  };
}

export type Silence = {
  readonly phase?: string | null | undefined;
  readonly said_done?: boolean | null | undefined;
  readonly last_sign?: Date | null | undefined;
  readonly since: Date;
  readonly mention: Mention;
};

/** Told in the channel when a session has been silent for too long. */
export function silenceNote(
  name: string,
  { phase, said_done: isDone, last_sign: last, since, mention }: Silence,
): MessageBody {
  const { told } = words().stuck;
  const tell =
    phase === 'planning' || phase === 'paused' ? told[phase] : phase === 'working' && isDone ? told.done : told.silent;
  return saying(`${mentions(mention)} ${tell(name, ago(last ?? since))}`.trim(), mention);
}

/** The face of one that Jules does not have any more. */
export function deletedFace({ verbs }: TaskView): Said {
  const { title, kept, lost } = words().face.deleted;
  return { title, sentence: verbs.includes('get_patch') ? kept : lost };
}
