import { openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What truly happened. Each simulator keeps a log of its own: one line for each thing that took effect, written at once
 * and never changed. Neither is ever killed, so these logs are what the bot is measured by.
 */
export type JulesEffect = {
  readonly at: number;
  readonly kind: 'created' | 'approved' | 'messaged' | 'archived' | 'unarchived' | 'deleted';
  readonly session: string;
  readonly title: string;
  readonly text?: string | undefined;
};

/** A message of the bot that everybody in the channel can read. */
export type DiscordEffect = {
  readonly at: number;
  readonly kind: 'posted' | 'edited' | 'deleted';
  readonly message: string;
  readonly channel: string;
  /** Of its embed; empty where it has none. */
  readonly title: string;
  readonly content: string;
  readonly nonce?: string | undefined;
  readonly replyTo?: string | undefined;
};

/** What people did, and what they heard: `taken` is a promise of Verne's, `nothing` is no answer in time. */
export type Deed = {
  readonly at: number;
  readonly kind: 'asked' | 'pressed' | 'told';
  /** The prompt, the text, or the button's words. */
  readonly what: string;
  /** Of the button, and of the dialog behind it. */
  readonly verb?: string | undefined;
  readonly task?: string | undefined;
  readonly heard: 'taken' | 'refused' | 'nothing';
  readonly words: string;
};

export type Truth = {
  readonly jules: readonly JulesEffect[];
  readonly discord: readonly DiscordEffect[];
  readonly deeds: readonly Deed[];
};

export type LogName = keyof Truth;

const fileOf = (folder: string, name: LogName) => join(folder, `truth-${name}.jsonl`);

/** Appends a line at a time, so that what stands there is whole. */
export function keepTruth<Line>(folder: string, name: LogName): (line: Line) => void {
  const file = openSync(fileOf(folder, name), 'a');
  return (line) => void writeSync(file, `${JSON.stringify(line)}\n`);
}

function linesOf(folder: string, name: LogName): unknown[] {
  return readFileSync(fileOf(folder, name), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);
}

export const readTruth = (folder: string): Truth => ({
  jules: linesOf(folder, 'jules') as JulesEffect[],
  discord: linesOf(folder, 'discord') as DiscordEffect[],
  deeds: linesOf(folder, 'deeds') as Deed[],
});
