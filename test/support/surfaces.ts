import { ButtonStyle } from 'discord-api-types/v10';
import { BUTTONS } from '#discord/buttons/index.ts';
import type { MessageBody } from '#discord/cards/body.ts';
import { messageLink, NOTE_VIEWS, renderNote } from '#discord/cards/notes.ts';
import { renderTaskCard } from '#discord/cards/task.ts';
import type { Context } from '#discord/command.ts';
import { configChannel, configRepo } from '#discord/commands/config-repo.ts';
import { jules } from '#discord/commands/jules.ts';
import { task } from '#discord/commands/task.ts';
import { tasks } from '#discord/commands/tasks.ts';
import { cardLetter, noteLetter } from '#discord/letters.ts';
import { type MessageRow, messageRow } from '#discord/message.ts';
import { keyPanel, removalPanel } from '#discord/panels/keys.ts';
import { type Reply, tell, toResponse } from '#discord/reply.ts';
import { threadName } from '#discord/thread.ts';
import { refuseTarget } from '#discord/wrong-target.ts';
import { SESSION_PHASES } from '#tasks/session.ts';
import { TASK_STATUSES } from '#tasks/task.ts';
import { anActor } from './actors.ts';
import { aShownKey, UNTOUCHED } from './settings.ts';
import { aSession, aTask } from './task-view.ts';

/** A text that leaves: read as markdown (with what a body says of pings), or shown as it is. */
export type Surface = { readonly text: string; readonly isPlain: boolean };
export type Leaving = { readonly surfaces: readonly Surface[]; readonly allowed: unknown };

const PERSON = '1300000000000000022';
const NOW = '2026-11-20T10:00:00.000Z';

/** What our own texts may name beside the strangers' words. */
export const OURS = {
  ids: ['1300000000000000023', '1300000000000000002', PERSON, '1300000000000000012'],
  instants: [String(Date.parse(NOW) / 1000)],
};

const markdownOf = (texts: readonly (string | undefined)[]) =>
  texts.flatMap((text): Surface[] => (text ? [{ text, isPlain: false }] : []));
const plainOf = (texts: readonly (string | undefined)[]) =>
  texts.flatMap((text): Surface[] => (text ? [{ text, isPlain: true }] : []));

export function leaving(body: MessageBody): Leaving {
  const embeds = body.embeds ?? [];
  const parts = (body.components ?? []).flatMap(({ components }) => components);
  return {
    allowed: body.allowed_mentions,
    surfaces: [
      ...markdownOf([body.content]),
      ...embeds.flatMap((embed) =>
        markdownOf([
          embed.title,
          embed.description,
          ...(embed.fields ?? []).flatMap(({ name, value }) => [name, value]),
        ]),
      ),
      ...plainOf(embeds.flatMap((embed) => [embed.footer?.text, embed.author?.name])),
      ...plainOf(parts.map((part) => ('label' in part ? part.label : undefined))),
      ...parts.flatMap((part) =>
        'style' in part && part.style === ButtonStyle.Link && 'url' in part ? markdownOf([`<${part.url}>`]) : [],
      ),
    ],
  };
}

/** The next hostile text. */
export type Say = () => string;

const many = (say: Say, count: number) => Array.from({ length: count }, say);

function hostileFacts(say: Say) {
  return {
    prompt: many(say, 6).join(' '),
    branch: say() || 'x',
    repo: 'acme/site',
    key: { owner: 'server' as const, last4: say() },
    reason: many(say, 4).join('\n'),
    last_error: `Jules answered 400 ${say()}: ${many(say, 4).join(' ')}`,
    decided_by: PERSON,
    decided_at: NOW,
    ended_by: PERSON,
    plan: many(say, 8).map((title) => ({ title, description: say() })),
  };
}

const sessionFacts = (say: Say) => ({
  name: 'sessions/1',
  url: say(),
  jules_state: say(),
  progress: { step: 2, latest: many(say, 3).join(' '), question: many(say, 6).join('\n') },
});

const NOTE_FACTS = (say: Say) => ({
  phase: 'failed',
  pr_url: null,
  error: many(say, 5).join(' '),
  by: PERSON,
  reason: many(say, 5).join('\n'),
  entries: many(say, 6).map((title, at) => ({
    title: at === 1 ? 'Ran bash command' : title,
    description: at === 1 ? `Command: ${say()}\nOutput: ${say()}\nExit Code: 1` : many(say, 3).join('\n'),
  })),
  text: many(say, 12).join('\n'),
  url: say(),
  steps: many(say, 12),
  cards: many(say, 4).map((link) => ({ link })),
  mention: { roles: ['1300000000000000012'], people: [PERSON] },
  last4: say(),
  problem: many(say, 4).join(' '),
  what: 'answer',
  since: '2026-11-20T10:00:00Z',
  kind: 'steer',
  file: many(say, 8).join('\n'),
});

