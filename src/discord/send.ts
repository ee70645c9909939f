import { RemoteFailure } from '#kernel/errors.ts';
import { after } from '#kernel/handler.ts';
import type { Log } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import type { MessageBody } from './cards/body.ts';
import type { DiscordClient } from './client.ts';
import { type PlaceProblem, placeProblem } from './failure.ts';
import { decideMessage, isGivenUp, isSame, type MessageRow, nonceOf, type Windows } from './message.ts';
import { beginMessage, type Elsewhere, parkMessage, readPosted, recordMessage } from './outbox.ts';

export type SendDeps = {
  readonly rpc: Rpc;
  readonly client: DiscordClient;
  readonly log: Log;
  readonly times: Windows & { readonly approverBatchMs: number };
  /** Milliseconds that no correction of a clock can turn back. */
  readonly monotonic: () => number;
};

/** One message as it should be, and where. */
export type Letter = {
  readonly row: MessageRow;
  readonly body: MessageBody;
  /** Of `body`. */
  readonly hash: string;
  readonly isFinal: boolean;
  /** The body with its mention, of a card that waits for approvers. */
  readonly announcing?: MessageBody | undefined;
  /** Where it goes; asked only when it is to be posted. */
  readonly channel: () => Promise<string>;
  readonly replyTo?: string | undefined;
  /** Who is told, and where, when its place will not take it. */
  readonly instead?: Elsewhere | undefined;
  /** What is done about a place that will not take it, where it is not simply parked. */
  readonly met?: (problem: PlaceProblem) => Promise<Step | undefined>;
};

/**
 * `again`: the rows have changed, read them anew. `failed`: it stays as it is, the others go on. `later`: Discord is
 * away or takes nothing more here for a while (`afterMs` where it says how long), which says nothing about other places.
 */
export type Step =
  | { readonly kind: 'settled' }
  | { readonly kind: 'again' }
  | { readonly kind: 'wait'; readonly until: Date }
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs: number }
  | { readonly kind: 'failed'; readonly reason: string };

export type Moment = { readonly now: Date; readonly signal: AbortSignal };

const settled: Step = { kind: 'settled' };
const again: Step = { kind: 'again' };

/** A sender that slept longer than this between its intent and its socket may have an heir by now: it sends nothing. */
const MAX_PAUSE_MS = 2000;

type Begun = Exclude<Awaited<ReturnType<typeof beginMessage>>, { kind: 'stale' }>;

/** Commits the intent, makes the call, and clears the intent where the call is known to have had no effect. */
async function withIntent<Result>(
  deps: SendDeps,
  { row, announcing }: Letter,
  act: (begun: Begun, sendBefore: number) => Promise<Result>,
): Promise<{ begun: Begun; result: Result } | 'stale'> {
  const sendBefore = deps.monotonic() + MAX_PAUSE_MS;
  const isPost = row.message_id === null;
  const begun = await beginMessage(deps.rpc, {
    id: row.id,
    windowMs: deps.times.intentMs,
    seen: { sending_since: row.sending_since, is_post: isPost },
    announceWithinMs: isPost && announcing ? deps.times.approverBatchMs : undefined,
  });
  if (begun.kind === 'stale') return 'stale';
  try {
    return { begun, result: await act(begun, sendBefore) };
  } catch (error) {
    if (error instanceof RemoteFailure && !error.unknownOutcome) {
      await recordMessage(deps.rpc, row.id, { intent: begun.intent });
    }
    throw error;
  }
}

async function post(deps: SendDeps, letter: Letter, { signal }: Moment): Promise<Step> {
  const { row, body, announcing, replyTo } = letter;
  const channelId = await letter.channel();
  const sent = await withIntent(deps, letter, ({ announced }, sendBefore) => {
    const loud = announced ? (announcing ?? body) : body;
    return deps.client.post(
      { channelId, body: loud, nonce: nonceOf(row.id, row.resent), replyTo },
      { signal, sendBefore },
    );
  });
  if (sent === 'stale') return again;
  // Of one nonce Discord makes one message: it may be that of an earlier attempt, with what was so then.
  const isSurelyNew = row.sending_since === null && row.unsure_until === null;
  await recordMessage(deps.rpc, row.id, {
    intent: sent.begun.intent,
    channel_id: channelId,
    message_id: sent.result,
    ...(isSurelyNew && { hash: letter.hash }),
    unannounced: announcing !== undefined && !sent.begun.announced,
    settled: true,
  });
  return row.kind === 'card' ? again : settled;
}

type Search = { readonly since: Date; readonly until: Date; readonly mayPostAt: Date };

/** Its hash stays open, so a card that was found is made true by an edit. */
async function look(deps: SendDeps, letter: Letter, at: Moment & Search): Promise<Step> {
  const { row, body, announcing } = letter;
  const channelId = await letter.channel();
  const { since, until, signal } = at;
  const [recent, known] = await Promise.all([
    deps.client.ownMessages({ channelId, since, until }, { signal }),
    readPosted(deps.rpc, channelId),
  ]);
  const found = recent.find((message) => !known.includes(message.id) && isSame(message, body));
  if (!found) return at.now < at.mayPostAt ? { kind: 'wait', until: at.mayPostAt } : post(deps, letter, at);
  deps.log.info({ message: row.id, found: found.id }, 'A message of unknown outcome was found');
  await recordMessage(deps.rpc, row.id, {
    channel_id: channelId,
    message_id: found.id,
    unannounced: announcing !== undefined && row.announced_at === null,
    settled: true,
  });
  return row.kind === 'card' ? again : settled;
}

