import {
  type APIButtonComponent,
  type APIEmbed,
  type APIEmbedField,
  ButtonStyle,
  ComponentType,
} from 'discord-api-types/v10';
import { customId } from '#discord/custom-id.ts';
import { inline, markdown, quoteBlock } from '#discord/text.ts';
import { type Words, words } from '#discord/words/words.ts';
import { TASK_VERBS, type TaskVerb, type TaskView } from '#tasks/task.ts';
import { allow, isLink, linkButton, type Mention, type MessageBody, mentions, NOBODY, rowsOf } from './body.ts';
import { clip, restOf } from './clip.ts';
import { faceOf } from './face.ts';
import { factFields } from './facts.ts';
import { editedFields, type KinLinks, kinFields, planReviewFields } from './kin.ts';
import { planLines, progressBar } from './plan.ts';
import { problemLines } from './problem.ts';
import { promptPart, warningFields } from './prompt.ts';

export type TaskCardExtra = {
  /** Who hears that it waits for a decision; shown as long as it does. */
  readonly mention?: Mention;
  /** Why there is no thread, where one was wanted and could not be made. */
  readonly threadProblem?: string | null;
  /** Why the thread that there is does not tell all. */
  readonly threadTrouble?: string | null;
  /** Where the cards of its parent and children are. */
  readonly kin?: KinLinks;
};

const field = (name: string, value: string): APIEmbedField => ({ name, value });

function reasonField({ status, reason }: TaskView): APIEmbedField[] {
  if (status !== 'rejected') return [];
  const { fields, noReason } = words().card;
  const said = clip(reason ?? '', { write: quoteBlock, room: 960 });
  return [field(fields.reason, said.whole > 0 ? [said.text, ...restOf(said)].join('\n') : noReason)];
}

function problemField({ last_error: error }: TaskView): APIEmbedField[] {
  const { fields, noReason } = words().card;
  return error === null ? [] : [field(fields.problem, problemLines(error, 800) || noReason)];
}

function questionField({ session, status }: TaskView): APIEmbedField[] {
  const { question } = session?.progress ?? {};
  if (!question || session?.phase !== 'needs_input' || status !== 'in_progress') return [];
  const asked = clip(question, { write: markdown, room: 620, most: 600 });
  return [field(words().card.fields.asks, [asked.text || '…', ...restOf(asked, words().clipped.onPage)].join('\n'))];
}

function latestField({ session, status }: TaskView): APIEmbedField[] {
  const { latest } = session?.progress ?? {};
  if (!latest || status !== 'in_progress') return [];
  const said = clip(latest, { write: inline, room: 300, most: 250 });
  return [field(words().card.fields.latest, [said.text || '…', ...restOf(said, words().clipped.onPage)].join('\n'))];
}

function planField(task: TaskView, hasThread: boolean): APIEmbedField[] {
  const bar = progressBar(task);
  const lines = [...(bar === null ? [] : [bar]), ...planLines(task, hasThread ? 'thread' : 'page')];
  return lines.length > 0 ? [field(words().card.fields.plan, lines.join('\n'))] : [];
}

function threadField({ threadProblem: problem, threadTrouble: trouble }: TaskCardExtra): APIEmbedField[] {
  const { fields, noThread } = words().card;
  if (trouble) return [field(fields.thread, inline(trouble, 300))];
  return problem ? [field(fields.noThread, noThread(inline(problem, 300)))] : [];
}

/** Who was forgotten has no name to be shown any more. */
const unnamed = (text: string) => text.replaceAll('<@000000000000000000>', words().tasks.forgotten);

/** Discord counts the text of an embed as a whole; so much of it is left free. */
const EMBED_CHARS = 5900;
const FIELD_CHARS = 1024;

const lengthOf = (fields: readonly APIEmbedField[]) =>
  fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0);

/** What the eye needs first stands first; what is only looked up stands last. The prompt takes what room is left. */
function embedOf(task: TaskView, extra: TaskCardExtra) {
  const { color, title, sentence } = faceOf(task);
  const footer = words().card.footer(task.number);
  const before = [
    ...problemField(task),
    ...questionField(task),
    ...planField(task, !extra.threadProblem && !extra.threadTrouble),
    ...latestField(task),
    ...reasonField(task),
    ...editedFields(task),
    ...warningFields(task),
  ];
  const after = [
    ...factFields(task),
    ...planReviewFields(task),
    ...kinFields(task, extra.kin),
    ...threadField(extra),
  ].map(({ value, ...rest }) => ({
    ...rest,
    value: unnamed(value),
  }));
  const used = title.length + sentence.length + footer.length + lengthOf([...before, ...after]);
  const { field: prompt, isCut } = promptPart(task, Math.min(FIELD_CHARS, EMBED_CHARS - used));
  const embed: APIEmbed = {
    color,
    title,
    description: unnamed(sentence),
    fields: [...before, prompt, ...after],
    footer: { text: footer },
    timestamp: task.created_at.toISOString(),
  };
  return { embed, isCut };
}

