import type { MessageBody } from '#discord/cards/body.ts';
import { messageLink, NOTE_VIEWS, renderNote } from '#discord/cards/notes.ts';
import { exhibitNamed, GALLERY_NOW } from './card-gallery.ts';

/** One note as people may meet it, and where. */
export type NoteExhibit = { readonly heading: string; readonly when: string; readonly body: MessageBody };

const REQUESTER_TASK = exhibitNamed('in-progress-working').task;
const ASKED_TASK = exhibitNamed('pending-suspicious').task;
const EXPIRED_TASK = exhibitNamed('expired').task;
const FAILED_TASK = exhibitNamed('failed').task;
const APPROVER = '1190000000000000041';
const ROLE = '1190000000000000021';
const cardLink = messageLink('1190000000000000010', '1190000000000000031', '1190000000000000099');
const PR = 'https://github.com/octo-org/website/pull/7';
const PATCH = `diff --git a/server.ts b/server.ts
--- a/server.ts
+++ b/server.ts
@@ -1,2 +1,3 @@
 const app = fastify();
+app.get('/healthz', async () => ({ ok: true }));
 await app.listen({ port: 8080 });
`;

const note = (view: string, facts: object, task = REQUESTER_TASK) =>
  renderNote({ view, facts }, /^(?:waiting|key_.*)$/.test(view) ? null : task, { cardLink });

const steps = (count: number) => Array.from({ length: count }, (_, at) => `Move module ${at + 1} to the new router`);

