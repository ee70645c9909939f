import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { BUTTONS } from '#discord/buttons/index.ts';
import { type MessageBody, NOBODY } from '#discord/cards/body.ts';
import { NOTE_VIEWS, renderNote } from '#discord/cards/notes.ts';
import { renderTaskCard } from '#discord/cards/task.ts';
import { discordClient } from '#discord/client.ts';
import type { Context } from '#discord/command.ts';
import { commandDefinitions } from '#discord/definitions.ts';
import { nonceOf } from '#discord/message.ts';
import { keyPanel, removalPanel } from '#discord/panels/keys.ts';
import { noticesPanel } from '#discord/panels/notices.ts';
import { rolesPanel } from '#discord/panels/roles.ts';
import { type Reply, refuse, tell, toResponse } from '#discord/reply.ts';
import { APPROVER_NOTICES, type Settings } from '#guilds/settings.ts';
import { createJudge } from '#sandbox/discord/judge/judge.ts';
import { defaultWorld } from '#sandbox/discord/seed.ts';
import { createDiscord } from '#sandbox/discord/server.ts';
import { SESSION_PHASES } from '#tasks/session.ts';
import { TASK_STATUSES, TASK_VERBS } from '#tasks/task.ts';
import { aShownKey, UNTOUCHED } from '../../support/settings.ts';
import { aSession, aTask, hostileTask, hostileText } from '../../support/task-view.ts';
import { judgeAnswers } from './answers.ts';
import { aMessage, callback } from './bodies.ts';
import { APP, JULES_CHANNEL, REQUESTER } from './support.ts';

const judge = createJudge();
const world = defaultWorld();
const discord = createDiscord({ world, latencyMs: 0, limits: { isOn: false } });
const wrong = judgeAnswers(discord);
const { apiBase } = await discord.listen(0);
const client = discordClient({ token: discord.token, apiBase, timeoutMs: 10_000 });
afterAll(async () => {
  client.close();
  await discord.close();
  expect(wrong, 'answers that Discord’s document does not know').toEqual([]);
});

const PERSON = '1300000000000000022';
const ROLE = '1300000000000000011';
const CARD_LINK = 'https://discord.com/channels/1300000000000000001/1300000000000000002/1300000000000000003';

let posted = 0;
/** By the bot's own client, so that its nonces, mentions and references are judged too. */
async function post(body: Parameters<typeof client.post>[0]['body'], replyTo?: string) {
  posted += 1;
  return client.post({ channelId: JULES_CHANNEL, body, nonce: nonceOf(`message ${posted}`), replyTo }, {});
}

const aFullTask = (facts: object) =>
  aTask({
    verbs: [...TASK_VERBS],
    plan: [{ title: 'Look', description: 'at it' }, { title: 'Mend' }],
    reason: 'Not now',
    last_error: 'It broke',
    pr_url: 'https://github.com/acme/site/pull/7',
    ...facts,
  });

const everyTask = () => [
  ...TASK_STATUSES.map((status) => aFullTask({ status })),
  ...SESSION_PHASES.map((phase) => aFullTask({ status: 'in_progress', session: aSession({ phase, queue_place: 3 }) })),
];

const settings = (facts: Partial<Settings> = {}): Settings => ({
  kind: 'settings',
  create_roles: [ROLE],
  confirm_roles: Array.from({ length: 30 }, (_, at) => String(1_300_000_000_000_000_100n + BigInt(at))),
  default_repo: 'acme/site',
  default_branch: 'main',
  repos: [],
  notice: { how: 'people', people: [PERSON], roles: [] },
  may_change: true,
  key_in_use: { last4: '1a2b', owner: 'server' },
  ...UNTOUCHED,
  grants: [],
  keys: [aShownKey()],
  channels: [],
  ...facts,
});

/** A button whose database answers only that, and shows no task. */
type Opening = 'key' | 'reject' | 'prompt' | 'edit' | 'retry' | 'follow_up';
const pressed = (verb: Opening, target: string, outcome: object): Promise<Reply> => {
  const press = { target: target as never, values: [], answer: '', fields: {} };
  const rpc = async (name: string) => (name === 'read_task' ? null : outcome);
  return BUTTONS[verb].run({ rpc, actor: {} } as unknown as Context, press);
};

const A_DRAFT = {
  kind: 'draft',
  number: 12,
  prompt: 'Fix it. '.repeat(740),
  repo: `${'o'.repeat(39)}/${'r'.repeat(100)}`,
  branch: 'b'.repeat(200),
  edits: 3,
  pr_url: null,
  plan_review: true,
  goes_on: true,
  may_ask: true,
  text: null,
};

const tellPanel = (body: MessageBody): Reply => ({ kind: 'message', ephemeral: true, body });

