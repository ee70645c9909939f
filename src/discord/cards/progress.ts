import { code, inline, markdown } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import { clip, restOf } from './clip.ts';

export type Entry = {
  readonly title?: string | null | undefined;
  readonly description?: string | null | undefined;
  /** Of the whole description, where only its beginning was kept. */
  readonly chars?: number | null | undefined;
};

/** Longer descriptions are cut after so many lines: the thread tells, Jules's own page shows. */
const MOST_LINES = 8;
/** For the line that counts what was left out. */
const REST_ROOM = 60;

type Run = { readonly command: string; readonly exitCode: number; readonly output: string };

/** Jules tells of a command as `Command: …`, `Output: …`, `Exit Code: …`; null where it is not told so. */
function runOf({ title, description }: Entry): Run | null {
  if (!/\bcommand$/i.test(title?.trim() ?? '')) return null;
  const told = (description ?? '').trim();
  const exit = /\nExit Code: {0,9}(-?\d{1,10})$/i.exec(told);
  if (!exit || !/^Command:/i.test(told)) return null;
  const body = told.slice('Command:'.length, exit.index);
  const at = body.search(/\nOutput:/i);
  return {
    command: (at < 0 ? body : body.slice(0, at)).trim(),
    output: at < 0 ? '' : body.slice(at + '\nOutput:'.length).trim(),
    exitCode: Number(exit[1]),
  };
}

/** Small print, line by line; a block of code stays one. What is left out is counted beneath. */
function smallPrint(text: string, room: number, chars?: number | null): string {
  const free = Math.max(10, room - REST_ROOM);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  // Blank lines are no loss: what they took is not counted as left out.
  const whole = chars && chars > text.length ? chars : undefined;
  const mostLines = Math.min(MOST_LINES, Math.ceil(free / 15));
  const most = Math.max(10, free - 3 * mostLines);
  const piece = clip(lines.join('\n'), { write: markdown, room: most, lines: mostLines, chars: whole });
  // Three backticks stand in a written text only where a block of code is.
  if (piece.text.includes('```')) {
    const block = clip(text, { write: markdown, room: free, chars });
    return [block.text, ...restOf(block, words().clipped.onPage)].join('\n');
  }
  const shown = piece.text.split('\n').filter((line) => line.trim() !== '');
  return [...shown.map((line) => `-# ${line}`), ...restOf(piece, words().clipped.onPage)].join('\n');
}

/** A title that is cut ends in `…`; Jules's page has it whole. */
function headOf(title: string, room: number): string {
  const head = inline(title, Math.min(250, room - 4));
  // Four asterisks around nothing would be bold up to the next two, wherever those stand.
  return head && `**${head}**`;
}

function runText({ command, output, exitCode }: Run, room: number): string {
  const line = `$ ${command.replace(/\s+/g, ' ')}`;
  if (exitCode === 0) return `-# ${inline(line, Math.min(200, room - 3))}`;
  const head = `⚠️ ${words().card.exitCode(code(line, Math.min(160, Math.floor(room / 2))), exitCode)}`;
  return output ? `${head}\n${smallPrint(output, room - head.length - 1)}` : head;
}

/** A title, and beneath it what it says more: a description that only repeats the title is left out. */
function entryText(entry: Entry, room: number): string {
  const run = runOf(entry);
  if (run) return runText(run, room);
  const { title, description, chars } = entry;
  const hasMore = (description?.trim() ?? '') !== '';
  const head = title?.trim() ? headOf(title, hasMore ? Math.floor(room / 2) : room) : '';
  const isEcho = title && description?.trim() === title.trim();
  const more = isEcho || !description || !hasMore ? '' : smallPrint(description, room - head.length - 1, chars);
  return [head, more].filter(Boolean).join('\n');
}

const wentWell = (entry: Entry) => runOf(entry)?.exitCode === 0;

/** What Jules did, without the commands that went well, unless they are all there is to tell. */
export function progressText(entries: readonly Entry[], max: number): string {
  const told = entries.filter((entry) => !wentWell(entry));
  const shown = told.length > 0 ? told : entries;
  const room = Math.floor(max / Math.max(1, shown.length)) - 2;
  const texts = shown.map((entry) => entryText(entry, room)).filter(Boolean);
  return texts.join(told.length > 0 ? '\n\n' : '\n');
}
