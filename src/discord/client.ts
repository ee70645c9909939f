import { API, type CreateMessageOptions } from '@discordjs/core/http-only';
import type { RawFile } from '@discordjs/rest';
import {
  type APIApplicationCommand,
  type APIInteractionResponse,
  type APIMessage,
  MessageFlags,
  type RESTPatchAPIChannelMessageJSONBody,
  type RESTPutAPIApplicationCommandsJSONBody,
  Routes,
  ThreadAutoArchiveDuration,
} from 'discord-api-types/v10';
import { z } from 'zod';
import { RemoteFailure } from '#kernel/errors.ts';
import { allowedBy } from './allowed.ts';
import { type CallerOptions, makeCaller, type Sending } from './call.ts';
import type { AllowedMentions, MessageBody, TextFile } from './cards/body.ts';

type Post = {
  readonly channelId: string;
  readonly body: MessageBody;
  /** The same nonce within a few minutes gives the first message again. */
  readonly nonce: string;
  /** The message of the same channel that this one answers; a missing one does not matter. */
  readonly replyTo?: string | undefined;
};

type Edit = { readonly channelId: string; readonly messageId: string; readonly body: MessageBody };
type ThreadStart = { readonly channelId: string; readonly messageId: string; readonly name: string };
type Reaction = { readonly channelId: string; readonly messageId: string; readonly emoji: string };
type Span = { readonly channelId: string; readonly since: Date; readonly until: Date };

/** The calls that Verne makes. Each throws a RemoteFailure; `failure.ts` says what is wrong with a place. */
export type DiscordClient = {
  /** Gives back the id of the message. */
  post(post: Post, sending: Sending): Promise<string>;
  edit(edit: Edit, sending: Sending): Promise<void>;
  /** Gives back the thread's id, also when the message already had one. */
  startThread(start: ThreadStart, sending: Sending): Promise<string>;
  unarchive(threadId: string, sending: Sending): Promise<void>;
  /** On anybody's message; a reaction that is there already stays one. */
  react(reaction: Reaction, sending: Sending): Promise<void>;
  /** Gives back the channel of the direct messages with a person. */
  openDm(userId: string, sending: Sending): Promise<string>;
  /** The bot's own messages of a span of time, oldest first. */
  ownMessages(span: Span, sending: Sending): Promise<APIMessage[]>;
  /** `too_late`: Discord no longer waits for an answer. */
  answerInteraction(answer: InteractionAnswer): Promise<'answered' | 'too_late'>;
  readCommands(appId: string): Promise<APIApplicationCommand[]>;
  putCommands(appId: string, commands: RESTPutAPIApplicationCommandsJSONBody): Promise<void>;
  readApplication(): Promise<{ readonly id: string }>;
  /** Ends the library's timers. */
  close(): void;
};

type InteractionAnswer = {
  readonly id: string;
  readonly token: string;
  readonly response: APIInteractionResponse;
  readonly signal?: AbortSignal;
};

const THREAD_EXISTS = 160004;
const ALREADY_ACKNOWLEDGED = 40060;
const UNKNOWN_INTERACTION = 10062;
const REPLY_WITHOUT_HISTORY = 160002;
const MISSING_PERMISSIONS = 50013;
const PAGE = 100;
/** Far more than a bot may post in any span that is asked for. */
const MAX_PAGES = 20;

const DISCORD_EPOCH_MS = 1_420_070_400_000;
const snowflakeAt = (at: Date) => (BigInt(Math.max(0, at.getTime() - DISCORD_EPOCH_MS)) << 22n).toString();

/** An edit parses mentions anew, by a default that pings everybody: so every create and every edit passes here. */
function allowing({ users = [], roles = [] }: AllowedMentions) {
  return { parse: [], users: [...users], roles: [...roles], replied_user: false };
}

const rawFile = ({ name, text }: TextFile): RawFile => ({
  name,
  data: Buffer.from(text, 'utf8'),
  contentType: 'text/plain; charset=utf-8',
});

function postBody({ body: { files, ...body }, nonce, replyTo }: Post): CreateMessageOptions {
  return {
    ...body,
    ...(files && { files: files.map(rawFile) }),
    allowed_mentions: allowing(allowedBy(body)),
    nonce,
    enforce_nonce: true,
    ...(replyTo && { message_reference: { message_id: replyTo, fail_if_not_exists: false } }),
  };
}

/** An edit tells nobody. What the body does not have is taken away. */
function editBody({ body }: Edit): RESTPatchAPIChannelMessageJSONBody {
  const { content = '', embeds = [], components = [] } = body;
  const { parse } = allowedBy(body);
  return { content, embeds, components, allowed_mentions: allowing({ parse }) };
}

const anAccount = z.object({ id: z.string() });

const isCode = (error: unknown, code: number) => error instanceof RemoteFailure && error.code === code;

type Caller = ReturnType<typeof makeCaller>;
type Calls = { readonly api: API } & Caller;

/** Who may not read a channel's history may not answer in it: the words are more than what they answer. */
async function postMessage({ api, call }: Calls, post: Post, sending: Sending): Promise<string> {
  const send = (one: Post) => {
    // Made before the call: what is wrong with a body is a defect, and no trouble of Discord's.
    const body = postBody(one);
    return call({ to: 'post a message', effect: 'write' }, sending, async (signal) => {
      return (await api.channels.createMessage(one.channelId, body, { signal })).id;
    });
  };
  try {
    return await send(post);
  } catch (error) {
    if (post.replyTo === undefined || !isCode(error, REPLY_WITHOUT_HISTORY)) throw error;
    return send({ ...post, replyTo: undefined });
  }
}

