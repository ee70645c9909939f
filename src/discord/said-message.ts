import { z } from 'zod';
import { messageLink } from './cards/notes.ts';
import { cut, plain, visible } from './text.ts';
import { termsOf } from './words/terms.ts';

/** Jules is written to in English, whatever the person speaks. */
const { count } = termsOf('en');

/** What is read of a message that somebody else wrote: a client or a bot may have put anything into it. */
const embed = z.object({
  title: z.string().nullish(),
  description: z.string().nullish(),
  fields: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
});
const words = z.object({ content: z.string().catch(''), embeds: z.array(embed).catch([]) });
const author = z.object({ id: z.string(), username: z.string(), global_name: z.string().nullish() });
const saidMessage = words.extend({
  id: z.string(),
  channel_id: z.string(),
  author,
  mentions: z.array(author).catch([]),
  /** Of one that was forwarded: what it says stands here alone. */
  message_snapshots: z.array(z.object({ message: words })).catch([]),
});
export type SaidMessage = z.output<typeof saidMessage>;

export const readSaidMessage = (given: unknown) => saidMessage.safeParse(given).data;

const embedText = ({ title, description, fields }: z.output<typeof embed>) =>
  [title, description, ...(fields ?? []).flatMap(({ name, value }) => [name, value])].filter(Boolean).join('\n');

const wordsOf = ({ content, embeds }: z.output<typeof words>) =>
  content.trim() === '' ? embeds.map(embedText).filter(Boolean).join('\n\n') : content;

const nameOf = ({ username, global_name: name }: z.output<typeof author>) => plain(name || username, 80);

const MENTION = /<@!?(\d{1,20})>/g;

/** Ids say nothing to Jules. */
const named = (text: string, mentions: SaidMessage['mentions']) =>
  text.replace(MENTION, (found, id: string) => {
    const person = mentions.find((one) => one.id === id);
    return person ? `@${nameOf(person)}` : found;
  });

/** Leaves room in a field for what Jules is to do about it. */
const MOST = 3000;

/** A message as the beginning of a prompt, below the room for what is to be done; null where it holds no text. */
export function promptFrom(message: SaidMessage, guild: string | null): string | null {
  const said = [wordsOf(message), ...message.message_snapshots.map((one) => wordsOf(one.message))].filter(Boolean);
  const text = visible(named(said.join('\n\n'), message.mentions)).trim();
  if (text === '') return null;
  const part = cut(text, MOST);
  const link = messageLink(guild ?? '@me', message.channel_id, message.id);
  const rest = part === text ? [] : [`(shortened: it has ${count(text.length)} characters; the rest is at the link)`];
  return [`From a message of ${nameOf(message.author)}, ${link}:`, part.replace(/^/gm, '> '), ...rest].join('\n');
}
