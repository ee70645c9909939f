import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stored } from '#discord/words/de/stored.ts';
import { sayStored, TEMPLATES } from '#discord/words/stored.ts';
import { speaking } from '#discord/words/words.ts';
import { textsIn } from '../../support/regexes.ts';

const SRC = new URL('../../../src/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, SRC), 'utf8');
const filesOf = (folder: string) =>
  readdirSync(new URL(`${folder}/`, SRC)).flatMap((name) => (name.endsWith('.ts') ? [`${folder}/${name}`] : []));

const german = (text: string) => speaking('de', () => sayStored(text));
const filled = (template: string) => template.split('…').reduce((text, piece, at) => `${text}«${at}»${piece}`);

/** What these say is thrown at who asked, or answers a webhook. */
const KEEP_NOTHING = ['activity', 'webhook', 'instruct-task', 'request-task'];
/** A name that Jules itself gave; a piece of another sentence. */
const NO_SENTENCES = ['"…" is not the name of a Jules …', 'when asked to …'];
const isSentence = (text: string) => (text.match(/(?<!\S)\p{L}[\p{L}’'-]+[,.;:]?(?!\S)/gu) ?? []).length >= 3;

test('every sentence that capabilities keep of a failure is known, as it is built there', () => {
  const files = ['tasks', 'jules'].flatMap(filesOf).filter((file) => !KEEP_NOTHING.some((one) => file.includes(one)));
  const built = files.flatMap((file) => textsIn(read(file)).map(({ text }) => text)).filter(isSentence);
  const unknown = built.filter((text) => !NO_SENTENCES.includes(text) && german(filled(text)) === filled(text));
  expect(built.length).toBeGreaterThan(25);
  expect(unknown).toEqual([]);
});

test('each of them is said in German with all that it holds, and in English as it was kept', () => {
  for (const one of Object.keys(stored)) {
    const said = german(filled(one));
    expect(said).not.toBe(filled(one));
    expect(said.match(/«\d»/g)?.sort(), one).toEqual(filled(one).match(/«\d»/g)?.sort());
    expect(said).not.toMatch(/"|\b(?:the|was|is|not)\b/);
    expect(sayStored(filled(one))).toBe(filled(one));
  }
});

test('a sentence that quotes another one is German throughout, but for what Jules answered', () => {
  const answer = 'Jules answered 403 PERMISSION_DENIED when asked to create a session: The caller has no permission';
  const why = `Jules did not say whether it made the session, and it is not in its list. ${answer} Verne looks whether the session was made.`;
  expect(german(why)).toBe(
    'Jules hat nicht gesagt, ob es die Sitzung geöffnet hat, und sie steht nicht in seiner Liste. Jules hat mit 403 PERMISSION_DENIED geantwortet, als es eine Sitzung öffnen sollte: The caller has no permission. Verne sieht nach, ob die Sitzung entstanden ist.',
  );
});

test('what Verne did not write stays as it is, however it is made', () => {
  for (const text of [
    '',
    'Tests failed.',
    '…',
    'Jules answered',
    'more than  bytes',
    'The session was deleted at Jules. ',
  ]) {
    expect(german(text)).toBe(text);
  }
  const nested = 'Jules was not asked: '.repeat(20_000);
  expect(german(nested).length).toBeGreaterThan(nested.length / 2);
});

test('each template fits its own sentence before another one does', () => {
  const first = (text: string) => TEMPLATES.find((one) => german(filled(one)) === german(text));
  expect(TEMPLATES.filter((one) => first(filled(one)) !== one)).toEqual([]);
});
