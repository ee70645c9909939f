import { MessageType } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Whence } from '#discord/gateway.ts';
import type { Actor } from '#kernel/actor.ts';
import { attached } from './files.ts';

const person = z.object({ id: z.string(), username: z.string(), bot: z.boolean().optional() });

/** A message as the gateway brings it, as far as it matters whether it is for Jules. */
export const said = z.object({
  id: z.string(),
  channel_id: z.string(),
  guild_id: z.string(),
  type: z.number(),
  content: z.string(),
  webhook_id: z.string().optional(),
  author: person,
  member: z.object({ roles: z.array(z.string()) }),
  mentions: z.array(person).catch([]),
  referenced_message: z.object({ author: person }).nullish(),
  attachments: z.array(attached).catch([]),
});
export type Said = z.output<typeof said>;

const TYPES: readonly number[] = [MessageType.Default, MessageType.Reply];
const ASIDE = '//';

/** People may talk to each other beside Jules: what begins with `//`, or answers anybody but the bot, is theirs. */
export function isForJules(message: Said, { me }: Pick<Whence, 'me'>): boolean {
  const { author, webhook_id: webhook, type, content, referenced_message: answered } = message;
  if (author.bot || webhook !== undefined || !TYPES.includes(type) || content.trimStart().startsWith(ASIDE))
    return false;
  return type !== MessageType.Reply || answered?.author.id === me;
}

/** Jules knows no ids of Discord's: a person is told by name. */
export const wordsOf = ({ content, mentions }: Pick<Said, 'content' | 'mentions'>) =>
  content.replace(/<@!?(\d{15,20})>/g, (found, id: string) => {
    const named = mentions.find((one) => one.id === id);
    return named ? `@${named.username}` : found;
  });

export type ActorWish = {
  readonly whence: Pick<Whence, 'isAdmin'>;
  /** The thread's channel: a message does not name it. */
  readonly channel: string;
  readonly correlation: string;
};

/** Who wrote it: their roles stand in the message, what they administer the gateway knows. */
export function authorOf(message: Said, { whence, channel, correlation }: ActorWish): Actor {
  const { author, guild_id: guild, channel_id: thread, member } = message;
  return {
    id: author.id,
    name: author.username,
    guild,
    guild_name: null,
    channel: thread,
    parent_channel: channel,
    // Everybody has the role @everyone, whose id is the server's; Discord leaves it out.
    roles: [...member.roles, guild],
    admin: whence.isAdmin,
    door: 'gateway',
    command: 'thread message',
    correlation,
  };
}
