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

/** Of names that Verne was given by Jules itself, which it would not ask for. */
const NEVER_STORED = ['"…" is not the name of a Jules …'];
const isTold = (text: string) =>
  /^(?:Jules|The session|The Jules key|The stored Jules key|… has no|… Verne)\b/.test(text) || /^".*Jules/.test(text);

test('every sentence that capabilities keep of a failure is known, as it is built there', () => {
  const files = ['tasks', 'jules'].flatMap(filesOf).concat('guilds/keyring.ts');
  const built = files.flatMap((file) => textsIn(read(file)).map(({ text }) => text));
  const sentences = built.filter((text) => isTold(text) && text.split(' ').length > 3);
  const unknown = sentences.filter((text) => !NEVER_STORED.includes(text) && german(filled(text)) === filled(text));
  expect(sentences.length).toBeGreaterThan(15);
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
