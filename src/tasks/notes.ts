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

function contentOf(activity: JulesActivity, isWaiting: boolean): Pick<Note, 'view' | 'facts'> | null {
  switch (activity.kind) {
    case 'planGenerated':
      return {
        view: 'plan',
        facts: { steps: activity.plan.steps.map((step) => step.title.slice(0, 200)).slice(0, 40) },
      };
    case 'progressUpdated': {
      const { title, description } = activity.progress;
      if (!title && !description) return null;
      return {
        view: 'activity',
        facts: { title: title?.slice(0, 300), description: description?.slice(0, TEXT_CHARS) },
      };
    }
    case 'agentMessaged':
      return { view: isWaiting ? 'question' : 'message', facts: { text: activity.message.slice(0, TEXT_CHARS) } };
    case 'planApproved':
    case 'userMessaged':
    case 'sessionCompleted':
    case 'sessionFailed':
    case 'unknown':
      return null;
  }
}

/** What of Jules's news deserves a note in the task's thread. Each is named by its activity, so twice is once. */
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
  const news = activities.flatMap((activity): Note[] => {
    const content = contentOf(activity, isWaiting && activity === lastMessage);
    return content ? [{ ...content, at, dedupe: `task:${work.task_id}:${activity.name}` }] : [];
  });
  return work.activities_until === null ? [opened, ...news] : news;
}