const sent = (): Readonly<Record<string, NoteExhibit>> => ({
  approval: {
    heading: 'A task waits (direct message)',
    when: 'To the people whom `/config notices` names, where the server has chosen direct messages.',
    body: note('approval', {}, ASKED_TASK),
  },
  waiting: {
    heading: 'Several tasks wait',
    when: 'In the channel, once for the cards that came too soon after one that mentioned approvers.',
    body: note('waiting', {
      cards: Array.from({ length: 12 }, () => ({ link: cardLink })),
      mention: { roles: [ROLE], people: [] },
    }),
  },
  rejection: {
    heading: 'Rejected (direct message)',
    when: 'To the requester.',
    body: note('rejection', { by: APPROVER, reason: 'The load balancer asks /ping already.\nUse that one, please.' }),
  },
  expiry: {
    heading: 'Expired',
    when: 'In the channel, in answer to the card, with a mention of the requester.',
    body: note('expiry', {}, EXPIRED_TASK),
  },
  'expiry-approved': {
    heading: 'Expired, though some approved',
    when: 'The same, where a server asks for more approvals than came.',
    body: note('expiry', {}, { ...exhibitNamed('pending-approvals').task, status: 'expired', verbs: [] }),
  },
  opened: {
    heading: 'The session is open',
    when: 'First in the thread, silent.',
    body: note('opened', { url: REQUESTER_TASK.session?.url }),
  },
  plan: {
    heading: 'The plan',
    when: 'In the thread, silent; a plan of more than twenty steps comes in several notes.',
    body: note('plan', { steps: steps(28).slice(20), from: 20, of: 28 }),
  },
  activity: {
    heading: 'What Jules did',
    when: 'In the thread, silent; what came together is told together.',
    body: note('activity', {
      entries: [
        { title: 'Read how routes are registered', description: 'They are plugins.\nEach has a test beside it.' },
        { title: 'Ran bash command', description: 'Command: npm test\nOutput: 2 failed\n12 passed\nExit Code: 1' },
        {
          title: 'Mended the tests',
          description: Array.from({ length: 14 }, (_, at) => `Changed file ${at + 1}`).join('\n'),
        },
      ],
    }),
  },
  reminder: {
    heading: 'Something still waits',
    when: 'In the channel, in answer to the card: half an hour after it began to wait, then daily. From the second time on approvers are mentioned too.',
    body: note('reminder', {
      what: 'answer',
      since: '2026-11-20T09:30:00Z',
      mention: { roles: [], people: ['1190000000000000042'] },
    }),
  },
  silence: {
    heading: 'Jules is silent',
    when: 'In the channel, in answer to the card, with a mention of the requester: once, and once more a day later.',
    body: note(
      'silence',
      {
        phase: 'working',
        last_sign: '2026-11-20T09:30:00Z',
        since: '2026-11-20T09:50:00Z',
        mention: { roles: [], people: ['1190000000000000042'] },
      },
      exhibitNamed('silent').task,
    ),
  },
  patch: {
    heading: 'The last patch',
    when: 'In the thread, with a mention of who pressed Get the patch, and the patch as a file.',
    body: note('patch', {
      by: APPROVER,
      chars: PATCH.length,
      base_commit: '36ead0a4c1f2b3d4e5f60718293a4b5c6d7e8f90',
      file: PATCH,
    }),
  },
  told: {
    heading: 'Jules was told',
    when: 'In the thread, silent, when Jules has taken what somebody wrote.',
    body: note('told', { by: APPROVER, kind: 'answer', text: 'Public, please.\nThe load balancer has no token.' }),
  },
  untold: {
    heading: 'Jules was not told',
    when: 'In the thread, with a mention of who wrote it, where Jules did not take it. What was to go on can be asked for as a new task.',
    body: note('untold', {
      by: APPROVER,
      kind: 'follow_up',
      text: 'Use the pool that is there already.',
      problem: 'Jules answered 404: the session was not found.',
      about: '0a1b2c3d',
    }),
  },
  unheard: {
    heading: 'A message in the thread was not told, or not all of it',
    when: 'In the thread, silent, as an answer to the message: once to each person who may not, else to each message.',
    body: note('unheard', {
      by: APPROVER,
      why: { kind: 'left_out', files: [{ name: 'trace.zip', why: 'not_text' }] },
    }),
  },
  message: {
    heading: 'Jules says something',
    when: 'In the thread, silent.',
    body: note('message', {
      text: `I used the pool that is there already.\n\n${'It has a timeout of its own. '.repeat(12)}`,
      chars: 2640,
    }),
  },
  question: {
    heading: 'Jules asks',
    when: 'In the thread, with a mention of the requester.',
    body: note('question', { text: 'Should `/healthz` need a token, or is it **public**?' }),
  },
  resumed: {
    heading: 'Jules came back',
    when: 'In the thread, silent: a finished session works again.',
    body: note('resumed', {}),
  },
  outcome: {
    heading: 'The result',
    when: 'In the channel, in answer to the card, with a mention of the requester.',
    body: note('outcome', { phase: 'done_pr', pr_url: PR }),
  },
  'outcome-failed': {
    heading: 'The result, a failure',
    when: 'The same, where there is none to be had.',
    body: note('outcome', { phase: 'failed', error: FAILED_TASK.last_error }, FAILED_TASK),
  },
  closing: {
    heading: 'The end of the thread',
    when: 'Last in the thread, silent.',
    body: note('closing', { phase: 'done_pr', pr_url: PR }),
  },
  cancellation: {
    heading: 'Cancelled by somebody else',
    when: 'In the channel, where an approver cancelled what another one asked for.',
    body: note('cancellation', { by: APPROVER }),
  },
  key_refused: {
    heading: 'A key is refused (direct message)',
    when: 'To who entered it.',
    body: note('key_refused', {
      last4: '1a2b',
      problem: 'Jules answered 403 PERMISSION_DENIED when asked to list sources',
    }),
  },
  key_exhausted: {
    heading: 'A key is used up (direct message)',
    when: 'To who entered it, once in 24 hours, while tasks wait for it.',
    body: note('key_exhausted', {
      last4: '1a2b',
      used: 15,
      per_day: 15,
      back_at: new Date(GALLERY_NOW.getTime() + 7_200_000),
    }),
  },
  key_lost: {
    heading: 'A key is lost (direct message)',
    when: 'To who entered it, where its master key was given up or its seal was broken.',
    body: note('key_lost', { last4: '1a2b', why: 'lost' }),
  },
});

const SENT = sent();

/** In the order of a task's life; the names are those of the pictures. */
export const NOTE_GALLERY: readonly (readonly [name: string, NoteExhibit])[] = Object.entries(SENT).map(
  ([name, exhibit]) => [`note-${name.replaceAll('_', '-')}`, exhibit],
);

export const ALL_NOTES: readonly NoteExhibit[] = Object.values(SENT);

/** All of them, in the language that is spoken. */
export const drawNotes = (): readonly NoteExhibit[] => Object.values(sent());

const missing = NOTE_VIEWS.filter((view) => !(view in SENT));
if (missing.length > 0) throw new TypeError(`The gallery has no note called ${missing.join(', ')}.`);
