import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { MessageBody } from '#discord/cards/body.ts';
import { suspicions } from '#discord/cards/prompt.ts';
import { silenceNote } from '#discord/cards/stuck.ts';
import { renderTaskCard, type TaskCardExtra } from '#discord/cards/task.ts';
import { de } from '#discord/words/de.ts';
import { en } from '#discord/words/en.ts';
import { speaking } from '#discord/words/words.ts';
import { SESSION_PHASES } from '#tasks/session.ts';
import { TASK_STATUSES, TASK_VERBS, type TaskView } from '#tasks/task.ts';
import { ALL_EXHIBITS, exhibitNamed } from '../../support/card-gallery.ts';
import { limitProblems } from '../../support/discord-limits.ts';
import { finderOf, textsOf } from '../../support/spoken.ts';
import { aSession, aTask, hostileTask } from '../../support/task-view.ts';

const english = finderOf(en, de);

/** What the gallery has of a thread is English; a card gets it in the language that is spoken. */
const threadWords = new Map<string, string>(
  Object.entries(en.thread).map(([name, said]) => [said, de.thread[name as keyof typeof de.thread]]),
);
const inGerman = ({ threadProblem, threadTrouble, ...rest }: TaskCardExtra): TaskCardExtra => ({
  ...rest,
  threadProblem: threadWords.get(threadProblem ?? '') ?? null,
  threadTrouble: threadWords.get(threadTrouble ?? '') ?? null,
});
const germanCard = (task: TaskView, extra: TaskCardExtra = {}) =>
  speaking('de', () => renderTaskCard(task, inGerman(extra)));

const partsOf = ({ components = [] }: MessageBody) => components.flatMap((row) => row.components);
const labelsOf = (body: MessageBody) => partsOf(body).flatMap((one) => ('label' in one ? [one.label ?? ''] : []));
const textOf = ({ content, embeds }: MessageBody) => [content, ...textsOf(embeds ?? [])].join('\n');

