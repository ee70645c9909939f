import { PROMPT_LIMIT } from '#tasks/request-task.ts';
import type { TaskView } from '#tasks/task.ts';
import { FIELD_LIMIT, type Field, type Filled, type Form } from './form.ts';
import { cut } from './text.ts';
import { CHOSEN } from './words.ts';

/** The dialog in which a task is written: what is to be done, where, and whether people read its plan. */
export type TaskWords = {
  readonly prompt?: string | undefined;
  readonly repo?: string | undefined;
  readonly branch?: string | undefined;
  readonly planReview?: boolean | null | undefined;
};

/** What is used where a field is left empty. */
type Usual = {
  readonly repo: string | null;
  readonly branch: string | null;
  readonly from: TaskView['repo_from'] | null;
};

const REPO_LIMIT = 200;
const BRANCH_LIMIT = 200;

/** Where a text is cut so that both parts can be written in: behind a line if there is one, else between words. */
function cutAt(text: string): number {
  for (const end of ['\n', ' ']) {
    const at = text.lastIndexOf(end, FIELD_LIMIT);
    if (at > FIELD_LIMIT / 2) return at;
  }
  return cut(text, FIELD_LIMIT).length - 1;
}

/** A prompt may be longer than a field of a dialog: the rest stands in a second one, and begins a line when it is sent. */
export function splitPrompt(prompt: string): { readonly first: string; readonly rest: string } {
  if (prompt.length <= FIELD_LIMIT) return { first: prompt, rest: '' };
  const at = cutAt(prompt);
  return { first: prompt.slice(0, at).trimEnd(), rest: prompt.slice(at).trim().slice(0, FIELD_LIMIT) };
}

function promptFields(prompt: string): Field[] {
  const { first, rest } = splitPrompt(prompt);
  const long = { kind: 'text', isLong: true, maxLength: FIELD_LIMIT } as const;
  return [
    { ...long, name: 'prompt', label: 'What Jules should do', placeholder: 'Fix the failing login test', value: first },
    ...(rest === ''
      ? []
      : [
          {
            ...long,
            name: 'more',
            label: 'The rest of it',
            about: `A field holds ${FIELD_LIMIT} characters; both together may have ${PROMPT_LIMIT}.`,
            placeholder: 'Left empty: nothing more',
            isOptional: true as const,
            value: rest,
          },
        ]),
  ];
}

function repoField({ repo: value }: TaskWords, { repo, from }: Usual): Field {
  const usual = repo !== null && from !== null ? `Left empty: ${repo} (${CHOSEN[from].you})` : undefined;
  return {
    kind: 'text',
    name: 'repo',
    label: 'Repository',
    ...(usual === undefined ? {} : { about: usual, isOptional: true as const }),
    placeholder: 'owner/name',
    maxLength: REPO_LIMIT,
    ...(value && { value: value.slice(0, REPO_LIMIT) }),
  };
}

function branchField({ branch: value }: TaskWords, { branch }: Usual): Field {
  return {
    kind: 'text',
    name: 'branch',
    label: 'Branch to start from',
    placeholder: branch === null ? 'Left empty: the default' : `Left empty: ${branch}`,
    maxLength: BRANCH_LIMIT,
    isOptional: true,
    ...(value && { value: value.slice(0, BRANCH_LIMIT) }),
  };
}

const PLANS = ['read', 'run'] as const;

const planField = ({ planReview }: TaskWords): Field => ({
  kind: 'choice',
  name: 'plan',
  label: 'Its plan',
  options: [
    { value: 'usual', label: 'As you have it, or else the server' },
    { value: 'read', label: 'An approver reads it before it runs' },
    { value: 'run', label: 'It runs at once, where the server lets you say so' },
  ],
  chosen: planReview === undefined || planReview === null ? 'usual' : PLANS[planReview ? 0 : 1],
});

export type TaskForm = Pick<Form, 'customId' | 'title'> & {
  readonly words: TaskWords;
  readonly usual: Usual;
  readonly asksPlan: boolean;
};

export const taskForm = ({ customId, title, words, usual, asksPlan }: TaskForm): Form => ({
  customId,
  title,
  fields: [
    ...promptFields(words.prompt ?? ''),
    repoField(words, usual),
    branchField(words, usual),
    ...(asksPlan ? [planField(words)] : []),
  ],
});

const given = (text: string | undefined) => (text === undefined || text.trim() === '' ? undefined : text);

/** What was written in it. */
export function readTaskForm({ prompt = '', more, repo, branch, plan }: Filled) {
  return {
    prompt: given(more) === undefined ? prompt : `${prompt}\n${more}`,
    repo: given(repo),
    branch: given(branch),
    planReview: plan === 'read' ? true : plan === 'run' ? false : undefined,
  };
}
