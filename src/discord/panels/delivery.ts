import type { APIButtonComponent } from 'discord-api-types/v10';
import { type MessageBody, rowsOf } from '#discord/cards/body.ts';
import { count, counted } from '#discord/cards/clip.ts';
import { COLOR } from '#discord/cards/face.ts';
import { messageLink } from '#discord/cards/notes.ts';
import { customId } from '#discord/custom-id.ts';
import { says } from '#discord/reply.ts';
import { inline } from '#discord/text.ts';
import type { OwedMessage, TaskMessages } from '#tasks/task-messages.ts';
import { grey, person, when } from './pager.ts';

/** What a message says, by its view. */
const WHAT: Readonly<Record<string, string>> = {
  task: 'the card',
  approval: 'that it waits for approval',
  rejection: 'that it was rejected',
  cancellation: 'that it was cancelled',
  expired: 'that it expired',
  outcome: 'how it ended',
  closing: 'the last word in the thread',
  plan: 'the plan',
  message: 'what Jules said',
  question: 'a question of Jules',
  told: 'that Jules was told',
  untold: 'that Jules could not be told',
  reminder: 'a reminder',
  resumed: 'that Jules came back to it',
};

/** Why it was given up, in a sentence; Verne's own reasons are sentences already. */
const WHY: Readonly<Record<string, string>> = {
  channel_gone: 'The channel is gone.',
  message_gone: 'The message was deleted in Discord.',
  dm_closed: 'They take no direct messages from Verne.',
  forbidden: 'Verne lacks the permission to write there (View Channel, Send Messages, Embed Links).',
  wrong_channel: 'Discord takes no such message there.',
  thread_archived: 'The thread is archived and could not be opened again.',
  thread_locked: 'The thread was locked or closed to Verne for a day.',
  too_many_threads: 'The server has as many active threads as Discord allows.',
  refused: 'Discord refused what it says; perhaps a filter of the server did.',
  no_thread: 'The task has no thread, and nobody had to be told.',
  not_to_be_shown: 'Verne could not make a message of it, which is its own fault.',
};

function placeOf({ place, place_id: id }: OwedMessage): string {
  if (place === 'dm') return `in a direct message to ${person(id)}`;
  return place === 'thread' ? 'in the thread' : `in <#${id}>`;
}

function stateOf(message: OwedMessage, guild: string): string {
  const { message_id: id, channel_id: channel, posted_at: posted, parked_reason: reason, place } = message;
  if (reason !== null) {
    const since = message.parked_at ? ` ${when(message.parked_at)}` : '';
    return `⚠️ given up${since}: ${WHY[reason] ?? inline(reason, 200)}`;
  }
  if (id !== null && channel !== null) {
    return `✅ Discord took it${posted ? ` ${when(posted)}` : ''} · ${messageLink(place === 'dm' ? '@me' : guild, channel, id)}`;
  }
  if (message.closed_since)
    return `🔒 waits since ${when(message.closed_since)} for its place to be open to Verne again`;
  return message.is_under_way ? '📤 is being sent' : '⏳ is still to be sent';
}

function triesOf({ tries, tried_at: at, resent, resent_at: again }: OwedMessage): string {
  const tried = tries === 0 ? 'not tried yet' : tries === 1 ? 'tried once' : `tried ${count(tries)} times`;
  const last = tries > 1 && at ? `, last ${when(at)}` : '';
  const more = resent > 0 && again ? `, asked for again ${when(again)}` : '';
  return `${tried}${last}${more}`;
}

const entry = (message: OwedMessage, guild: string) =>
  [
    `**${message.seq}** · ${WHAT[message.view] ?? inline(message.view, 40)}, ${placeOf(message)}`,
    `owed ${when(message.created_at)}, ${triesOf(message)}`,
    stateOf(message, guild),
  ].join('\n');

function againButtons({ number, messages, may_send }: TaskMessages): APIButtonComponent[] {
  const parked = may_send ? messages.filter(({ parked_reason }) => parked_reason !== null) : [];
  return parked.flatMap(({ seq }) => [
    grey(`Send ${seq} again`, customId('send-again', `${number}.${seq}.there`)),
    grey(`Send ${seq} here`, customId('send-again', `${number}.${seq}.here`)),
  ]);
}

function pagerOf({ number, messages, has_newer, has_older }: TaskMessages): APIButtonComponent[] {
  const [first, last] = [messages[0]?.seq, messages.at(-1)?.seq];
  return [
    ...(has_newer && first ? [grey('◀ Newer', customId('delivery', `${number}.a${first}`))] : []),
    ...(has_older && last ? [grey('Older ▶', customId('delivery', `${number}.b${last}`))] : []),
    grey('What happened', customId('timeline', `${number}.0`)),
  ];
}

/** Each message that was owed for a task: what, where, when, and whether Discord has it. */
export function deliveryPanel(page: TaskMessages): MessageBody {
  const { number, messages, parked, guild_id: guild } = page;
  const lines = messages.map((message) => entry(message, guild));
  return {
    ...says('', rowsOf([...againButtons(page), ...pagerOf(page)])),
    embeds: [
      {
        color: parked > 0 ? COLOR.waiting : COLOR.going,
        title: `#${number} · what was sent`,
        description: lines.length > 0 ? lines.join('\n\n') : 'No message was owed for it, or it was long ago.',
        ...(parked > 0 && { footer: { text: `${counted(parked, 'message')} given up` } }),
      },
    ],
  };
}