type Style = ButtonStyle.Success | ButtonStyle.Danger | ButtonStyle.Secondary;
type Label = keyof Words['buttons'];
const button = (label: Label, style: Style, id: string): APIButtonComponent => ({
  type: ComponentType.Button,
  custom_id: id,
  label: words().buttons[label],
  style,
});

const { Success, Danger, Secondary } = ButtonStyle;
/** Nothing may be pressed about what has no name yet. */
const under = (
  task: TaskView,
  what: string | null | undefined,
  buttons: (target: string) => APIButtonComponent[],
): APIButtonComponent[] => (what ? buttons(`${task.id}.${what}`) : []);

/** The buttons of each verb. Those of a plan, a question or edited words name which: under others they do nothing. */
const BUTTONS: Record<TaskVerb, (task: TaskView) => APIButtonComponent[]> = {
  confirm: ({ id, edits }) => [button('confirm', Success, customId('confirm', edits === 0 ? id : `${id}.${edits}`))],
  reject: ({ id }) => [button('reject', Danger, customId('reject', id))],
  edit: ({ id }) => [button('edit', Secondary, customId('edit', id))],
  approve_plan: (task) =>
    under(task, task.plan_hash, (plan) => [button('approvePlan', Success, customId('approve_plan', plan))]),
  ask_changes: (task) =>
    under(task, task.plan_hash, (plan) => [button('askChanges', Secondary, customId('ask_changes', plan))]),
  plan_again: ({ id }) => [button('planAgain', Success, customId('plan_again', id))],
  answer: (task) =>
    under(task, task.session?.question, (question) => [
      button('answer', Success, customId('answer', question)),
      button('goOn', Secondary, customId('go-on', question)),
      button('youDecide', Secondary, customId('you-decide', question)),
    ]),
  reply: ({ id }) => [button('reply', Secondary, customId('reply', id))],
  nudge: (task) =>
    under(task, task.session?.silence, (silence) => [button('nudge', Success, customId('nudge', silence))]),
  publish: (task) =>
    under(task, task.session?.pr_wanting, (end) => [button('publish', Success, customId('publish', end))]),
  get_patch: ({ id }) => [button('getPatch', Secondary, customId('get_patch', id))],
  follow_up: ({ id }) => [button('followUp', Secondary, customId('follow_up', id))],
  retry: ({ id }) => [button('retry', Secondary, customId('retry', id))],
  cancel: ({ id }) => [button('cancel', Secondary, customId('cancel', id))],
};

/** Those of these verbs that apply now; notes carry them as well. */
export const buttonsFor = (task: TaskView, verbs: readonly TaskVerb[]): APIButtonComponent[] =>
  verbs.filter((verb) => task.verbs.includes(verb)).flatMap((verb) => BUTTONS[verb](task));

/** What may be pressed is what the database says may be asked; nothing is decided here. */
function buttonsOf(task: TaskView, isPromptCut: boolean): APIButtonComponent[] {
  const { session, pr_url: url } = task;
  const verbs = TASK_VERBS.filter((verb) => task.verbs.includes(verb));
  const { answerInJules, openInJules, pullRequest } = words().buttons;
  const asks = task.status === 'in_progress' && session?.phase === 'needs_input';
  return [
    ...(isLink(url) ? [linkButton(pullRequest, url)] : []),
    ...verbs.flatMap((verb) => BUTTONS[verb](task)),
    ...(isLink(session?.url) && !session.deleted ? [linkButton(asks ? answerInJules : openInJules, session.url)] : []),
    ...(isPromptCut ? [button('showPrompt', ButtonStyle.Secondary, customId('prompt', task.id))] : []),
  ];
}

/** The card of a task, from its state alone: the same state gives the same body. */
export function renderTaskCard(task: TaskView, extra: TaskCardExtra = {}): MessageBody {
  const told = task.status === 'pending_confirmation' ? (extra.mention ?? NOBODY) : NOBODY;
  const line = mentions(told);
  const { embed, isCut } = embedOf(task, extra);
  return {
    content: line && words().card.waitsForYou(line),
    embeds: [embed],
    components: rowsOf(buttonsOf(task, isCut)),
    allowed_mentions: allow(told),
  };
}
