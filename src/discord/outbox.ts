import { z } from 'zod';
import { call, type Rpc } from '#kernel/rpc.ts';
import { messageFacts, messageRow } from './message.ts';
import { LANGUAGES } from './words/language.ts';

const toShow = z.object({ now: z.coerce.date(), language: z.enum(LANGUAGES), messages: z.array(messageRow) });

/** What a subject has to show, with the database's clock and the language of its server. */
export async function readMessages(rpc: Rpc, subject: string) {
  return call(rpc, toShow, 'read_messages', { subject });
}

const begun = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('begun'),
    intent: z.string(),
    unsure_until: z.coerce.date().nullable(),
    settles: z.boolean(),
    announced: z.boolean(),
  }),
  z.object({ kind: z.literal('stale') }),
]);

export type Beginning = {
  readonly id: string;
  readonly windowMs: number;
  readonly seen: { readonly sending_since: string | null; readonly is_post: boolean };
  /** The card wants to mention approvers: it may, unless another one did so within this time. */
  readonly announceWithinMs?: number | undefined;
};

/** Commits the intent to post or edit. */
export async function beginMessage(rpc: Rpc, { id, windowMs, seen, announceWithinMs }: Beginning) {
  return call(rpc, begun, 'begin_message', {
    id,
    window_ms: windowMs,
    seen,
    ...(announceWithinMs !== undefined && { announce_within_ms: announceWithinMs }),
  });
}

export type Shown = {
  readonly intent?: string;
  readonly channel_id?: string;
  readonly message_id?: string;
  readonly hash?: string;
  readonly unannounced?: boolean;
  readonly settled?: boolean;
  /** Its place did not let it be edited. */
  readonly forbidden?: boolean;
};

const recorded = z.object({ kind: z.literal('recorded') });

export async function recordMessage(rpc: Rpc, id: string, shown: Shown) {
  await call(rpc, recorded, 'record_message', { id, shown });
}

export type Elsewhere = { readonly place: 'channel' | 'dm'; readonly id: string };

export type Parking = { readonly id: string; readonly reason: string; readonly instead?: Elsewhere | undefined };

export async function parkMessage(rpc: Rpc, { id, reason, instead }: Parking) {
  await call(rpc, z.object({ kind: z.enum(['parked', 'was_parked']) }), 'park_message', {
    id,
    reason,
    ...(instead && { instead }),
  });
}

/** Message ids of a channel that are known to be somebody's. */
export async function readPosted(rpc: Rpc, channelId: string) {
  return call(rpc, z.array(z.string()), 'read_posted', { channel_id: channelId });
}

export type ThreadFacts = { readonly threadId: string } | { readonly problem: string };

export async function recordThread(rpc: Rpc, cardId: string, facts: ThreadFacts) {
  await call(rpc, recorded, 'record_thread', {
    id: cardId,
    ...('threadId' in facts ? { thread_id: facts.threadId } : { problem: facts.problem }),
  });
}

const unannounced = z.object({
  now: z.coerce.date(),
  announced_at: z.coerce.date().nullable(),
  cards: z.array(
    z.object({
      id: z.string(),
      subject: z.string(),
      channel_id: z.string(),
      message_id: z.string(),
      facts: messageFacts,
    }),
  ),
});

/** The cards of a channel that were posted without the mention they were meant to have. */
export async function readUnannounced(rpc: Rpc, channelId: string) {
  return call(rpc, unannounced, 'read_unannounced', { channel_id: channelId });
}
export type Unannounced = z.output<typeof unannounced>['cards'][number];

export type Announcement = {
  readonly channelId: string;
  readonly cards: readonly string[];
  /** Of the note that announces them; null where there is nobody left to tell. */
  readonly facts: object | null;
};

export async function announceCards(rpc: Rpc, { channelId, cards, facts }: Announcement) {
  await call(rpc, z.object({ kind: z.literal('announced') }), 'announce_cards', {
    channel_id: channelId,
    cards,
    facts,
  });
}
