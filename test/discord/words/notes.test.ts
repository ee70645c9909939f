import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { MessageBody } from '#discord/cards/body.ts';
import { editedFields, kinFields, planReviewFields } from '#discord/cards/kin.ts';
import { NOTE_VIEWS, renderNote } from '#discord/cards/notes.ts';
import { noteLetter } from '#discord/letters.ts';
import { type MessageRow, messageRow } from '#discord/message.ts';
import { de } from '#discord/words/de.ts';
import { en } from '#discord/words/en.ts';
import { speaking } from '#discord/words/words.ts';
import { limitProblems } from '../../support/discord-limits.ts';
import { hostile } from '../../support/hostile.ts';
import { wrongsOfLeaving } from '../../support/leaving-oracle.ts';
import { drawNotes } from '../../support/note-gallery.ts';
import { finderOf, textsOf } from '../../support/spoken.ts';
import { TEMPLATES } from '../../support/surfaces.ts';
import { aSession, aTask } from '../../support/task-view.ts';

const english = finderOf(en, de);

const textOf = ({ content, embeds }: Partial<MessageBody>) => [content, ...textsOf(embeds ?? [])].join('\n');
const partsOf = ({ components = [] }: MessageBody) => components.flatMap((row) => row.components);

/** Mentions, times, addresses, what stands as code, and numbers, which each language writes in its own way. */
const FACT = /<[@#]&?\d+>|<t:\d+:R>|https?:\/\/[^\s)>]+|`[^`\n]+`|•••• \w+|\d[\d.,]*\d|\d/g;
const factsIn = (text: string) =>
  [...text.matchAll(FACT)].map(([one]) => (/^\d/.test(one) ? one.replace(/[.,]/g, '') : one)).sort();

/** Whatever is pressed, sent along and heard, but for its words. */
const bonesOf = (body: MessageBody) => ({
  parts: partsOf(body).map((one) => ({ ...one, label: '' })),
  files: body.files,
  allowed: body.allowed_mentions,
  flags: body.flags,
});

const BY = '1300000000000000022';
const mention = { roles: [], people: [BY] };
const since = '2026-11-20T09:30:00Z';
const PR = 'https://github.com/acme/site/pull/7';
const LINK = 'https://discord.com/channels/1300000000000000001/1300000000000000002/1300000000000000003';
const ENDS = ['done_pr', 'done_patch', 'done_nothing', 'failed', 'unsure', 'stopped'];
const FAILED = 'Jules gave no sign of life for 24 hours, last in state IN_PROGRESS.';
const REFUSED =
  'Jules refused the key. Enter a working one with /config key, then ask again. (Jules answered 403 PERMISSION_DENIED when asked to create a session)';
const masked = `diff\n+key = "AIza${'S'.repeat(35)}"\n`;

type Said = readonly [view: string, facts: object, task?: object];

/** What the gallery has no exhibit of. */
const SAID: readonly Said[] = [
  ...ENDS.flatMap((phase): Said[] => [
    ['outcome', { phase, pr_url: phase === 'done_pr' ? PR : null }],
    ['outcome', { phase, error: FAILED, because: 'key' }],
    ['closing', { phase, by: BY }],
    ['closing', { phase, error: phase === 'failed' ? REFUSED : null }],
  ]),
  ...['decision', 'plan', 'plan_again', 'answer'].map((what): Said => ['reminder', { what, since, mention }]),
  ...['answer', 'changes', 'steer', 'follow_up', 'nudge', 'publish', 'another'].map(
    (kind): Said => ['told', { kind, by: kind === 'steer' ? null : BY, text: 'x'.repeat(9000) }],
  ),
  ...['planning', 'working', 'paused', 'unknown'].map((phase): Said => ['silence', { phase, since, mention }]),
  ['silence', { phase: 'working', said_done: true, since, mention }],
  ['rejection', {}],
  ['rejection', { by: BY, reason: 'x'.repeat(5000) }],
  ['cancellation', {}],
  ['approval', {}, { prompt: `Fix it, @everyone. ${'And more. '.repeat(200)}` }],
  ['opened', { recreated: 1 }],
  ['activity', { entries: [] }],
  ['message', { text: 'x', chars: 20_000 }],
  ['question', { text: '' }],
  ['plan', { steps: [] }],
  ['plan', { steps: ['', 'x'.repeat(400)], of: 3 }],
  ['plan', { steps: Array.from({ length: 24 }, () => 'Step'), file: 'x', chars: 12_345 }],
  ['plan', { steps: ['Step'], file: 'x' }],
  ['patch', { file: masked }],
  ['patch', { by: BY, file: `${masked}${masked}`, chars: 1 }],
  ['untold', { text: 'x' }],
  ['untold', { by: BY, text: 'x'.repeat(9000), kind: 'follow_up', about: '0a1b2c3d', problem: FAILED }],
  ['waiting', { cards: [{ link: LINK }] }],
  ['key_refused', { last4: '1a2b', problem: 'x'.repeat(900) }],
  ['key_exhausted', { last4: '1a2b', used: 1, per_day: 1 }],
  ['key_exhausted', { last4: '1a2b', used: 3, per_day: 15, why: REFUSED }],
  ['key_lost', { last4: '1a2b', why: 'broken' }],
];

const draw = ([view, facts, task]: Said) => {
  const about = aTask({ session: aSession(), ...task });
  return renderNote({ view, facts }, view.startsWith('key_') || view === 'waiting' ? null : about, { cardLink: LINK });
};

/** English of ours, but for the request and what Jules did, which are in the language of those who wrote them. */
function expectGerman(german: MessageBody, anglo: MessageBody, name: string) {
  expect(english(textsOf(german)), name).toEqual([]);
  expect(factsIn(textOf(german)), name).toEqual(factsIn(textOf(anglo)));
  expect(bonesOf(german), name).toEqual(bonesOf(anglo));
  expect(limitProblems(german), name).toEqual([]);
}

describe('a note in German', () => {
  const german = speaking('de', drawNotes);

  it.each(speaking('en', drawNotes).map((exhibit, at) => [exhibit.heading, exhibit, at] as const))(
    '(%s) holds the facts of the English one, and none of its sentences',
    (heading, { body }, at) => {
      expectGerman(german[at]?.body ?? body, body, heading);
      expect(textOf(german[at]?.body ?? body)).not.toBe(textOf(body));
    },
  );

  it.each(SAID.map((said) => [`${said[0]} ${JSON.stringify(said[1]).slice(0, 80)}`, said] as const))(
    '(%s) does so whatever has happened',
    (name, said) => {
      const [one, other] = [speaking('de', () => draw(said)), speaking('en', () => draw(said))];
      expectGerman(one, other, name);
      expect(textOf(one)).not.toBe(textOf(other));
    },
  );

  it('quotes buttons by what stands on them', () => {
    const known = Object.values(de.buttons).concat(['Server verwalten']);
    const texts = [...german.map(({ body }) => body), ...SAID.map((said) => speaking('de', () => draw(said)))];
    const quoted = texts.flatMap((body) => [...textOf(body).matchAll(/„([^“]+)“/g)].map(([, name]) => name ?? ''));
    expect(quoted.length).toBeGreaterThan(2);
    expect(quoted.filter((name) => !known.includes(name))).toEqual([]);
  });
});

test('what Verne itself kept of a failure is German in every note that tells it', () => {
  const told: Readonly<Record<string, readonly Said[]>> = {
    '24 Stunden lang kein Lebenszeichen gegeben': [
      ['outcome', { phase: 'failed', error: FAILED }],
      ['outcome', { phase: 'unsure', error: FAILED }],
      ['closing', { phase: 'failed', error: FAILED }],
      ['untold', { text: 'x', problem: FAILED }],
    ],
    'Jules hat mit 403 PERMISSION\\_DENIED geantwortet': [
      ['key_refused', { last4: '1a2b', problem: REFUSED }],
      ['key_exhausted', { last4: '1a2b', why: REFUSED }],
      ['outcome', { phase: 'failed', error: REFUSED }],
    ],
  };
  for (const [words, notes] of Object.entries(told)) {
    for (const said of notes) expect(speaking('de', () => draw(said)).content, said[0]).toContain(words);
  }
});

const aRow = (facts: object): MessageRow => {
  const empty = Object.fromEntries(Object.keys(messageRow.shape).map((name) => [name, null]));
  const row = { id: 'r', kind: 'note', view: 'outcome', place: 'channel', place_id: BY, resent: 0, ...facts };
  return messageRow.parse({ ...empty, ...row });
};

describe('what comes to another place than it was meant for', () => {
  const moved = (parked: string) => ({ phase: 'done_nothing', parked, parked_place: '1300000000000000009' });
  const letter = (row: object) =>
    noteLetter({ row: aRow(row), task: aTask(), card: undefined, channel: async () => '1' }).body;

  it.each(['forbidden', 'channel_gone', 'refused', 'dm_closed'])('says why (%s) in German too', (parked) => {
    for (const row of [
      { view: 'task', place: 'dm', facts: moved(parked) },
      { view: 'outcome', place: 'dm', facts: moved(parked) },
      { view: 'rejection', place: 'channel', facts: moved(parked) },
    ]) {
      const [one, other] = [speaking('de', () => letter(row)), speaking('en', () => letter(row))];
      expectGerman(one, other, row.view);
      expect(one.content).not.toBe(other.content);
    }
  });
});

test('what a card says of other tasks, of edits and of its plan is German on a German server', () => {
  const relative = (as: string, number: number) => ({ id: `t${number}`, number, as });
  const at = '2026-11-20T10:00:00Z';
  const facts = (void_: number) => ({
    parent: relative('retry', 1),
    children: ['follow_up', 'retry', 'retry', 'retry', 'retry', 'retry'].map((as, one) => relative(as, one + 2)),
    edited: { at, void: void_ },
    plan_review: true,
  });
  const fields = (language: 'de' | 'en', more: object) =>
    speaking(language, () => {
      const task = aTask({ ...facts(1), ...more });
      return [...kinFields(task), ...editedFields(task), ...planReviewFields(task)];
    });
  for (const more of [{ plan_from: 'option' }, { plan_from: 'person' }, { plan_from: 'server', ...facts(2) }]) {
    const [one, other] = [textsOf(fields('de', more)), textsOf(fields('en', more))];
    expect(english(one)).toEqual([]);
    expect(english(other).length).toBeGreaterThan(2);
    expect(factsIn(one.join('\n'))).toEqual(factsIn(other.join('\n')));
  }
});

test('what strangers wrote pings nobody, links nowhere foreign and hides nothing in German notes', async () => {
  const notes = [...TEMPLATES].filter(([name]) => name.startsWith('note '));
  expect(notes.length).toBeGreaterThan(NOTE_VIEWS.length);
  await fc.assert(
    fc.asyncProperty(fc.array(hostile(8), { minLength: 12, maxLength: 40 }), async (texts) => {
      for (const [name, template] of notes) {
        let at = 0;
        const say = () => texts[at++ % texts.length] ?? '';
        expect(wrongsOfLeaving(await speaking('de', async () => template(say))), name).toEqual([]);
      }
    }),
    { numRuns: 3, endOnFailure: true },
  );
});
