import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import { call, type Rpc } from '#kernel/rpc.ts';

const instant = z.coerce.date();

const owed = z.object({
  /** By which it is found, of all messages; for people its number among those of its task. */
  seq: z.string(),
  nth: z.number(),
  kind: z.enum(['card', 'note']),
  view: z.string(),
  place: z.enum(['channel', 'thread', 'dm']),
  /** No message, but a reaction on what somebody wrote. */
  is_sign: z.boolean(),
  place_id: z.string(),
  channel_id: z.string().nullable(),
  message_id: z.string().nullable(),
  created_at: instant,
  posted_at: instant.nullable(),
  tries: z.number(),
  tried_at: instant.nullable(),
  is_under_way: z.boolean(),
  closed_since: instant.nullable(),
  parked_reason: z.string().nullable(),
  parked_at: instant.nullable(),
  resent: z.number(),
  resent_at: instant.nullable(),
});
export type OwedMessage = z.output<typeof owed>;

const page = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('messages'),
    number: z.number(),
    guild_id: z.string(),
    messages: z.array(owed),
    /** Of all of them, how many were given up. */
    parked: z.number(),
    has_newer: z.boolean(),
    has_older: z.boolean(),
    /** Whether who asks may have those sent again. */
    may_send: z.boolean(),
  }),
  z.object({ kind: z.literal('unknown_task') }),
  ...gateRefusals,
]);
export type TaskMessages = Extract<z.output<typeof page>, { kind: 'messages' }>;

export type MessagesWish = {
  readonly number: number;
  readonly cursor: { readonly before?: string; readonly after?: string };
};

/** The messages that were owed for the task of a number, newest first. */
export async function readTaskMessages(rpc: Rpc, actor: Actor, { number, cursor }: MessagesWish) {
  return call(rpc, page, 'read_task_messages', { actor, number, cursor });
}

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('owed') }),
  /** It is owed already, or Discord has it. */
  z.object({ kind: z.literal('not_parked') }),
  z.object({ kind: z.literal('not_wider') }),
  /** Who it was for was forgotten, and what it said with them. */
  z.object({ kind: z.literal('forgotten') }),
  z.object({ kind: z.literal('unknown_message') }),
  z.object({ kind: z.literal('unknown_task') }),
  ...gateRefusals,
]);
export type SendAgainOutcome = z.output<typeof outcome>;

export type Again = { readonly number: number; readonly message: string; readonly here: boolean };

/** A message that was given up is owed once more, in its place or where the one is who asks. */
export async function sendAgain(rpc: Rpc, actor: Actor, again: Again): Promise<SendAgainOutcome> {
  return call(rpc, outcome, 'send_again', { actor, ...again });
}
