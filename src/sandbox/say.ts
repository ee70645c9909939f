import { z } from 'zod';
import { Refusal } from '#kernel/errors.ts';
import { DiscordError } from '#sandbox/discord/errors.ts';
import { postMessage, type UploadedFile } from '#sandbox/discord/messages.ts';
import type { Message } from '#sandbox/discord/model.ts';
import { accountNamed, channelNamed, demandPresence } from '#sandbox/discord/people.ts';
import type { World } from '#sandbox/discord/world.ts';

const file = z.strictObject({
  name: z.string().min(1).max(260),
  text: z.string().optional(),
  base64: z.base64().optional(),
  content_type: z.string().optional(),
  /** What Discord says of its size, where nobody wants to send so much. */
  size: z.int().min(0).optional(),
});

/** A person who pays for more writes 4,000 characters. */
export const sayInput = z
  .strictObject({
    as: z.string().min(1),
    channel: z.string().optional(),
    content: z.string().max(4000).default(''),
    files: z.array(file).max(10).default([]),
    reply_to: z.string().optional(),
  })
  .refine(({ content, files }) => content.trim() !== '' || files.length > 0, 'There is nothing to say.');
type Say = z.infer<typeof sayInput>;

const TYPES: Readonly<Record<string, string>> = {
  txt: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  log: 'text/plain; charset=utf-8',
  json: 'application/json; charset=utf-8',
  png: 'image/png',
  jpg: 'image/jpeg',
  zip: 'application/zip',
};

/** Discord guesses a type by the name. */
const typeOf = (name: string) => TYPES[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream';

const upload = ({ name, text = '', base64, content_type: type }: Say['files'][number], at: number): UploadedFile => ({
  field: `files[${at}]`,
  name,
  contentType: type ?? typeOf(name),
  bytes: base64 === undefined ? Buffer.from(text, 'utf8') : Buffer.from(base64, 'base64'),
});

/** Whoever may not manage threads writes nothing in one that is locked. */
function demandOpen({ name, thread_metadata: thread }: ReturnType<typeof channelNamed>) {
  if (thread?.locked) throw new Refusal('forbidden', `${name} is locked.`);
}

/** A person types a plain message. */
export function say(world: World, { as, channel: place, content, files, reply_to: answered }: Say): Message {
  const author = accountNamed(world, as);
  const channel = channelNamed(world, place);
  demandPresence(world, author, channel);
  demandOpen(channel);
  const sizes = files.flatMap(({ size }, at) => (size === undefined ? [] : [[at, size] as const]));
  try {
    const reference = answered === undefined ? {} : { message_reference: { message_id: answered } };
    return postMessage(world, {
      channel,
      author,
      body: { content, ...reference },
      files: files.map(upload),
      sizes: new Map(sizes),
    });
  } catch (cause) {
    if (cause instanceof DiscordError) throw Object.assign(new Refusal('bad_request', cause.message), { cause });
    throw cause;
  }
}