function aRow(facts: Readonly<Record<string, unknown>>): MessageRow {
  const empty = Object.fromEntries(Object.keys(messageRow.shape).map((name) => [name, null]));
  const row = { kind: 'note', place: 'channel', place_id: '1300000000000000002', facts: {}, ...facts };
  return messageRow.parse({ ...empty, id: 'r', view: 'outcome', resent: 0, ...row });
}

const cardLink = messageLink('1300000000000000001', '1300000000000000002', '1300000000000000003');
const hostileTask = (say: Say, facts: Readonly<Record<string, unknown>> = {}) =>
  aTask({ ...hostileFacts(say), ...facts });

function contextWith(answers: Readonly<Record<string, unknown>>): Context {
  const rpc = async (name: string) => answers[name] ?? null;
  const keys = { rpc, keyring: { active: '1', masters: new Map() }, perDay: 1, atOnce: 1 };
  return { rpc, keys, actor: anActor(), interactionId: '1', appPermissions: -1n, isThread: false };
}

const hostileSettings = (say: Say) => ({
  kind: 'settings' as const,
  create_roles: [],
  confirm_roles: [],
  default_repo: say(),
  default_branch: say(),
  repos: [{ repo: say(), branch: say(), from: 'person' as const }],
  notice: { how: 'nobody' as const, people: [], roles: [] },
  may_change: true,
  key_in_use: { last4: say(), owner: 'person' as const },
  ...UNTOUCHED,
  grants: [],
  budgets: [],
  keys: [aShownKey({ owner: 'person', last4: say(), problem: say(), added_at: new Date(NOW) })],
  channels: many(say, 4).map((repo) => ({ repo, branch: say(), id: '1300000000000000002' })),
});

type Template = (say: Say) => Leaving | Promise<Leaving>;

const ofReply = (reply: Reply): Leaving => {
  const response = toResponse(reply);
  if (reply.kind === 'choices') {
    const data = 'data' in response && response.data && 'choices' in response.data ? response.data.choices : [];
    return { allowed: { parse: [] }, surfaces: plainOf((data ?? []).map(({ name }) => name)) };
  }
  if (reply.kind !== 'message' && reply.kind !== 'update') throw new TypeError(`a ${reply.kind} shows no text`);
  return leaving(reply.body);
};

const cards: [string, Template][] = [
  ...TASK_STATUSES.map((status): [string, Template] => [
    `card ${status}`,
    (say) => leaving(renderTaskCard(hostileTask(say, { status }), { threadProblem: say() })),
  ]),
  ...SESSION_PHASES.map((phase): [string, Template] => [
    `card in_progress ${phase}`,
    (say) => {
      const session = aSession({ ...sessionFacts(say), phase });
      return leaving(renderTaskCard(hostileTask(say, { status: 'in_progress', session })));
    },
  ]),
  [
    'card announcing',
    (say) => {
      const facts = { notice: { how: 'role', roles: ['1300000000000000012'], people: [] } };
      const row = aRow({ kind: 'card', view: 'task', facts });
      const letter = cardLetter({ row, task: hostileTask(say), notes: [] });
      return leaving(letter.announcing ?? { allowed_mentions: { parse: [] } });
    },
  ],
];

const notes: [string, Template][] = [
  ...NOTE_VIEWS.map((view): [string, Template] => [
    `note ${view}`,
    (say) => {
      const task = hostileTask(say, { session: aSession(sessionFacts(say)) });
      return leaving(renderNote({ view, facts: NOTE_FACTS(say) }, task, { cardLink }));
    },
  ]),
  ...['outcome', 'rejection', 'task'].map((view): [string, Template] => [
    `note ${view} elsewhere`,
    (say) => {
      const facts = { ...NOTE_FACTS(say), parked: 'forbidden', parked_place: PERSON };
      const place = view === 'task' ? 'dm' : 'channel';
      const row = aRow({ view, place, facts });
      const channel = async () => '1';
      return leaving(noteLetter({ row, task: hostileTask(say), card: undefined, channel }).body);
    },
  ]),
];

