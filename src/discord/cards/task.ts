import {
  type APIButtonComponent,
  type APIEmbed,
  type APIEmbedField,
  ButtonStyle,
  ComponentType,
} from 'discord-api-types/v10';
import { customId } from '#discord/custom-id.ts';
import { code, codeBlock, cut, hiddenCharacters, inline, markdown, quoteBlock, visible } from '#discord/text.ts';
import { CHOSEN, capital, KEY } from '#discord/words.ts';
import { TASK_VERBS, type TaskVerb, type TaskView } from '#tasks/task.ts';
import { ago, allow, isLink, linkButton, type Mention, type MessageBody, mentions, NOBODY, rowsOf } from './body.ts';
import { faceOf } from './face.ts';
import { planLines, progressBar } from './plan.ts';
import { problemLines } from './problem.ts';

export type TaskCardExtra = {
  /** Who hears that it waits for a decision; shown as long as it does. */
  readonly mention?: Mention;
  /** Why there is no thread, where one was wanted and could not be made. */
  readonly threadProblem?: string | null;
};

const PROMPT_SHOWN = 600;

const field = (name: string, value: string): APIEmbedField => ({ name, value });
const short = (name: string, value: string): APIEmbedField => ({ name, value, inline: true });

function promptField({ prompt }: TaskView): APIEmbedField {
  const hidden = hiddenCharacters(prompt);
  const { length } = visible(prompt);
  const notes = [
    ...(length > PROMPT_SHOWN ? [`first ${PROMPT_SHOWN} of ${length} characters`] : []),
    ...(hidden > 0 ? [`⚠️ ${hidden} hidden ${hidden === 1 ? 'character' : 'characters'} left out`] : []),
  ];
  const block = codeBlock(cut(visible(prompt), PROMPT_SHOWN), 900);
  return field('Prompt', notes.length > 0 ? `${block}\n${notes.join(' · ')}` : block);
}

function decisionFields(task: TaskView): APIEmbedField[] {
  const word = task.status === 'rejected' ? 'Rejected' : 'Confirmed';
  return [
    ...(task.decided_by !== null && task.decided_at !== null
      ? [short(word, `by <@${task.decided_by}> ${ago(task.decided_at)}`)]
      : []),
    ...(task.reason !== null && task.reason.trim() !== '' ? [field('Reason', quoteBlock(task.reason, 600))] : []),
    ...(task.last_error !== null
      ? [field('What went wrong', problemLines(task.last_error, 900) || 'No reason was given.')]
      : []),
  ];
}

function workFields(task: TaskView): APIEmbedField[] {
  const { session } = task;
  const bar = progressBar(task);
  const lines = [...planLines(task), ...(bar === null ? [] : [bar])];
  const { latest, question } = session?.progress ?? {};
  return [
    ...(lines.length > 0 ? [field('Plan', lines.join('\n'))] : []),
    ...(question && session?.phase === 'needs_input' ? [field('Jules asks', markdown(question, 600) || '…')] : []),
    ...(latest && task.status === 'in_progress' ? [field('Latest', inline(latest, 300) || '…')] : []),
    ...(session?.moved_at && task.status === 'in_progress' ? [short('Last sign of life', ago(session.moved_at))] : []),
    ...(session && session.recreated > 0
      ? [short('Opened again', `${session.recreated} ×, since a plan expired before Verne could approve it`)]
      : []),
  ];
}

function embedOf(task: TaskView, { threadProblem }: TaskCardExtra): APIEmbed {
  const { color, title, sentence } = faceOf(task);
  return {
    color,
    title: cut(title, 256),
    description: sentence,
    fields: [
      short('Requested by', `<@${task.requester}>`),
      short('Repository', `${code(task.repo)} @ ${code(task.branch)}\n${capital(CHOSEN[task.repo_from].all)}`),
      short('Jules key', `${capital(KEY[task.key.owner].all)} •••• ${inline(task.key.last4, 12)}`),
      promptField(task),
      ...decisionFields(task),
      ...workFields(task),
      ...(threadProblem
        ? [field('No thread', `${inline(threadProblem, 300)} Progress is shown on this card only.`)]
        : []),
    ],
    footer: { text: `Verne · task #${task.number}` },
    timestamp: task.created_at.toISOString(),
  };
}

const BUTTON: Record<
  TaskVerb,
  { label: string; style: ButtonStyle.Success | ButtonStyle.Danger | ButtonStyle.Secondary }
> = {
  confirm: { label: 'Confirm', style: ButtonStyle.Success },
  reject: { label: 'Reject…', style: ButtonStyle.Danger },
  cancel: { label: 'Cancel', style: ButtonStyle.Secondary },
};

/** What may be pressed is what the database says may be asked; nothing is decided here. */
function buttonsOf(task: TaskView): APIButtonComponent[] {
  const verbs = TASK_VERBS.filter((verb) => task.verbs.includes(verb));
  return [
    ...verbs.map((verb) => ({
      type: ComponentType.Button as const,
      custom_id: customId(verb, task.id),
      ...BUTTON[verb],
    })),
    ...(visible(task.prompt).length > PROMPT_SHOWN
      ? [
          {
            type: ComponentType.Button as const,
            custom_id: customId('prompt', task.id),
            label: 'Whole prompt',
            style: ButtonStyle.Secondary as const,
          },
        ]
      : []),
    ...(isLink(task.pr_url) ? [linkButton('Pull request', task.pr_url)] : []),
    ...(isLink(task.session?.url) ? [linkButton('Open in Jules', task.session.url)] : []),
  ];
}

/** The card of a task, from its state alone: the same state gives the same body. */
export function renderTaskCard(task: TaskView, extra: TaskCardExtra = {}): MessageBody {
  const told = task.status === 'pending_confirmation' ? (extra.mention ?? NOBODY) : NOBODY;
  const line = mentions(told);
  return {
    content: line && `${line} a task waits for your decision.`,
    embeds: [embedOf(task, extra)],
    components: rowsOf(buttonsOf(task)),
    allowed_mentions: allow(told),
  };
}
