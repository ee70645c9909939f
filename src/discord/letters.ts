import { z } from 'zod';
import type { TaskView } from '#tasks/task.ts';
import { allow, type Mention, type MessageBody } from './cards/body.ts';
import type { KinLinks } from './cards/kin.ts';
import { isView, messageLink, renderNote } from './cards/notes.ts';
import { renderTaskCard } from './cards/task.ts';
import { NO_REACTION } from './marks.ts';
import { hashOf, type MessageRow } from './message.ts';
import type { Elsewhere } from './outbox.ts';
import type { Letter } from './send.ts';
import { cutWritten } from './text.ts';
import { threadWords } from './thread.ts';
import { words } from './words/words.ts';

const notice = z
  .object({ how: z.enum(['role', 'people', 'dm', 'nobody']), roles: z.array(z.string()), people: z.array(z.string()) })
  .catch({ how: 'nobody', roles: [], people: [] });

/** Whom a pending card mentions, as the server had set it when the card was asked for; undefined where nobody. */
export function mentionOf(facts: MessageRow['facts']): Mention | undefined {
  const { how, roles, people } = notice.parse(facts.notice);
  const mention = { roles: how === 'role' ? roles : [], people: how === 'people' ? people : [] };
  return mention.roles.length + mention.people.length > 0 ? mention : undefined;
}

const FINAL = new Set<TaskView['status']>(['completed', 'rejected', 'failed', 'cancelled', 'expired']);

export type CardLetter = {
  readonly row: MessageRow;
  readonly task: TaskView;
  readonly notes: readonly MessageRow[];
  readonly kin?: KinLinks;
};

export function cardLetter({ row, task, notes, kin = {} }: CardLetter): Letter {
  const thread = { ...threadWords(row, notes), kin };
  const body = renderTaskCard(task, thread);
  const mention = task.status === 'pending_confirmation' ? mentionOf(row.facts) : undefined;
  return {
    row,
    body,
    hash: hashOf(body),
    isFinal: FINAL.has(task.status),
    announcing: mention && renderTaskCard(task, { ...thread, mention }),
    channel: async () => row.place_id,
    instead: { place: 'dm', id: task.requester },
  };
}

/** Why a note for a thread is parked when there is none. */
export const NO_THREAD = 'no_thread';

const moved = z.object({ parked: z.string(), parked_place: z.string() });

/** Why a message came to another place, by what is known of it. */
const whyParked = (reason: string) => (reason === 'forbidden' || reason === 'channel_gone' ? reason : 'refused');

/** A card that its channel would not take; its buttons would be of no use in a direct message. */
function lostCard(task: TaskView, channelId: string, reason: string): MessageBody {
  const { embeds } = renderTaskCard(task);
  const say = words().redirected.card[whyParked(reason)];
  return {
    content: cutWritten(say(task.number, `<#${channelId}>`), 2000),
    ...(embeds && { embeds }),
    allowed_mentions: allow({ roles: [], people: [] }),
  };
}

/** A note that comes to another place than it was meant for says to whom, or why. */
function redirected(body: MessageBody, row: MessageRow, { parked, parked_place }: z.output<typeof moved>): MessageBody {
  // Out of a thread, into the channel that it belongs to; or words in the place of a sign.
  if (parked === NO_THREAD || parked === NO_REACTION) return body;
  if (row.place === 'channel') {
    return {
      ...body,
      content: cutWritten(`<@${parked_place}> ${body.content ?? ''}`, 2000),
      allowed_mentions: allow({ roles: [], people: [parked_place] }),
    };
  }
  const why = words().redirected.note[whyParked(parked)](`<#${parked_place}>`);
  return { ...body, content: cutWritten(`${body.content ?? ''}\n-# ${why}`, 2000) };
}

/** A newer release knows more notes; they are left to its processes. */
export const isOfNewer = ({ kind, view }: MessageRow) => kind === 'note' && view !== 'task' && !isView(view);

function noteBody({ row, task, card }: NoteFacts): MessageBody {
  const elsewhere = moved.safeParse(row.facts);
  if (row.view === 'task' && task) {
    return lostCard(task, elsewhere.data?.parked_place ?? task.channel_id, elsewhere.data?.parked ?? '');
  }
  const guild = row.facts.guild_id;
  const cardLink =
    card?.message_id && card.channel_id && guild ? messageLink(guild, card.channel_id, card.message_id) : null;
  const body = renderNote(row, task, { cardLink });
  return elsewhere.success ? redirected(body, row, elsewhere.data) : body;
}

function elsewhereFor({ row, task }: NoteFacts): Elsewhere | undefined {
  // What answers a message belongs where that message is.
  const isAtHome = row.place === 'thread' || row.facts.reply_to;
  if (!task || isAtHome || moved.safeParse(row.facts).success) return undefined;
  return row.place === 'dm' ? { place: 'channel', id: task.channel_id } : { place: 'dm', id: task.requester };
}

type NoteFacts = Pick<NoteLetter, 'row' | 'task' | 'card'>;

export type NoteLetter = {
  readonly row: MessageRow;
  readonly task: TaskView | null;
  readonly card: MessageRow | undefined;
  readonly channel: () => Promise<string>;
};

/** In the channel of its card a note answers the card, in the thread what a person wrote there. */
function answeredBy({ row, card }: NoteLetter): string | undefined {
  if (row.facts.reply_to && !moved.safeParse(row.facts).success) return row.facts.reply_to;
  const repliesToCard = row.place === 'channel' && card?.channel_id === row.place_id;
  return repliesToCard && card.parked_reason === null ? (card.message_id ?? undefined) : undefined;
}

/** A note keeps the facts of its moment. */
export function noteLetter(note: NoteLetter): Letter {
  const { row, channel } = note;
  const body = noteBody(note);
  return {
    row,
    body,
    hash: hashOf(body),
    isFinal: true,
    channel,
    replyTo: answeredBy(note),
    instead: elsewhereFor(note),
  };
}

/** Whether a note waits for somebody, and so must reach them. */
export function tellsSomebody({ body }: Letter): boolean {
  const { users = [], roles = [] } = body.allowed_mentions;
  return users.length + roles.length > 0;
}