const CARD_PLACE = { channel_id: '1300000000000000002', message_id: '1300000000000000003' };

const replies: [string, Template][] = [
  [
    'reply to /jules',
    async (say) => {
      const context = contextWith({ request_task: { kind: 'requested', task: hostileTask(say) } });
      return ofReply(await jules.run(context, { prompt: 'x' }));
    },
  ],
  [
    'unknown repository',
    (say) => ofReply(refuseTarget({ kind: 'unknown_repo', repo: say(), repos: many(say, 20) }, 'recorded')),
  ],
  [
    'unknown branch',
    (say) =>
      ofReply(
        refuseTarget({ kind: 'unknown_branch', repo: say(), branch: say(), branches: many(say, 20) }, 'recorded'),
      ),
  ],
  [
    '/config repo',
    async (say) => ofReply(await configRepo.run(contextWith({ read_settings: hostileSettings(say) }), {})),
  ],
  [
    '/config channel',
    async (say) => ofReply(await configChannel.run(contextWith({ read_settings: hostileSettings(say) }), {})),
  ],
  ['panel of keys', (say) => leaving(keyPanel(hostileSettings(say)))],
  ['panel of removal', (say) => leaving(removalPanel('server', say()))],
  [
    'whole prompt',
    async (say) => {
      const context = contextWith({ show_prompt: { kind: 'prompt', number: 1, prompt: many(say, 60).join(' ') } });
      const press = { target: '6f1c2f0e-6d2c-4a57-9f0a-0c9f7a1f2b3c', values: [], answer: '', fields: {} };
      return ofReply(await BUTTONS.prompt.run(context, press));
    },
  ],
  [
    '/tasks',
    async (say) => {
      const listed = { card: CARD_PLACE, waits: { what: 'answer', since: NOW } };
      const read_tasks = {
        kind: 'tasks',
        guild_id: '1300000000000000001',
        tasks: Array.from({ length: 8 }, () => ({ ...listed, task: hostileTask(say) })),
        has_newer: true,
        has_older: true,
        repo: say(),
        repo_ref: '0123456789',
        times: { approval_s: 60, decided: 1, pr_s: 90_000, prs: 1 },
      };
      return ofReply(await tasks.run(contextWith({ read_tasks }), {}));
    },
  ],
  [
    '/task timeline',
    async (say) => {
      const entry = { at: NOW, what: 'instruction.answer', by: PERSON, kind: null };
      const read_task_history = {
        kind: 'history',
        guild_id: '1300000000000000001',
        task: hostileTask(say),
        card: CARD_PLACE,
        entries: Array.from({ length: 12 }, (_one, at) => ({ ...entry, text: say(), nth: at + 1 })),
        has_more: false,
        times: { approval_s: 60, pr_s: null, waited_s: 3600 },
      };
      return ofReply(await task.run(contextWith({ read_task_history }), { number: 1 }));
    },
  ],
  [
    '/task delivery',
    async (say) => {
      const empty = { channel_id: null, message_id: null, posted_at: null, tried_at: null, closed_since: null };
      const owed = {
        ...empty,
        kind: 'note',
        is_sign: false,
        place: 'channel',
        place_id: CARD_PLACE.channel_id,
        tries: 2,
      };
      const rest = { is_under_way: false, parked_at: NOW, resent: 1, resent_at: NOW };
      const read_task_messages = {
        kind: 'messages',
        number: 1,
        guild_id: '1300000000000000001',
        messages: Array.from({ length: 6 }, (_one, at) => ({
          ...owed,
          ...rest,
          view: say(),
          parked_reason: say(),
          seq: String(at + 1),
          nth: at + 1,
          created_at: NOW,
        })),
        parked: 6,
        has_newer: true,
        has_older: true,
        may_send: true,
      };
      return ofReply(await task.run(contextWith({ read_task_messages }), { number: 1, view: 'delivery' }));
    },
  ],
  ['choices', (say) => ofReply({ kind: 'choices', choices: many(say, 25) })],
  ['sentence', () => ofReply(tell('Saved.'))],
  [
    'name of a thread',
    (say) => ({
      allowed: { parse: [] },
      surfaces: plainOf([threadName({ number: 1, prompt: say() })]),
    }),
  ],
];

/** Everything that the bot sends, by name. */
export const TEMPLATES: ReadonlyMap<string, Template> = new Map([...cards, ...notes, ...replies]);
