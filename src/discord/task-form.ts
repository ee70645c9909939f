import { PROMPT_LIMIT } from '#tasks/request-task.ts';
import type { TaskView } from '#tasks/task.ts';
import { FIELD_LIMIT, type Field, type Filled, type Form } from './form.ts';
import { cut } from './text.ts';
import { words } from './words/words.ts';

/** The dialog in which a task is written: what is to be done, where, and whether people read its plan. */
export type TaskWords = {
  readonly prompt?: string | undefined;
  /** Whether something of the prompt is masked, so that whoever sends it has to write that anew. */
  readonly isMasked?: boolean | undefined;
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

type Split = { readonly first: string; readonly between: string; readonly rest: string };

/**
 * A prompt may be longer than a field of a dialog: the rest stands in a second one. Discord takes the space off the ends
 * of a field, so what space there is at the cut stands in neither and is put back when the dialog is sent.
 */
export function splitPrompt(prompt: string): Split {
  if (prompt.length <= FIELD_LIMIT) return { first: prompt, between: '', rest: '' };
  const at = cutAt(prompt);
  const first = prompt.slice(0, at).trimEnd();
  const rest = prompt.slice(at).trimStart();
  return { first, between: prompt.slice(first.length, prompt.length - rest.length), rest };
}

const asSent = (text: string) => text.replace(/\r\n?/g, '\n').trim();

/** What two fields that began with `shown` hold by now: untouched, exactly what was shown. */
function joinPrompt({ prompt = '', more = '' }: Filled, shown = ''): string {
  const { first, between, rest } = splitPrompt(shown);
  if (asSent(prompt) === asSent(first) && asSent(more) === asSent(rest)) return shown;
  if (more.trim() === '') return prompt;
  return `${prompt}${rest === '' ? '\n' : between}${more}`;
}

function promptFields({ prompt = '', isMasked = false }: TaskWords): Field[] {
  const { first, rest } = splitPrompt(prompt);
  const said = words().dialogs.task;
  const long = { kind: 'text', isLong: true, maxLength: FIELD_LIMIT } as const;
  return [
    { ...long, name: 'prompt', ...said.prompt, ...(isMasked && { about: words().dialogs.masked }), value: first },
    ...(rest === ''
      ? []
      : [
          {
            ...long,
            name: 'more',
            ...said.more,
            about: said.more.about(FIELD_LIMIT, PROMPT_LIMIT),
            isOptional: true as const,
            value: rest.slice(0, FIELD_LIMIT),
          },
        ]),
  ];
}

function repoField({ repo: value }: TaskWords, { repo, from }: Usual): Field {
  const { dialogs, settings } = words();
  const said = dialogs.task.repo;
  const usual = repo !== null && from !== null ? said.about(repo, settings.chosen[from].you) : undefined;
  return {
    kind: 'text',
    name: 'repo',
    label: said.label,
    ...(usual === undefined ? {} : { about: usual, isOptional: true as const }),
    placeholder: 'owner/name',
    maxLength: REPO_LIMIT,
    ...(value && { value: value.slice(0, REPO_LIMIT) }),
  };
}

function branchField({ branch: value }: TaskWords, { branch }: Usual): Field {
  const said = words().dialogs.task.branch;
  return {
    kind: 'text',
    name: 'branch',
    label: said.label,
    placeholder: branch === null ? said.defaultPlaceholder : said.placeholder(branch),
    maxLength: BRANCH_LIMIT,
    isOptional: true,
    ...(value && { value: value.slice(0, BRANCH_LIMIT) }),
  };
}

const PLANS = ['read', 'run'] as const;

function planField({ planReview }: TaskWords): Field {
  const said = words().dialogs.task.plan;
  return {
    kind: 'choice',
    name: 'plan',
    label: said.label,
    options: [
      { value: 'usual', label: said.usualLabel },
      { value: 'read', label: said.readLabel },
      { value: 'run', label: said.runLabel },
    ],
    chosen: planReview === undefined || planReview === null ? 'usual' : PLANS[planReview ? 0 : 1],
  };
}

export type TaskForm = Pick<Form, 'customId' | 'title'> & {
  readonly begun: TaskWords;
  readonly usual: Usual;
  readonly asksPlan: boolean;
};

export const taskForm = ({ customId, title, begun, usual, asksPlan }: TaskForm): Form => ({
  customId,
  title,
  fields: [
    ...promptFields(begun),
    repoField(begun, usual),
    branchField(begun, usual),
    ...(asksPlan ? [planField(begun)] : []),
  ],
});

const given = (text: string | undefined) => (text === undefined || text.trim() === '' ? undefined : text);

/** What was written in it, where it began with the prompt `shown`. */
export function readTaskForm(fields: Filled, shown?: string) {
  const { repo, branch, plan } = fields;
  return {
    prompt: joinPrompt(fields, shown),
    repo: given(repo),
    branch: given(branch),
    planReview: plan === 'read' ? true : plan === 'run' ? false : undefined,
  };
}