const TASK_ID = '6f1c2f0e-6d2c-4a57-9f0a-0c9f7a1f2b3c';
const REPLIES: Readonly<Record<string, () => Reply | Promise<Reply>>> = {
  'a sentence for one person': () => tell('Recorded.'),
  'a refusal': () => refuse('forbidden', 'You may not.'),
  'the panel of the roles': () => tellPanel(rolesPanel(settings())),
  'the panel of the roles for those who only look': () => ({
    kind: 'update',
    body: rolesPanel(settings({ may_change: false })),
  }),
  'the panel of the keys': () => tellPanel(keyPanel(settings())),
  'the panel of the keys, where nothing may be changed': () => ({
    kind: 'update',
    body: keyPanel(settings({ may_change: false, keys: [] }), 'Done.'),
  }),
  'the question before a key is removed': () => ({ kind: 'update', body: removalPanel('person', '1a2b') }),
  'the dialog for a key': () => pressed('key', 'server', settings()),
  'the dialog for a reason': () => pressed('reject', TASK_ID, { kind: 'allowed' }),
  'the dialog for an edit of the longest prompt': () => pressed('edit', TASK_ID, A_DRAFT),
  'the dialog for a retry': () => pressed('retry', TASK_ID, { ...A_DRAFT, prompt: 'Fix it' }),
  'the dialog for a follow-up': () => pressed('follow_up', TASK_ID, A_DRAFT),
  'the dialog for a follow-up as a new task': () => pressed('follow_up', TASK_ID, { ...A_DRAFT, goes_on: false }),
  'a long prompt in blocks': () =>
    pressed('prompt', TASK_ID, { kind: 'prompt', number: 12, prompt: 'Fix it. '.repeat(700) }),
  'no answer but "understood"': () => ({ kind: 'deferUpdate' }),
  'the answer to a PING': () => ({ kind: 'pong' }),
  choices: () => ({ kind: 'choices', choices: Array.from({ length: 40 }, (_, at) => `acme/site-${at}`) }),
  'no choices': () => ({ kind: 'choices', choices: [] }),
  ...Object.fromEntries(
    APPROVER_NOTICES.map((how) => [
      `the panel of the notices: ${how}`,
      () => tellPanel(noticesPanel(settings({ notice: { how, people: [PERSON], roles: [] } }))),
    ]),
  ),
};
const refused = () => world.refused.first.map(({ path, body, verdict }) => ({ path, body, errors: verdict?.errors }));

describe('the judge passes what the bot sends:', () => {
  it('the card of every status and phase, posted and edited', async () => {
    const first = await post(renderTaskCard(aTask(), { mention: { roles: [ROLE], people: [PERSON] } }));
    for (const task of everyTask()) {
      await post(renderTaskCard(task, { threadProblem: 'Verne may not create threads.' }));
      await client.edit({ channelId: JULES_CHANNEL, messageId: first, body: renderTaskCard(task) }, {});
    }
    expect(refused()).toEqual([]);
    expect(world.requests.at(-1)?.verdict).toEqual({ ok: true, errors: [] });
  });

  it('notes of every view, as replies', async () => {
    const card = await post(renderTaskCard(aTask()));
    const facts = {
      phase: 'done_pr',
      pr_url: 'https://github.com/acme/site/pull/7',
      entries: [{ title: 'Step', description: 'done' }],
      steps: ['Look', 'Mend'],
      text: 'Which one?',
      cards: [{ link: CARD_LINK }],
      mention: NOBODY,
      what: 'plan',
      since: '2026-11-20T09:30:00Z',
      file: '1. Look\n\n2. Mend\n',
      url: 'https://jules.google.com/session/1',
    };
    for (const view of NOTE_VIEWS) await post(renderNote({ view, facts }, aTask(), { cardLink: CARD_LINK }), card);
    expect(refused()).toEqual([]);
  });

  it('threads, direct messages, the reopening of a thread and the commands', async () => {
    const messageId = await post(renderTaskCard(aTask()));
    const thread = await client.startThread(
      { channelId: JULES_CHANNEL, messageId, name: '#12 Fix the login test' },
      {},
    );
    await client.unarchive(thread, {});
    await client.openDm(REQUESTER, {});
    await client.putCommands(APP, commandDefinitions());
    expect(refused()).toEqual([]);
    const judged = world.requests.filter(({ verdict }) => verdict?.ok).map(({ method, path }) => `${method} ${path}`);
    expect(judged.slice(-4)).toEqual([
      `POST /api/v10/channels/${JULES_CHANNEL}/messages/${messageId}/threads`,
      `PATCH /api/v10/channels/${thread}`,
      'POST /api/v10/users/@me/channels',
      `PUT /api/v10/applications/${APP}/commands`,
    ]);
  });

  it.each(Object.entries(REPLIES))('%s', async (_, reply) => {
    const { type, data } = JSON.parse(JSON.stringify(toResponse(await reply())));
    expect(judge(callback(type, data, aMessage()))).toEqual([]);
  });

  it('cards and notes of hostile text', () => {
    const facts = fc.record({ text: hostileText(3000), error: hostileText(3000), reason: hostileText(1000) });
    fc.assert(
      fc.property(
        hostileTask,
        facts,
        fc.constantFrom('outcome', 'message', 'question', 'rejection'),
        (task, said, view) => {
          for (const body of [renderTaskCard(task), renderNote({ view, facts: said }, task)]) {
            expect(judge({ method: 'POST', route: '/channels/:channel/messages', body })).toEqual([]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
