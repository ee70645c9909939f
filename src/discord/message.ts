import { createHash } from 'node:crypto';
import type { APIMessage } from 'discord-api-types/v10';
import { z } from 'zod';
import { after } from '#kernel/handler.ts';
import type { MessageBody } from './cards/body.ts';

/**
 * What a message was made with: of interest here are its server, and whom its card is to mention. `on` is a person's message
 * that it marks with a reaction, `reply_to` one that it answers.
 */
export const messageFacts = z.looseObject({
  guild_id: z.string().nullish(),
  notice: z.unknown().optional(),
  on: z.string().nullish(),
  reply_to: z.string().nullish(),
});

/**
 * The life of a message. Its row is made with the fact that it shows; from then on one lane looks after it.
 *
 * Fresh: no id, no intent. The intent (`sending_since`) is committed, then the message is posted, then its id is
 * recorded and the intent cleared. A note is done with that; a card lives on and is edited whenever its body differs
 * from the hash of what was shown last, by the same three steps, and not too often.
 *
 * A crash, a timeout or a broken connection between those steps leaves the intent behind: nobody knows whether Discord
 * did it, and it may still do it until the intent's window is over. A post in doubt is looked for among the bot's own
 * recent messages of that place; if it is not there, and only after the window, it is posted again with the same nonce.
 * An edit in doubt is made again at once, since a card must not wait, and once more after the window
 * (`unsure_until`), since the old one may have landed on top.
 *
 * Closed: Verne may not edit a posted card for now. Permissions come back, so it is tried again: after as long as it was
 * closed already, ten minutes at most, for a day. Then it shows the newest state. A note for a thread that is locked is
 * closed in the same way, and those behind it wait with it.
 *
 * Parked: its place will not take it. It is left alone, and the reason is kept, until somebody has it sent again: then it
 * is fresh, in its place or in another, under a nonce of its own.
 */
export const messageRow = z.object({
  id: z.string(),
  kind: z.enum(['card', 'note']),
  view: z.string(),
  place: z.enum(['channel', 'thread', 'dm']),
  /** A channel, or a person for `dm`; for `thread` the channel of the card. */
  place_id: z.string(),
  facts: messageFacts,
  /** Where it truly is. */
  channel_id: z.string().nullable(),
  message_id: z.string().nullable(),
  thread_id: z.string().nullable(),
  thread_problem: z.string().nullable(),
  announced_at: z.coerce.date().nullable(),
  shown_hash: z.string().nullable(),
  shown_at: z.coerce.date().nullable(),
  posted_at: z.coerce.date().nullable(),
  /** Kept as written, to the microsecond: it is handed back to say which intent was seen. */
  sending_since: z.string().nullable(),
  unsure_until: z.coerce.date().nullable(),
  /** Closed: from the first to the last refusal in a row. */
  forbidden_since: z.coerce.date().nullable(),
  forbidden_at: z.coerce.date().nullable(),
  parked_reason: z.string().nullable(),
  /** How often somebody had it sent again after it was parked. */
  resent: z.number(),
});
export type MessageRow = z.output<typeof messageRow>;

export type Windows = {
  /** How long a call of unknown outcome may still land. */
  readonly intentMs: number;
  /** Between two edits of a card, and of one that is about an hour old: Discord slows edits of messages that are. */
  readonly editMs: number;
  readonly editOldMs: number;
};

export type Decision =
  | { readonly kind: 'skip' }
  | { readonly kind: 'wait'; readonly until: Date }
  | { readonly kind: 'post' }
  /** Look for it between these instants; if it is not there, post it from `mayPostAt` on. */
  | { readonly kind: 'look'; readonly since: Date; readonly until: Date; readonly mayPostAt: Date }
  | { readonly kind: 'edit' };

export type Situation = {
  readonly row: MessageRow;
  /** Of the body as it should be now. */
  readonly hash: string;
  /** The subject will hardly change again: its last word does not wait for the spacing of edits. */
  readonly isFinal: boolean;
  readonly now: Date;
};

const OLD_MS = 50 * 60_000;
/** Discord's clock and ours may differ by as much. */
const SKEW_MS = 60_000;

const latest = (...instants: (Date | null)[]) =>
  instants.reduce((max, one) => (one !== null && (max === null || one > max) ? one : max), null);