/** Without Embed Links an edit succeeds and its embeds vanish; where a person took them away, that was meant. */
function demandEmbeds({ body }: Edit, { embeds, flags }: APIMessage): void {
  const isSuppressed = ((flags ?? 0) & MessageFlags.SuppressEmbeds) !== 0;
  if (!body.embeds?.length || embeds.length > 0 || isSuppressed) return;
  throw new RemoteFailure('Discord took an edit and dropped its embeds: Verne lacks Embed Links', {
    service: 'discord',
    code: MISSING_PERMISSIONS,
    retry: 'never',
  });
}

function writing(
  calls: Calls,
): Pick<DiscordClient, 'post' | 'edit' | 'startThread' | 'unarchive' | 'react' | 'openDm'> {
  const { api, call } = calls;
  return {
    post: (post, sending) => postMessage(calls, post, sending),
    edit: async (edit, sending) => {
      const body = editBody(edit);
      await call({ to: 'edit a message', effect: 'write' }, sending, async (signal) => {
        demandEmbeds(edit, await api.channels.editMessage(edit.channelId, edit.messageId, body, { signal }));
      });
    },
    startThread: async ({ channelId, messageId, name }, sending) => {
      const body = { name, auto_archive_duration: ThreadAutoArchiveDuration.OneDay };
      try {
        return await call({ to: 'start a thread', effect: 'write' }, sending, async (signal) => {
          return (await api.channels.createThread(channelId, body, messageId, { signal })).id;
        });
      } catch (error) {
        // A thread that starts from a message has that message's id.
        if (isCode(error, THREAD_EXISTS)) return messageId;
        throw error;
      }
    },
    unarchive: (threadId, sending) =>
      call({ to: 'reopen a thread', effect: 'write' }, sending, async (signal) => {
        await api.channels.edit(threadId, { archived: false }, { signal });
      }),
    react: ({ channelId, messageId, emoji }, sending) =>
      call({ to: 'react to a message', effect: 'write' }, sending, (signal) =>
        api.channels.addMessageReaction(channelId, messageId, emoji, { signal }),
      ),
    openDm: (userId, sending) =>
      call({ to: 'open a direct message', effect: 'read' }, sending, async (signal) => {
        return (await api.users.createDM(userId, { signal })).id;
      }),
  };
}

/** `after` lists the oldest ones behind it, newest first. */
async function listSpan({ api }: Calls, { channelId, since, until }: Span, signal: AbortSignal): Promise<APIMessage[]> {
  const found: APIMessage[] = [];
  const end = BigInt(snowflakeAt(until));
  let after = snowflakeAt(since);
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const messages = await api.channels.getMessages(channelId, { after, limit: PAGE }, { signal });
    found.push(...messages.toReversed());
    const newest = messages[0]?.id;
    if (newest === undefined || messages.length < PAGE || BigInt(newest) > end) break;
    after = newest;
  }
  return found;
}

/** A bot whose own account is not found has met a proxy, not a missing place. */
async function whoAmI({ rest, call }: Calls, sending: Sending): Promise<string> {
  const read = call({ to: 'say who the bot is', effect: 'read' }, sending, (signal) =>
    rest.get('/users/@me', { signal }),
  );
  return anAccount.parse(
    await read.catch((error: RemoteFailure) => {
      const { message, service, code, uncounted } = error;
      throw error.retry === 'never'
        ? new RemoteFailure(message, { service, code, retry: 'soon', uncounted, cause: error })
        : error;
    }),
  ).id;
}

function reading(calls: Calls): Pick<DiscordClient, 'ownMessages' | 'readCommands' | 'readApplication'> {
  const { api, call } = calls;
  let me: string | undefined;
  return {
    ownMessages: async (span, sending) => {
      me ??= await whoAmI(calls, sending);
      const all = await call({ to: 'list messages', effect: 'read' }, sending, (signal) =>
        listSpan(calls, span, signal),
      );
      return all.filter(({ author }) => author.id === me);
    },
    readCommands: (appId) =>
      call({ to: 'list the commands', effect: 'read' }, {}, () =>
        api.applicationCommands.getGlobalCommands(appId, { with_localizations: true }),
      ),
    readApplication: () =>
      call({ to: 'describe the application', effect: 'read' }, {}, async () => {
        const { id } = await api.applications.getCurrent();
        return { id };
      }),
  };
}

/** No retry: Discord waits three seconds for an answer, and the first that arrives counts. */
async function answer({ rest, call }: Calls, { id, token, response, signal }: InteractionAnswer) {
  try {
    await call({ to: 'answer an interaction', effect: 'write' }, { signal }, (own) =>
      rest.post(Routes.interactionCallback(id, token), { body: response, auth: false, signal: own }),
    );
    return 'answered' as const;
  } catch (error) {
    if (isCode(error, ALREADY_ACKNOWLEDGED)) return 'answered' as const;
    if (isCode(error, UNKNOWN_INTERACTION)) return 'too_late' as const;
    throw error;
  }
}

/** Discord's REST API as far as Verne uses it. Nothing is repeated here: the durable row owns retries. */
export function discordClient(options: CallerOptions): DiscordClient {
  const caller = makeCaller(options);
  const calls: Calls = { ...caller, api: new API(caller.rest) };
  return {
    ...writing(calls),
    ...reading(calls),
    answerInteraction: (given) => answer(calls, given),
    putCommands: (appId, commands) =>
      caller.call({ to: 'register the commands', effect: 'write' }, {}, async () => {
        await calls.api.applicationCommands.bulkOverwriteGlobalCommands(appId, commands);
      }),
    close: caller.close,
  };
}
