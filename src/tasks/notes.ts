import type { JulesActivity, JulesSession } from './ports.ts';
import type { Work } from './work.ts';

/** Something that people are told once. */
export type Note = {
  readonly view: 'opened' | 'plan' | 'activity' | 'message' | 'question' | 'resumed';
  readonly at: { readonly place: 'thread'; readonly id: string };
  readonly facts: Readonly<Record<string, unknown>>;
  readonly dedupe: string;
};

const TEXT_CHARS = 1500;
/** So many steps of progress fit into one note. */
const ENTRIES = 8;

type Entry = { readonly title: string | undefined; readonly description: string | undefined };
type Content =
  | { readonly name: string; readonly view: 'activity'; readonly facts: { readonly entries: readonly Entry[] } }
  | { readonly name: string; readonly view: Exclude<Note['view'], 'activity'>; readonly facts: Note['facts'] };
type Progress = Extract<JulesActivity, { kind: 'progressUpdated' }>;

const entryOf = ({ progress: { title, description } }: Progress) => ({
  title: title?.slice(0, 300),
  description: description?.slice(0, TEXT_CHARS),
});

function contentOf(activity: JulesActivity, isWaiting: boolean): Content | null {
  const { name } = activity;
  switch (activity.kind) {
    case 'planGenerated': {
      const steps = activity.plan.steps.map((step) => step.title.slice(0, 200)).slice(0, 40);
      return { name, view: 'plan', facts: { steps } };
    }
    case 'progressUpdated': {
      const { title, description } = activity.progress;
      return title || description ? { name, view: 'activity', facts: { entries: [entryOf(activity)] } } : null;
    }
    case 'agentMessaged':
      return { name, view: isWaiting ? 'question' : 'message', facts: { text: activity.message.slice(0, TEXT_CHARS) } };
    case 'planApproved':
    case 'userMessaged':
    case 'sessionCompleted':
    case 'sessionFailed':
    case 'unknown':
      return null;
  }
}

/** Progress that came together is told together: Discord takes five messages in five seconds, Jules has no such limit. */
function together(contents: readonly Content[]): Content[] {
  const told: Content[] = [];
  for (const content of contents) {
    const last = told.at(-1);
    if (last?.view === 'activity' && content.view === 'activity' && last.facts.entries.length < ENTRIES) {
      told[told.length - 1] = { ...last, facts: { entries: [...last.facts.entries, ...content.facts.entries] } };
    } else told.push(content);
  }
  return told;
}

/** What of Jules's news deserves a note in the task's thread. Each is named by its first activity, so twice is once. */
export function notesFor(work: Work, session: JulesSession, activities: readonly JulesActivity[]): Note[] {
  const at = { place: 'thread', id: work.channel_id } as const;
  const opened: Note = {
    view: 'opened',
    at,
    facts: { url: session.url, recreated: work.recreated },
    dedupe: `task:${work.task_id}:opened:${session.name}`,
  };
  const lastMessage = activities.findLast((activity) => activity.kind === 'agentMessaged');
  const isWaiting = session.state === 'AWAITING_USER_FEEDBACK';
  const contents = activities.flatMap((activity) => contentOf(activity, isWaiting && activity === lastMessage) ?? []);
  const news = together(contents).map(({ name, view, facts }) => ({
    view,
    facts,
    at,
    dedupe: `task:${work.task_id}:${name}`,
  }));
  return work.activities_until === null ? [opened, ...news] : news;
}

/** A finished session works again; told once for each time, by the event that brought it. */
export const resumedNote = (work: Work, eventId: string): Note => ({
  view: 'resumed',
  at: { place: 'thread', id: work.channel_id },
  facts: {},
  dedupe: `task:${work.task_id}:resumed:${eventId}`,
});
