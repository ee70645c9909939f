import { expect, test } from 'vitest';
import { check, FINDINGS, type Findings, straysOf } from './check.ts';
import type { Tables } from './tables.ts';
import type { Deed, DiscordEffect, JulesEffect, Truth } from './truth.ts';

/** A checker that overlooks something would call everything clean, so each fault that it is for is shown to it here. */

const ID = '5bd6b1a2-0000-4000-8000-000000000001';
const PROMPT = 'Chaos 1 reply; mend it';
const TITLE = `${PROMPT} [verne:abc]`;
const PULL = 'https://github.com/octo/chaos/pull/7';

const task: Tables['tasks'][number] = {
  id: ID,
  prompt: PROMPT,
  status: 'completed',
  prUrl: PULL,
  error: null,
  session: '77',
};
const card: Tables['messages'][number] = {
  id: 'm1',
  subject: `task:${ID}`,
  kind: 'card',
  view: 'task',
  seq: 1,
  channel: 'c1',
  message: '1',
  parked: null,
};
const note = (seq: number, view: string): typeof card => ({
  ...card,
  id: `m${seq}`,
  kind: 'note',
  view,
  seq,
  message: String(seq),
});
const told = { task: ID, text: 'Reply 1 of chaos 1', state: 'delivered', problem: null } as const;

const jules = (kind: JulesEffect['kind'], text?: string): JulesEffect => ({
  at: 0,
  kind,
  session: '77',
  title: TITLE,
  text,
});
const posted = (message: string, facts: Partial<DiscordEffect> = {}): DiscordEffect => ({
  at: 0,
  kind: 'posted',
  message,
  channel: 'c1',
  title: '',
  content: '',
  nonce: `n${message}`,
  ...facts,
});
const deed = (facts: Partial<Deed>): Deed => ({
  at: 0,
  kind: 'asked',
  what: PROMPT,
  heard: 'taken',
  words: 'recorded',
  ...facts,
});
const pressed = (verb: string): Deed => deed({ kind: 'pressed', what: verb, verb, task: ID });

const REQUESTED = { title: '🧠 New Jules Task Requested' };
const READY = { title: '✅ PR ready: octo/chaos#7' };
const END = { content: `✅ PR ready: ${PULL}`, replyTo: '1' };

const TABLES: Tables = {
  tasks: [task],
  messages: [card, note(2, 'working'), note(3, 'pr_ready')],
  instructions: [told],
  strays: [],
  stuck: [],
};
const TRUTH: Truth = {
  jules: [jules('created'), jules('approved'), jules('messaged', `${told.text}\n\n[verne:def]`)],
  discord: [posted('1', REQUESTED), posted('2'), posted('3', END), { ...posted('1', READY), kind: 'edited' }],
  deeds: [deed({}), pressed('confirm'), deed({ kind: 'told', what: told.text, verb: 'replying', task: ID })],
};

const found = (truth: Partial<Truth>, tables: Partial<Tables> = {}): Partial<Findings> => {
  const findings = Object.entries(check({ ...TRUTH, ...truth }, { ...TABLES, ...tables }));
  return Object.fromEntries(findings.filter(([, sentences]) => sentences.length > 0));
};
const kindsIn = (truth: Partial<Truth>, tables: Partial<Tables> = {}) => Object.keys(found(truth, tables));
const without = <One>(list: readonly One[], one: number) => list.toSpliced(one, 1);

test('a story that was told right has no finding', () => {
  expect(found({})).toEqual({});
});

type Doctored = readonly [what: string, kind: keyof typeof FINDINGS, truth: Partial<Truth>, tables?: Partial<Tables>];
const again = (effect: JulesEffect, facts: Partial<JulesEffect> = {}) => [...TRUTH.jules, { ...effect, ...facts }];
const STRAY = jules('created');

