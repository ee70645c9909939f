import { code, inline, markdown } from '#discord/text.ts';

export type Entry = { readonly title?: string | null | undefined; readonly description?: string | null | undefined };

/** Longer descriptions are cut after so many lines: the thread tells, Jules's own page shows. */
const MOST_LINES = 8;

type Run = { readonly command: string; readonly exitCode: number; readonly output: string };

/** Jules tells of a command as `Command: …`, `Output: …`, `Exit Code: …`; null where it is not told so. */
function runOf({ title, description }: Entry): Run | null {
  if (!/\bcommand$/i.test(title?.trim() ?? '')) return null;
  const told = /^\s*Command:(?<command>.*?)(?:\nOutput:(?<output>.*?))?\nExit Code:\s*(?<exit>-?\d+)\s*$/is.exec(
    description ?? '',
  )?.groups;
  if (!told) return null;
  return {
    command: (told['command'] ?? '').trim(),
    output: (told['output'] ?? '').trim(),
    exitCode: Number(told['exit']),
  };
}

/** Small print, line by line; a block of code stays one. */
function smallPrint(text: string, room: number): string {
  if (/^ {0,3}```/m.test(text)) return markdown(text, room);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const shown = markdown(lines.slice(0, MOST_LINES).join('\n'), Math.max(20, room - 3 * MOST_LINES));
  const more = lines.length > MOST_LINES ? ['…'] : [];
  return [...shown.split('\n').filter((line) => line.trim() !== ''), ...more].map((line) => `-# ${line}`).join('\n');
}

const headOf = (words: string, room: number) => `**${inline(words, Math.max(20, Math.min(250, room - 4)))}**`;

function runText({ command, output, exitCode }: Run, room: number): string {
  const line = `$ ${command.replace(/\s+/g, ' ')}`;
  if (exitCode === 0) return `-# ${inline(line, Math.min(200, room - 3))}`;
  const head = `⚠️ ${code(line, Math.min(160, room))} ended with exit code ${exitCode}`;
  return output ? `${head}\n${smallPrint(output, Math.max(40, room - head.length))}` : head;
}

/** A title, and beneath it what it says more: a description that only repeats the title is left out. */
function entryText(entry: Entry, room: number): string {
  const run = runOf(entry);
  if (run) return runText(run, room);
  const { title, description } = entry;
  const head = title?.trim() ? headOf(title, room) : '';
  const isEcho = title && description?.startsWith(title);
  const more = isEcho || !description?.trim() ? '' : smallPrint(description, Math.max(40, room - head.length));
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
