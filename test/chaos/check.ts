import type { Tables } from './tables.ts';
import type { Deed, DiscordEffect, JulesEffect, Truth } from './truth.ts';

/** Each kind of finding, and how a summary calls it. Every one of them breaks a promise. */
export const FINDINGS = {
  lost: 'lost',
  doubledSessions: 'doubled sessions',
  doubledApprovals: 'doubled approvals',
  doubledMessages: 'doubled messages to Jules',
  doubledPosts: 'doubled posts',
  outOfOrder: 'out of order',
  stuck: 'stuck',
  wrongCard: 'wrong cards',
  hiddenStrays: 'strays not found',
} as const;
export type Findings = Readonly<Record<keyof typeof FINDINGS, readonly string[]>>;

type Task = Tables['tasks'][number];
type Row = Tables['messages'][number];
type Seen = { readonly truth: Truth; readonly tables: Tables };

function groups<One>(items: readonly One[], keyOf: (one: One) => string | undefined): Map<string, One[]> {
  const found = new Map<string, One[]>();
  for (const one of items) {
    const key = keyOf(one);
    if (key !== undefined) found.set(key, [...(found.get(key) ?? []), one]);
  }
  return found;
}

const CHAOS = /Chaos \d+ \w+;/;
const chaosIn = (text: string) => CHAOS.exec(text)?.[0];
const ofKind = (effects: readonly JulesEffect[], kind: JulesEffect['kind']) =>
  effects.filter((effect) => effect.kind === kind);
const cardOf = ({ messages }: Tables, { id }: Task) =>
  messages.find(({ subject, kind }) => kind === 'card' && subject === `task:${id}`);
const ENDED = ['completed', 'rejected', 'failed', 'cancelled', 'expired'];

/** What a press that was taken promises of its task. */
const KEPT: Readonly<Record<string, (task: Task) => boolean>> = {
  confirm: ({ status }) => !['pending_confirmation', 'rejected', 'expired'].includes(status),
  cancel: ({ status }) => status === 'cancelled',
  'reject-reason': ({ status }) => status === 'rejected',
};

function brokenPromise(deed: Deed, { tables }: Seen): string[] {
  const { kind, what, verb = '', words } = deed;
  const task = tables.tasks.find(({ id, prompt }) => (deed.task === undefined ? prompt === what : id === deed.task));
  if (!task) return [`${kind} "${what}", heard "${words}", and there is no such task`];
  const isBroken = KEPT[verb]?.(task) === false;
  if (isBroken) return [`${verb} of "${task.prompt}" was taken, and it is ${task.status}`];
  if (kind !== 'told' || verb === 'reject-reason') return [];
  const isKept = tables.instructions.some(({ text }) => text === what);
  return isKept ? [] : [`"${what}" was kept for Jules, and is not there`];
}

const lostDeeds = (seen: Seen) =>
  seen.truth.deeds.filter(({ heard }) => heard === 'taken').flatMap((deed) => brokenPromise(deed, seen));

function lostInstructions({ truth, tables }: Seen): string[] {
  const told = ofKind(truth.jules, 'messaged');
  return tables.instructions
    .filter(({ state, text }) => state === 'delivered' && !told.some((effect) => effect.text?.startsWith(text)))
    .map(({ text }) => `"${text}" counts as delivered, and Jules never heard it`);
}

/** Closing a thread that there is not. */
const isNothing = ({ view, parked }: Row) => view === 'closing' && parked === 'no_thread';

function lostPosts({ truth, tables }: Seen): string[] {
  const posted = new Set(truth.discord.filter(({ kind }) => kind === 'posted').map(({ message }) => message));
  const rows = tables.messages.filter((row) => !isNothing(row));
  return rows.flatMap(({ subject, view, message, parked }) => {
    if (message === null)
      return parked === null
        ? [`${view} of ${subject} was never posted`]
        : [`${view} of ${subject} was parked: ${parked}`];
    return posted.has(message) ? [] : [`${view} of ${subject} counts as posted, and is not there`];
  });
}

/** In this world nothing makes a task fail, and whoever asked is told the end. */
function lostEnds({ truth, tables }: Seen): string[] {
  return tables.tasks.flatMap((task) => {
    const { prompt, status, prUrl, error } = task;
    const card = cardOf(tables, task);
    if (!card) return [`"${prompt}" has no card`];
    if (status === 'failed') return [`"${prompt}" failed: ${error}`];
    if (status !== 'completed') return [];
    const isTold = truth.discord.some(
      ({ kind, replyTo, content }) => kind === 'posted' && replyTo === card.message && content.includes(prUrl ?? '\0'),
    );
    return isTold ? [] : [`nobody was told that "${prompt}" has ended`];
  });
}

/** Every prompt is sent once, so one that is there twice was taken for two. */
const doubledTasks = ({ tables }: Seen) =>
  [...groups(tables.tasks, ({ prompt }) => prompt)].flatMap(([prompt, tasks]) =>
    tasks.length > 1 ? [`"${prompt}" is ${tasks.length} tasks`] : [],
  );

