import { type APIButtonComponent, ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { customId } from '#discord/custom-id.ts';
import { cutWritten, inline, quoteBlock, visible } from '#discord/text.ts';
import { sayUnheard, type Unheard } from '#discord/unheard.ts';
import { sayStored } from '#discord/words/stored.ts';
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

const mentionOf = (by: string | null | undefined) => (by ? `<@${by}>` : null);

export function toldNote({ by, kind, text: said }: Told): MessageBody {
  const { did, somebody } = words().told;
  const deeds: Readonly<Record<string, (who: string) => string>> = did;
  const deed = deeds[kind ?? ''] ?? did.steer;
  const quoted = clip(said ?? '', { write: quoteBlock, room: 1500 });
  return quiet([deed(mentionOf(by) ?? somebody), quoted.text || '…', ...restOf(quoted)].join('\n'));
}

/** Where a session takes nothing more, the same words can be asked for as a task of their own. */
function anewButton({ kind, about }: Told, { id }: Pick<TaskView, 'id'>): APIButtonComponent[] {
  if (kind !== 'follow_up' || !about) return [];
  const target = customId('follow-anew', `${id}.${about}`);
  return [
    { type: ComponentType.Button, style: ButtonStyle.Success, label: words().buttons.asNewTask, custom_id: target },
  ];
}

/** What Jules was not told comes back whole, as a file where it is too long, so that nobody has to write it again. */
export function untoldNote(told: Told, task: Pick<TaskView, 'id'>): MessageBody {
  const { by, text: said, problem } = told;
  const quoted = clip(said ?? '', { write: quoteBlock, room: 1000 });
  const why = clip(sayStored(problem ?? ''), { write: inline, room: 400 }).text || words().outcome.noReason;
  const who = mentionOf(by);
  const { untold, untoldTo } = words().told;
  const lines = [who ? untoldTo(who, why) : untold(why), quoted.text || '…', ...restOf(quoted, words().clipped.inFile)];
  const components = rowsOf(anewButton(told, task));
  const body = {
    ...saying(lines.join('\n'), by && isPerson(by) ? person(by) : NOBODY),
    ...(components.length > 0 && { components }),
  };
  const isCut = quoted.shown < quoted.whole;
  return isCut ? { ...body, files: [{ name: 'message.txt', text: visible(said ?? '') }] } : body;
}

type NotHeard = { readonly why?: Unheard | undefined; readonly sentence?: string | null | undefined };

/** Answers a message in a thread, all or a part of which Jules was not told. */
export const unheardNote = ({ why, sentence }: NotHeard): MessageBody =>
  quiet(`⚠️ ${cutWritten(why ? sayUnheard(why) : (sentence ?? words().said.untold), 1900)}`);
