import type { Message } from './sandbox.ts';

/** A message of the bot that others than one see, as it was at some time. */
export type Shown = { readonly at: number; readonly title: string; readonly text: string };
export type Post = {
  readonly id: string;
  readonly channel: string;
  /** The message that it answers. */
  readonly replyTo: string | undefined;
  readonly components: Message['components'];
  readonly content: string;
  /** Oldest first. */
  readonly shown: readonly Shown[];
};

type Told = Message & { readonly message_reference?: { readonly message_id: string } };

const EPHEMERAL = 64;

/** Each frame of the stream that is a change; the states in between, which are large, are not read. */
async function* changes(body: AsyncIterable<Uint8Array>) {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const frames = rest.split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      const data = /^event: message\ndata: (.*)$/m.exec(frame)?.[1];
      if (data) yield JSON.parse(data) as { readonly type: string; readonly data: Told };
    }
  }
}

/** Sees every message of the bot when it is posted and edited, as somebody who looks at all channels at once. */
export async function watchMessages(origin: string) {
  const abort = new AbortController();
  const { body } = await fetch(`${origin}/sandbox/events`, { signal: abort.signal });
  if (!body) throw new Error('the stream of events has no body');
  const posts = new Map<string, Post>();
  const listeners = new Set<(post: Post) => void>();
  const take = ({ id, channel_id: channel, embeds, content, components, message_reference: to }: Told) => {
    const [{ title = '', description = '' } = {}] = embeds;
    const before = posts.get(id)?.shown ?? [];
    const shown = [...before, { at: Date.now(), title, text: description }];
    const post = {
      id,
      channel,
      replyTo: to?.message_id,
      components,
      content: JSON.stringify([content, embeds]),
      shown,
    };
    posts.set(id, post);
    for (const listener of listeners) listener(post);
  };
  const reading = (async () => {
    for await (const { type, data } of changes(body)) {
      if (/^MESSAGE_(CREATE|UPDATE)$/.test(type) && data.author.bot && !(data.flags & EPHEMERAL)) take(data);
    }
  })().catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  return {
    posts,
    onPost: (listener: (post: Post) => void) => void listeners.add(listener),
    stop: async () => {
      abort.abort();
      await reading;
    },
  };
}

export type Watch = Awaited<ReturnType<typeof watchMessages>>;