const DOCTORED: readonly Doctored[] = [
  [
    'a task that was acknowledged and is not there',
    'lost',
    { deeds: [...TRUTH.deeds, deed({ what: 'Chaos 2 plain; mend it' })] },
  ],
  [
    'a confirmation that was taken, of a task that was rejected',
    'lost',
    {},
    { tasks: [{ ...task, status: 'rejected', prUrl: null }] },
  ],
  ['a cancellation that was taken, of a task that went on', 'lost', { deeds: [...TRUTH.deeds, pressed('cancel')] }],
  ['a message for Jules that was kept, and is not there', 'lost', {}, { instructions: [] }],
  ['a message that counts as delivered, and that Jules never heard', 'lost', { jules: without(TRUTH.jules, 2) }],
  ['a message that counts as posted, and is not there', 'lost', { discord: without(TRUTH.discord, 1) }],
  [
    'a message that was never posted',
    'lost',
    {},
    { messages: [...TABLES.messages, { ...note(4, 'late'), message: null }] },
  ],
  [
    'a message that was parked',
    'lost',
    {},
    { messages: [...TABLES.messages, { ...note(4, 'late'), message: null, parked: 'refused' }] },
  ],
  ['an end that nobody was told', 'lost', { discord: TRUTH.discord.with(2, posted('3')) }],
  [
    'a task that failed, where nothing makes one fail',
    'lost',
    {},
    { tasks: [{ ...task, status: 'failed', error: 'no' }] },
  ],
  [
    'a request that became two tasks',
    'doubledSessions',
    {},
    { tasks: [task, { ...task, id: ID.replace('1', '2'), session: '78' }] },
  ],
  ['two approved sessions of a task', 'doubledSessions', { jules: again(jules('approved'), { session: '78' }) }],
  ['an approved session that is not the task’s own', 'doubledSessions', {}, { tasks: [{ ...task, session: '79' }] }],
  ['a plan that was approved twice', 'doubledApprovals', { jules: again(jules('approved')) }],
  [
    'a message that Jules was told twice',
    'doubledMessages',
    { jules: again(jules('messaged', `${told.text}\n\n[verne:def]`)) },
  ],
  [
    'a message that was posted twice and is known once',
    'doubledPosts',
    { discord: [...TRUTH.discord, posted('9', { nonce: undefined })] },
  ],
  ['two messages with one nonce', 'doubledPosts', { discord: [...TRUTH.discord, posted('9', { nonce: 'n2' })] }],
  [
    'two rows that hold one message',
    'doubledPosts',
    {},
    { messages: [...TABLES.messages, { ...note(4, 'late'), message: '2' }] },
  ],
  [
    'notes that stand in the wrong order',
    'outOfOrder',
    { discord: [TRUTH.discord[0], TRUTH.discord[2], TRUTH.discord[1], TRUTH.discord[3]] as DiscordEffect[] },
  ],
  ['a task that does not end', 'stuck', {}, { tasks: [{ ...task, status: 'in_progress' }] }],
  ['a message for Jules that still waits', 'stuck', {}, { instructions: [{ ...told, state: 'waiting' }] }],
  ['a dead delivery', 'stuck', {}, { stuck: [{ subscriber: 's', key: `task:${ID}`, state: 'dead', error: 'no' }] }],
  ['a card that shows what is over', 'wrongCard', { discord: without(TRUTH.discord, 3) }],
  ['a card that names another pull request', 'wrongCard', {}, { tasks: [{ ...task, prUrl: PULL.replace('7', '8') }] }],
  ['a stray that nobody has found', 'hiddenStrays', { jules: again(STRAY, { session: '78' }) }],
];

test.for(DOCTORED)('%s is reported', ([, kind, truth, tables]) => {
  expect(kindsIn(truth, tables)).toContain(kind);
});

test('every kind of finding is shown to it', () => {
  expect(new Set(DOCTORED.map(([, kind]) => kind))).toEqual(new Set(Object.keys(FINDINGS)));
});

test('a stray is no finding once it is known or archived, and is counted', () => {
  const stray = again(STRAY, { session: '78' });
  expect(found({ jules: stray }, { strays: ['78'] })).toEqual({});
  expect(found({ jules: [...stray, { ...jules('archived'), session: '78' }] })).toEqual({});
  expect(straysOf({ truth: { ...TRUTH, jules: stray }, tables: TABLES })).toEqual(['78']);
});

test('a thread that is not there need not be closed', () => {
  const closing = { ...note(4, 'closing'), message: null, parked: 'no_thread' };
  expect(found({}, { messages: [...TABLES.messages, closing] })).toEqual({});
});

test('what nobody promised is nothing lost', () => {
  const unsure = [
    deed({ what: 'Chaos 2 plain; mend it', heard: 'nothing' }),
    deed({ what: 'Chaos 3 plain; mend it', heard: 'refused' }),
  ];
  expect(found({ deeds: [...TRUTH.deeds, ...unsure] })).toEqual({});
});