function decidePost({ row, now }: Situation, { intentMs }: Windows): Decision {
  const attempt = row.sending_since === null ? null : new Date(row.sending_since);
  const mayPostAt = latest(attempt && after(attempt, intentMs), row.unsure_until);
  if (mayPostAt === null) return { kind: 'post' };
  const since = after(attempt ?? mayPostAt, -SKEW_MS - (attempt ? 0 : intentMs));
  const until = after(mayPostAt > now ? now : mayPostAt, SKEW_MS);
  return { kind: 'look', since, until, mayPostAt };
}

function mayEditAt({ row, now }: Situation, windows: Windows): Date | null {
  if (row.shown_at === null) return null;
  const isOld = row.posted_at !== null && now.getTime() - row.posted_at.getTime() >= OLD_MS;
  return after(row.shown_at, isOld ? windows.editOldMs : windows.editMs);
}

const CLOSED_PAUSE_MS = 10 * 60_000;
const CLOSED_FOR_MS = 24 * 3_600_000;

const closedMs = ({ forbidden_since: since, forbidden_at: at }: MessageRow) =>
  since && at ? at.getTime() - since.getTime() : 0;

/** Whether its place has been closed for so long that nobody will open it. */
export const isGivenUp = (row: MessageRow) => closedMs(row) >= CLOSED_FOR_MS;

function mayKnockAt({ row }: Situation, { editMs }: Windows): Date | null {
  return row.forbidden_at && after(row.forbidden_at, Math.min(CLOSED_PAUSE_MS, Math.max(editMs, closedMs(row))));
}

function decideFirst(situation: Situation, windows: Windows): Decision {
  const knockAt = mayKnockAt(situation, windows);
  return knockAt !== null && knockAt > situation.now
    ? { kind: 'wait', until: knockAt }
    : decidePost(situation, windows);
}

/** What to do next with one message. */
export function decideMessage(situation: Situation, windows: Windows): Decision {
  const { row, hash, isFinal, now } = situation;
  if (row.parked_reason !== null) return { kind: 'skip' };
  if (row.message_id === null) return decideFirst(situation, windows);
  if (row.kind === 'note') return { kind: 'skip' };
  const isInDoubt = row.sending_since !== null || (row.unsure_until !== null && row.unsure_until <= now);
  if (!isInDoubt && row.shown_hash === hash)
    return row.unsure_until ? { kind: 'wait', until: row.unsure_until } : { kind: 'skip' };
  const at = latest(mayKnockAt(situation, windows), isFinal || isInDoubt ? null : mayEditAt(situation, windows));
  return at !== null && at > now ? { kind: 'wait', until: at } : { kind: 'edit' };
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const NONCE_CHARS = 25;

/**
 * Fixed with the row: whoever posts it, however often, within a few minutes Discord makes one message of it. What somebody
 * has sent again has another one, or Discord would give back the message that was deleted a moment ago.
 */
export function nonceOf(rowId: string, resent = 0): string {
  const seed = resent === 0 ? rowId : `${rowId}:${resent}`;
  let rest = BigInt(`0x${createHash('sha256').update(seed).digest('hex')}`);
  let nonce = '';
  while (nonce.length < NONCE_CHARS) {
    nonce += BASE62[Number(rest % 62n)];
    rest /= 62n;
  }
  return nonce;
}

/** Of what is seen; who is pinged by it does not count. */
export function hashOf({ content, embeds, components }: MessageBody): string {
  return createHash('sha256')
    .update(JSON.stringify([content, embeds, components]))
    .digest('base64url');
}

const outline = (content = '', embed: { title?: string; description?: string } = {}) =>
  [content, embed.title, embed.description].map((part) => part?.trim() ?? '').join('\n\0');

/**
 * Whether a message found in a channel is the one that `body` was meant to make. A card may have changed since, so it
 * is known by its footer, which names its subject; a note says what it always said.
 */
export function isSame(found: Pick<APIMessage, 'content' | 'embeds'>, body: MessageBody): boolean {
  const footer = body.embeds?.[0]?.footer?.text;
  if (footer !== undefined) return found.embeds[0]?.footer?.text === footer;
  return outline(found.content, found.embeds[0]) === outline(body.content, body.embeds?.[0]);
}