/** Only the stored session of a task may ever be approved. */
function doubledSessions({ truth, tables }: Seen): string[] {
  const approved = groups(ofKind(truth.jules, 'approved'), ({ title }) => chaosIn(title));
  return tables.tasks.flatMap(({ prompt, session }) => {
    const sessions = new Set((approved.get(chaosIn(prompt) ?? '') ?? []).map((effect) => effect.session));
    const strange = [...sessions].filter((one) => one !== session);
    if (sessions.size > 1) return [`"${prompt}" has ${sessions.size} approved sessions`];
    return strange.length > 0 ? [`"${prompt}" has an approved session that is not its own: ${strange}`] : [];
  });
}

const doubled = (effects: Map<string, readonly unknown[]>, what: string) =>
  [...effects].flatMap(([key, all]) => (all.length > 1 ? [`${what} ${key} ${all.length} times`] : []));

const doubledApprovals = ({ truth }: Seen) =>
  doubled(
    groups(ofKind(truth.jules, 'approved'), ({ session }) => session),
    'approved session',
  );

const doubledMessages = ({ truth }: Seen) =>
  doubled(
    groups(ofKind(truth.jules, 'messaged'), ({ session, text }) => `${session}: "${text}"`),
    'told',
  );

/** What no row knows of was posted twice, and its first or second one was forgotten. */
function doubledPosts({ truth, tables }: Seen): string[] {
  const posts = truth.discord.filter(({ kind }) => kind === 'posted');
  const known = new Set(tables.messages.map(({ message }) => message));
  const unknown = posts.filter(({ message }) => !known.has(message));
  return [
    ...doubled(
      groups(posts, ({ nonce }) => nonce),
      'posted with the nonce',
    ),
    ...doubled(
      groups(tables.messages, ({ message }) => message ?? undefined),
      'recorded message',
    ),
    ...unknown.map(({ title, content, message }) => `posted, and no row knows it: ${message} "${title || content}"`),
  ];
}

/** The notes of a task stand in each place in the order in which they were made. */
function outOfOrder({ truth, tables }: Seen): string[] {
  const place = new Map(
    truth.discord.flatMap(({ kind, message }, at) => (kind === 'posted' ? [[message, at] as const] : [])),
  );
  const notes = tables.messages.filter(({ kind, message }) => kind === 'note' && message !== null);
  const rows = groups(notes, ({ subject, channel }) => `${subject} in ${channel}`);
  const at = ({ message }: Row) => place.get(message ?? '') ?? -1;
  return [...rows].flatMap(([where, all]) =>
    all
      .toSorted((one, other) => one.seq - other.seq)
      .flatMap((row, nth, sorted) => {
        const before = sorted[nth - 1];
        return before && at(before) > at(row) ? [`${row.view} stands before ${before.view} of ${where}`] : [];
      }),
  );
}

function stuck({ tables }: Seen): string[] {
  return [
    ...tables.tasks
      .filter(({ status }) => !ENDED.includes(status))
      .map(({ prompt, status, error }) => `"${prompt}" is still ${status}${error ? `: ${error}` : ''}`),
    ...tables.instructions.filter(({ state }) => state === 'waiting').map(({ text }) => `"${text}" still waits`),
    ...tables.stuck.map(({ subscriber, key, state, error }) => `${subscriber} of ${key} is ${state}: ${error}`),
  ];
}

const numberOf = (prUrl: string) => prUrl.slice(prUrl.lastIndexOf('/') + 1);
const TITLES: Readonly<Record<string, (task: Task) => RegExp>> = {
  completed: ({ prUrl }) => (prUrl === null ? /^(📦|📭)/u : new RegExp(`^✅ PR ready: .*#${numberOf(prUrl)}$`)),
  rejected: () => /^❌/,
  cancelled: () => /^🚫/u,
  failed: () => /^⛔/,
  expired: () => /^⌛ Task/,
};

function wrongCards({ truth, tables }: Seen): string[] {
  const shown = new Map<string, DiscordEffect>();
  for (const effect of truth.discord) shown.set(effect.message, effect);
  return tables.tasks.flatMap((task) => {
    const title = shown.get(cardOf(tables, task)?.message ?? '')?.title ?? '';
    const isRight = TITLES[task.status]?.(task).test(title) ?? true;
    return isRight ? [] : [`"${task.prompt}" is ${task.status}, and its card says "${title}"`];
  });
}

/** Sessions that were made for a task and are not its own. */
export function straysOf({ truth, tables }: Seen): readonly string[] {
  const own = new Set(tables.tasks.map(({ session }) => session));
  return ofKind(truth.jules, 'created').flatMap(({ session }) => (own.has(session) ? [] : [session]));
}

function hiddenStrays(seen: Seen): string[] {
  const known = new Set([...seen.tables.strays, ...ofKind(seen.truth.jules, 'archived').map(({ session }) => session)]);
  return straysOf(seen).flatMap((session) => (known.has(session) ? [] : [`nobody has found session ${session}`]));
}

/** Holds what truly happened against what the database says of it, when everything has come to rest. */
export function check(truth: Truth, tables: Tables): Findings {
  const seen = { truth, tables };
  return {
    lost: [...lostDeeds(seen), ...lostInstructions(seen), ...lostPosts(seen), ...lostEnds(seen)],
    doubledSessions: [...doubledTasks(seen), ...doubledSessions(seen)],
    doubledApprovals: doubledApprovals(seen),
    doubledMessages: doubledMessages(seen),
    doubledPosts: doubledPosts(seen),
    outOfOrder: outOfOrder(seen),
    stuck: stuck(seen),
    wrongCard: wrongCards(seen),
    hiddenStrays: hiddenStrays(seen),
  };
}
