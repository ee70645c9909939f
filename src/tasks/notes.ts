import { isAsking } from './decide.ts';
import type { JulesActivity, JulesSession } from './ports.ts';
import type { Work } from './work.ts';

/** Something that people are told once. */
export type Note = {
  readonly view: 'opened' | 'plan' | 'activity' | 'message' | 'question' | 'resumed';
  readonly at: { readonly place: 'thread'; readonly id: string };
  readonly facts: Readonly<Record<string, unknown>>;
  readonly dedupe: string;
};

/** More than one message shows, so what is cut here is cut there too, and said to be; `chars` tells how long it was. */
const TEXT_CHARS = 2000;
const TITLE_CHARS = 300;
/** So many steps of progress fit into one note, and so many of a plan. */
const ENTRIES = 8;
const STEPS = 20;
const MOST_STEPS = 100;

type Entry = { readonly title: string | undefined; readonly description: string | undefined; readonly chars?: number };
type Content =
  | { readonly name: string; readonly view: 'activity'; readonly facts: { readonly entries: readonly Entry[] } }
  | { readonly name: string; readonly view: Exclude<Note['view'], 'activity'>; readonly facts: Note['facts'] };
type Progress = Extract<JulesActivity, { kind: 'progressUpdated' }>;
type Plan = Extract<JulesActivity, { kind: 'planGenerated' }>;

const charsOf = ({ length }: string) => (length > TEXT_CHARS ? { chars: length } : {});

const entryOf = ({ progress: { title, description } }: Progress) => ({
  title: title?.slice(0, TITLE_CHARS),
  description: description?.slice(0, TEXT_CHARS),
  ...charsOf(description ?? ''),
});

/** A title that is shown whole: longer ones are shortened, and marks take more room where they are shown. */
const SHOWN_WHOLE = /^[\p{L}\p{N} .,;'"/+=%&!?-]{0,150}$/u;

/** All of a plan as a text, where its notes would leave something out: what people approve is what they can read. */
function planFile({ plan: { steps } }: Plan) {
  const isShort = steps.every(({ title, description }) => !description && SHOWN_WHOLE.test(title));
  if (isShort && steps.length <= MOST_STEPS) return {};
  const text = steps.map(
    ({ title, description }, at) => `${at + 1}. ${title}${description ? `\n\n${description}` : ''}`,
  );
  const file = `${text.join('\n\n')}\n`;
  return { file, chars: file.length };
}

/** A plan in as many notes as it takes; of a very long one the rest is in its file. The first has the activity's own name. */
function planContents(activity: Plan): Content[] {
  const { name, plan } = activity;
  const titles = plan.steps.map(({ title }) => title.slice(0, TITLE_CHARS));
  const shown = Math.min(titles.length, MOST_STEPS);
  const pages = Array.from({ length: Math.max(1, Math.ceil(shown / STEPS)) }, (_, page) => page * STEPS);
  return pages.map((from) => ({
    name: from === 0 ? name : `${name}:${from}`,
    view: 'plan',
    facts: {
      steps: titles.slice(from, from + STEPS),
      ...(titles.length > STEPS && { from, of: titles.length }),
      ...(from === 0 && planFile(activity)),
    },
  }));
}

function contentsOf(activity: JulesActivity, isWaiting: boolean): Content[] {
  const { name } = activity;
  switch (activity.kind) {
    case 'planGenerated':
      return planContents(activity);
    case 'progressUpdated': {
      const { title, description } = activity.progress;
      return title || description ? [{ name, view: 'activity', facts: { entries: [entryOf(activity)] } }] : [];
    }
    case 'agentMessaged': {
      const { message } = activity;
      const facts = { text: message.slice(0, TEXT_CHARS), ...charsOf(message) };
      return [{ name, view: isWaiting ? 'question' : 'message', facts }];
    }
    case 'planApproved':
    case 'userMessaged':
    case 'sessionCompleted':
    case 'sessionFailed':
    case 'unknown':
      return [];
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

/** Its message was told before its state said that Jules waits: now somebody is asked. */
function askedLate({ progress: { unasked, question } }: Work): Content[] {
  if (unasked === undefined || question === undefined) return [];
  return [{ name: `${unasked}:asked`, view: 'question', facts: { text: question } }];
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
  const isWaiting = isAsking(session);
  const contents = activities.flatMap((activity) => contentsOf(activity, isWaiting && activity === lastMessage));
  const asked = isWaiting && !lastMessage ? askedLate(work) : [];
  const news = [...asked, ...together(contents)].map(({ name, view, facts }) => ({
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
