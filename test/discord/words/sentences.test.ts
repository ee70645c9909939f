import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { refusals } from '#discord/words/de/refusals.ts';
import { textsIn } from '../../support/regexes.ts';

const SRC = new URL('../../../src/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, SRC), 'utf8');
const filesOf = (folder: string) =>
  readdirSync(new URL(`${folder}/`, SRC), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);

/** Choices and names of commands, what a shell reads, what Jules reads, what only an operator does. */
const NO_SENTENCES = [
  '\\`\\`\\`sh\\ngit fetch && git switch -c jules/task-……\\ngit apply --3way …\\n\\`\\`\\`',
  'waits for confirmation',
  'finished without PR',
  'Send to Jules',
  'as the server',
  'too many wait',
  '(shortened: it has … characters; the rest is at the link)',
  'From a message of …, …:',
  'Discord refuses the body of … …',
];

const WORD = /^[(„"]*\p{L}[\p{L}’'-]+[,.;:!?…)"]*$/u;
/** Three words or more. */
const isSentence = (text: string) => text.split(/\s+/).filter((part) => WORD.test(part)).length >= 3;

/** For operators and developers, or the English description of a command, which is a part of it. */
const NOT_FOR_READERS = [
  /\blog\w*\.(?:debug|info|warn|error|fatal)\([^;]*$/,
  /\bnew (?:\w*Error|RemoteFailure|TooLate)\([^;]*$/,
  /\b(?:description|to): $/,
  /^const NO_CONTENT =\s*$/m,
];

function sentencesIn(file: string): string[] {
  const code = read(file);
  const isForReaders = ({ at }: { at: number }) =>
    !NOT_FOR_READERS.some((context) => context.test(code.slice(Math.max(0, at - 300), at)));
  return textsIn(code)
    .filter(({ text }) => isSentence(text) && !NO_SENTENCES.includes(text))
    .filter(isForReaders)
    .map(({ text }) => text);
}

/** Jules reads English; people see what it was told. */
const FOR_JULES = 'discord/for-jules.ts';

const all = filesOf('discord').filter((file) => !file.startsWith('discord/words/') && file !== FOR_JULES);

test('a finder of sentences finds those in quotes, and none that nobody reads in Discord', () => {
  const found = (code: string) =>
    textsIn(code)
      .map(({ text }) => text)
      .filter(isSentence);
  const hole = ['$', "{of('a b c')}"].join('');
  expect(found(`const a = 'It was not done.'; // It was not said.\nconst b = \`Task ${hole} is over\`;`)).toEqual([
    'It was not done.',
    'Task … is over',
  ]);
  expect(found(`f('two words', \`${hole} ${hole} ${hole}\`, '*Server*')`)).toEqual([]);
});

test('no sentence stands outside of the catalogue', () => {
  const found = all.flatMap((file) => sentencesIn(file).map((text) => [file, text]));
  expect(found).toEqual([]);
});

/** Of an operator's commands; no person in Discord meets them. */
const OPERATORS = ['guilds/abandon-master-key.ts', 'guilds/prove-keyring.ts'];

test('every refusal of a capability is said in German', () => {
  const files = ['guilds', 'tasks', 'kernel'].flatMap(filesOf).filter((file) => !OPERATORS.includes(file));
  const codes = files.flatMap((file) =>
    [...read(file).matchAll(/new Refusal\(\s*'(\w+)'/g)].map(([, code]) => code ?? ''),
  );
  expect(Object.keys(refusals).sort()).toEqual([...new Set(codes)].sort());
});