/** Mentions, times, addresses, what stands as code, and numbers, which each language writes in its own way. */
const FACT = /<@&?\d+>|<t:\d+:R>|https?:\/\/[^\s)>]+|`[^`\n]+`|•••• \w+|\d[\d.,]*\d|\d/g;
const factsOf = (body: MessageBody) =>
  [...textOf(body).matchAll(FACT)].map(([one]) => (/^\d/.test(one) ? one.replace(/[.,]/g, '') : one)).sort();

/** Whatever is pressed or looked at, and where it leads, but for its words. */
const bonesOf = (body: MessageBody) => ({
  buttons: partsOf(body).map((one) => ({ ...one, label: '' })),
  allowed: body.allowed_mentions,
  shape: body.embeds?.map(({ color, fields, timestamp }) => [color, timestamp, fields?.map(({ inline }) => inline)]),
});

/** English of ours, but for what stands in what people or Jules wrote. */
function foundIn(body: MessageBody, { prompt, last_error: error, reason, plan, session }: TaskView): string[] {
  const theirs = textsOf([prompt, error, reason, plan, session?.progress]).join('\n');
  return english(textsOf(body)).filter((one) => !theirs.includes(one));
}

/** Buttons that a sentence asks for. */
const pressed = (body: MessageBody) =>
  [...textOf(body).matchAll(/auf „([^“]+)“/g)].map(([, label]) => label ?? '').filter(Boolean);

describe('a card in German', () => {
  it.each([...new Set(ALL_EXHIBITS)].map((exhibit) => [exhibit.heading, exhibit] as const))(
    '(%s) holds the facts of the English one, and none of its sentences',
    (_, { task, extra = {} }) => {
      const [german, anglo] = [germanCard(task, extra), speaking('en', () => renderTaskCard(task, extra))];
      expect(foundIn(german, task)).toEqual([]);
      expect(foundIn(anglo, task)).not.toEqual([]);
      expect(factsOf(german)).toEqual(factsOf(anglo));
      expect(bonesOf(german)).toEqual(bonesOf(anglo));
      expect(limitProblems(german)).toEqual([]);
    },
  );

  it('asks for no button that it does not have', () => {
    const asked = ALL_EXHIBITS.map(({ task, extra }) => germanCard(task, extra)).map((body) => [
      pressed(body),
      labelsOf(body),
    ]);
    expect(asked.flatMap(([names]) => names).length).toBeGreaterThan(10);
    expect(asked.filter(([names = [], labels = []]) => names.some((name) => !labels.includes(name)))).toEqual([]);
  });

  it('has short names on its buttons, each another one', () => {
    const labels = Object.values(de.buttons);
    expect(labels.filter((label) => label.length > 25)).toEqual([]);
    expect(new Set(labels).size).toBe(labels.length);
  });

  it('is German in every status and phase, whatever has come of it', () => {
    const by = '1300000000000000022';
    const at = '2026-11-20T10:00:00Z';
    const policy = { approvals: 3, self_approval: false, expires_at: at };
    const sessions = [
      { silence: '0a1b2c3e', url: null },
      { silence: '0a1b2c3e', progress: { said_done: true, step: 0 } },
      { paused: 'everywhere', recreated: 2, url: null },
      { paused: 'here', opened_at: null, unsure_because: 'key' },
      { queue: { place: 1200, because: 'per_day', wait_s: 9000 }, resumes: 1, deleted: true },
      { queue: { place: 1, because: 'key' }, recreated: 1, plan_approved_by: by },
      { queue: { because: 'paused' }, ended_at: at, jules_state: '' },
    ];
    const facts = [
      { verbs: [...TASK_VERBS], plan: [{ title: '' }], pr_source: 'webhook', last_error: '' },
      { verbs: [], policy, approvals: [{ by, at }], stands_still: true, quota: null, ended_by: by },
      {
        last_error: 'Jules gave no reason.',
        policy,
        approvals: [
          { by, at },
          { by, at },
        ],
        repo_from: 'person',
      },
    ];
    const all = TASK_STATUSES.flatMap((status) =>
      SESSION_PHASES.flatMap((phase) =>
        sessions.flatMap((one, turn) => {
          const more = facts[turn % facts.length] ?? {};
          return aTask({ status, session: aSession({ phase, ...one }), ...more });
        }),
      ),
    );
    const found = all.flatMap((task) => foundIn(germanCard(task), task));
    expect(found).toEqual([]);
  });

  it('keeps to every limit of Discord, whatever people or Jules wrote', () => {
    fc.assert(
      fc.property(hostileTask, (task) => {
        const body = speaking('de', () => renderTaskCard(task, { threadProblem: task.last_error }));
        expect(limitProblems(body)).toEqual([]);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it('writes numbers and lengths of time as German does', () => {
    const long = germanCard(aTask({ prompt: 'x'.repeat(10_000) }));
    expect(textOf(long)).toContain('-# zeigt 900 von 10.000 Zeichen; mit **Prompt zeigen** siehst du alles');
    const queue = { place: 1200, because: 'at_once', wait_s: 5400 };
    const queued = germanCard(aTask({ status: 'in_progress', session: aSession({ phase: 'queued', queue }) }));
    expect(textOf(queued)).toContain('Platz 1.200 in der Warteschlange, noch etwa 2 Stunden.');
  });

  it('says in German what Verne itself wrote down of a failure, and leaves what Jules answered as it is', () => {
    const why = (last_error: string) =>
      germanCard(aTask({ status: 'failed', session: aSession({ phase: 'failed' }), last_error })).embeds?.[0]
        ?.fields?.[0];
    expect(why('The session was deleted at Jules.')).toEqual({
      name: 'Was schiefging',
      value: 'Die Sitzung wurde bei Jules gelöscht.',
    });
    const refused =
      'Jules refused the session: Jules answered 400 INVALID_ARGUMENT when asked to create a session: bad branch';
    expect(why(refused)?.value).toBe(
      'Jules hat die Sitzung abgelehnt.\n-# Jules hat mit 400 INVALID\\_ARGUMENT geantwortet, als es eine Sitzung öffnen sollte: bad branch',
    );
    expect(why('The tests cannot be made to pass.')?.value).toBe('The tests cannot be made to pass.');
  });
});

test('the rejection and the request are what a German server reads, not the titles of the English card', () => {
  const title = (name: string) => germanCard(exhibitNamed(name).task).embeds?.[0]?.title;
  expect(title('pending')).toBe('🧠 Neue Aufgabe für Jules');
  expect(title('rejected')).toBe('❌ Aufgabe abgelehnt');
});

test('what an approver may overlook is named in German, thing by thing', () => {
  const prompt = 'Fix\u202E it, @everyone, as in [the guide](https://a.example/x) or discord.gg/abc';
  expect(speaking('de', () => suspicions({ prompt, branch: 'm\u0430in' }))).toEqual([
    '1 unsichtbares Zeichen weggelassen',
    '1 Link, der andere Worte als seine Adresse zeigt',
    '1 Erwähnung von Personen, Rollen oder allen',
    'Adressen, die nicht als Links gezeigt werden: `a.example`, `discord.gg/abc`',
    expect.stringMatching(/^im Namen des Branches stehen ungewöhnliche Buchstaben: .*U\+0430$/),
  ]);
});

test.each([
  ['planning', false],
  ['paused', false],
  ['working', true],
  ['working', false],
] as const)('that Jules is silent (%s, done: %s) is told in German too', (phase, said_done) => {
  const since = new Date('2026-11-20T10:00:00Z');
  const mention = { roles: [], people: ['1300000000000000022'] };
  const body = speaking('de', () => silenceNote('#12', { phase, said_done, since, mention }));
  expect(english(textsOf(body))).toEqual([]);
  expect(body.content).toMatch(/^<@1300000000000000022> .*#12.*<t:1795168800:R>|<t:1795168800:R>.*#12/);
});
