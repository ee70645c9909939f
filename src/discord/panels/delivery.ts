import type { APIButtonComponent } from 'discord-api-types/v10';
import { type MessageBody, type Row, rowsOf } from '#discord/cards/body.ts';
import { COLOR } from '#discord/cards/face.ts';
import { messageLink } from '#discord/cards/notes.ts';
import { customId } from '#discord/custom-id.ts';
import { says } from '#discord/reply.ts';
import { inline } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import type { OwedMessage, TaskMessages } from '#tasks/task-messages.ts';
import { grey, person, when, wordFor } from './pager.ts';

function headOf({ view, place, place_id: id, is_sign: isSign }: OwedMessage): string {
  const { what, sign, inChannel, inThread, inDm } = words().delivery;
  const said = isSign ? sign : (wordFor<string>(what, view) ?? inline(view, 40));
  if (place === 'dm') return inDm(said, person(id));
  return place === 'thread' ? inThread(said) : inChannel(said, `<#${id}>`);
}

function parkedLine(message: OwedMessage, reason: string): string {
  const { why, parked, parkedAt } = words().delivery;
  const because = wordFor<string>(why, reason) ?? inline(reason, 200);
  return message.parked_at ? parkedAt(because, when(message.parked_at)) : parked(because);
}

function stateOf(message: OwedMessage, guild: string): string {
  const { message_id: id, channel_id: channel, posted_at: posted, parked_reason: reason, place } = message;
  const { taken, takenAt, closed, underWay, waiting } = words().delivery;
  if (reason !== null) return parkedLine(message, reason);
  if (id !== null && channel !== null) {
    const link = messageLink(place === 'dm' ? '@me' : guild, channel, id);
    return posted ? takenAt(link, when(posted)) : taken(link);
  }
  if (message.closed_since) return closed(when(message.closed_since));
  return message.is_under_way ? underWay : waiting;
}

function triesOf({
  is_sign: isSign,
  created_at: owed,
  tries,
  tried_at: at,
  resent,
  resent_at: again,
}: OwedMessage): string {
  const said = words().delivery;
  return [
    said.owed(when(owed)),
    // A reaction twice is one: its tries are not counted.
    ...(isSign ? [] : [said.tries(tries)]),
    ...(tries > 1 && at ? [said.lastTry(when(at))] : []),
    ...(resent > 0 && again ? [said.again(when(again))] : []),
  ].join(', ');
}

const entry = (message: OwedMessage, guild: string) =>
  [`**${message.nth}** · ${headOf(message)}`, triesOf(message), stateOf(message, guild)].join('\n');

/** Two messages in a row, so that what belongs to one stands together. */
function againRows({ number, messages, may_send }: TaskMessages): Row[] {
  const parked = may_send
    ? messages.filter(({ parked_reason, is_sign: isSign }) => parked_reason !== null && !isSign)
    : [];
  const buttons = parked.flatMap(({ seq, nth }) => [
    grey(words().delivery.sendAgain(nth), customId('send-again', `${number}.${seq}.there`)),
    grey(words().delivery.sendHere(nth), customId('send-again', `${number}.${seq}.here`)),
  ]);
  return rowsOf(buttons, 4);
}

function pagerOf({ number, messages, has_newer, has_older }: TaskMessages): APIButtonComponent[] {
  const [first, last] = [messages[0]?.seq, messages.at(-1)?.seq];
  return [
    ...(has_newer && first ? [grey(words().delivery.newer, customId('delivery', `${number}.a${first}`))] : []),
    ...(has_older && last ? [grey(words().delivery.older, customId('delivery', `${number}.b${last}`))] : []),
    grey(words().delivery.toTimeline, customId('timeline', `${number}.0`)),
  ];
}

/** Each message that was owed for a task: what, where, when, and whether Discord has it. */
export function deliveryPanel(page: TaskMessages): MessageBody {
  const { number, messages, parked, guild_id: guild } = page;
  const lines = messages.map((message) => entry(message, guild));
  return {
    ...says('', [...againRows(page), ...rowsOf(pagerOf(page))]),
    embeds: [
      {
        color: parked > 0 ? COLOR.waiting : COLOR.going,
        title: words().delivery.title(number),
        description: lines.length > 0 ? lines.join('\n\n') : words().delivery.none,
        ...(parked > 0 && { footer: { text: words().delivery.givenUp(parked) } }),
      },
    ],
  };
}
