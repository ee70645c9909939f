import { type APIButtonComponent, ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { customId } from '#discord/custom-id.ts';
import { cutWritten, inline, quoteBlock, visible } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import type { TaskView } from '#tasks/task.ts';
import { type MessageBody, NOBODY, rowsOf } from './body.ts';
import { clip, restOf } from './clip.ts';
import { isPerson, person, quiet, saying } from './note-body.ts';

type Told = {
  readonly by?: string | null | undefined;
  readonly kind?: string | null | undefined;
  readonly text?: string | null | undefined;
  readonly problem?: string | null | undefined;
  readonly about?: string | null | undefined;
};

const TOLD: Readonly<Record<string, string>> = {
  answer: 'answered Jules',
  changes: 'asked Jules for changes of the plan',
  steer: 'told Jules',
  follow_up: 'had Jules go on',
  nudge: 'asked Jules whether it is still at work',
  publish: 'asked Jules for the pull request',
};
const deedOf = (kind: string | null | undefined) => TOLD[kind ?? ''] ?? 'told Jules';

export function toldNote({ by, kind, text: said }: Told): MessageBody {
  const quoted = clip(said ?? '', { write: quoteBlock, room: 1500 });
  return quiet(
    [`✅ ${by ? `<@${by}>` : 'Somebody'} ${deedOf(kind)}:`, quoted.text || '…', ...restOf(quoted)].join('\n'),
  );
}

/** Where a session takes nothing more, the same words can be asked for as a task of their own. */
function anewButton({ kind, about }: Told, { id }: Pick<TaskView, 'id'>): APIButtonComponent[] {
  if (kind !== 'follow_up' || !about) return [];
  const target = customId('follow-anew', `${id}.${about}`);
  return [{ type: ComponentType.Button, style: ButtonStyle.Success, label: 'As a new task…', custom_id: target }];
}

/** What Jules was not told comes back whole, as a file where it is too long, so that nobody has to write it again. */
export function untoldNote(told: Told, task: Pick<TaskView, 'id'>): MessageBody {
  const { by, text: said, problem } = told;
  const quoted = clip(said ?? '', { write: quoteBlock, room: 1000 });
  const why = clip(problem ?? '', { write: inline, room: 400 });
  const lines = [
    `⚠️ ${by ? `<@${by}>, ` : ''}Jules was not told this: ${why.text || 'it gave no reason.'}`,
    quoted.text || '…',
    ...restOf(quoted, 'in the file'),
  ];
  const components = rowsOf(anewButton(told, task));
  const body = {
    ...saying(lines.join('\n'), by && isPerson(by) ? person(by) : NOBODY),
    ...(components.length > 0 && { components }),
  };
  const isCut = quoted.shown < quoted.whole;
  return isCut ? { ...body, files: [{ name: 'message.txt', text: visible(said ?? '') }] } : body;
}

/** Answers a message in a thread, all or a part of which Jules was not told. */
export const unheardNote = ({ sentence }: { readonly sentence?: string | null | undefined }): MessageBody =>
  quiet(`⚠️ ${cutWritten(sentence ?? words().said.untold, 1900)}`);