/** A card that shows something old for this many times as long as edits are apart has waited long enough. */
const OVERDUE = 5;

/**
 * Where a channel's limit is reached, not every card can be edited soon. The last word of a card stands in line, and so
 * does a card that is overdue; others yield to them, or luck would decide who is behind for how long.
 */
function mayStandInLine({ times }: SendDeps, { row, isFinal }: Letter, now: Date): boolean {
  const isEdit = row.kind === 'card' && row.message_id !== null;
  return !isEdit || isFinal || row.shown_at === null || after(row.shown_at, OVERDUE * times.editMs) <= now;
}

/** Those who yield come back so much later than those who do not: as much as two who wait as long are apart. */
const YIELD_MS = 1000;

async function edit(deps: SendDeps, letter: Letter, { now, signal }: Moment): Promise<Step> {
  const { row, body, hash } = letter;
  const { channel_id: channelId, message_id: messageId } = row;
  if (channelId === null || messageId === null) throw new TypeError(`Message ${row.id} was never posted.`);
  const sent = await withIntent(deps, letter, (_begun, sendBefore) =>
    deps.client.edit(
      { channelId, messageId, body },
      { signal, sendBefore, ...(!mayStandInLine(deps, letter, now) && { patienceMs: 0 }) },
    ),
  );
  if (sent === 'stale') return again;
  const { intent, settles, unsure_until: unsureUntil } = sent.begun;
  await recordMessage(deps.rpc, row.id, { intent, hash, settled: settles });
  return unsureUntil === null || settles ? settled : { kind: 'wait', until: unsureUntil };
}

async function reopen(
  deps: SendDeps,
  { row, channel }: Letter,
  signal: AbortSignal,
): Promise<PlaceProblem | undefined> {
  try {
    await deps.client.unarchive(row.channel_id ?? (await channel()), { signal });
    return undefined;
  } catch (error) {
    const problem = placeProblem(error);
    if (problem === undefined) throw error;
    return problem;
  }
}

async function meet(
  deps: SendDeps,
  letter: Letter,
  met: { readonly problem: PlaceProblem; readonly signal: AbortSignal },
) {
  const { row, instead } = letter;
  const isArchived = met.problem === 'thread_archived';
  const problem = isArchived ? await reopen(deps, letter, met.signal) : met.problem;
  if (problem === undefined) return again;
  const own = await letter.met?.(problem);
  if (own) return own;
  // A body that is refused now may be fine after the next change: a card is not given up for it.
  if (problem === 'refused' && row.message_id !== null) {
    return { kind: 'failed', reason: `Discord refuses the body of ${row.view} ${row.id}` } as const;
  }
  if (problem === 'forbidden' && row.message_id !== null && !isGivenUp(row)) {
    deps.log.warn({ message: row.id, view: row.view, place: row.place }, 'A card may not be edited for now');
    await recordMessage(deps.rpc, row.id, { forbidden: true });
    return again;
  }
  deps.log.warn({ message: row.id, view: row.view, place: row.place, problem }, 'A message was parked');
  await parkMessage(deps.rpc, { id: row.id, reason: problem, ...(row.message_id === null && { instead }) });
  return again;
}

/** Trouble of Discord's that may pass is a step like others: what goes to another place must not wait for it. */
export async function orLater({ signal }: Moment, work: () => Promise<Step>): Promise<Step> {
  try {
    return await work();
  } catch (error) {
    const isPassing = error instanceof RemoteFailure && error.service === 'discord' && error.retry !== 'never';
    if (!isPassing || signal.aborted) throw error;
    return { kind: 'later', reason: error.message, afterMs: typeof error.retry === 'object' ? error.retry.afterMs : 0 };
  }
}

async function takeStep(deps: SendDeps, letter: Letter, at: Moment): Promise<Step> {
  const decision = decideMessage({ ...letter, now: at.now }, deps.times);
  try {
    switch (decision.kind) {
      case 'skip':
        return settled;
      case 'wait':
        return decision;
      case 'post':
        return await post(deps, letter, at);
      case 'look':
        return await look(deps, letter, { ...at, ...decision });
      case 'edit':
        return await edit(deps, letter, at);
    }
  } catch (error) {
    const problem = placeProblem(error);
    if (problem === undefined) throw error;
    return meet(deps, letter, { problem, signal: at.signal });
  }
}

/** Takes a message one step further, as `message.ts` decides. A place that will not take it parks it; defects throw. */
export async function sendLetter(deps: SendDeps, letter: Letter, at: Moment): Promise<Step> {
  const step = await orLater(at, () => takeStep(deps, letter, at));
  const yields = step.kind === 'later' && step.afterMs > 0 && !mayStandInLine(deps, letter, at.now);
  return yields ? { ...step, afterMs: step.afterMs + YIELD_MS } : step;
}
