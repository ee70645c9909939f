import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  demand,
  demandHistoryToReply,
  demandSending,
  isAllowed,
  isOnlyEmbeds,
  knownMessage,
  visibleChannel,
  withoutForbiddenEmbeds,
} from './access.ts';
import { discordError, formIssuesOf, invalidForm } from './errors.ts';
import { type Draft, draftOf } from './judge/draft.ts';
import { type MessageCreate, messageCreate, messageEdit } from './message-body.ts';
import { deleteMessage, editMessage, postMessage } from './messages.ts';
import type { Channel, Message } from './model.ts';
import { demandRoomForEdit, type LimitDeps } from './rate-limits.ts';
import { decode, traceOf } from './trace.ts';
import { messageView } from './views.ts';
import { emit, type World } from './world.ts';

type InChannel = { Params: { channel: string } };
type InMessage = { Params: { channel: string; message: string } };
type OnEmoji = { Params: { channel: string; message: string; emoji: string } };

/** The first message of the same author and nonce, within the past few minutes; 10008 where that one was deleted. */
function sameNonce(world: World, body: MessageCreate): Message | undefined {
  if (!body.enforce_nonce || body.nonce === undefined) return undefined;
  const known = world.nonces.get(String(body.nonce));
  if (!known || world.now() - known.at > world.times.nonceLifeMs) return undefined;
  const first = world.messages.get(known.messageId);
  if (!first) throw discordError('unknownMessage');
  return first;
}

const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  before: z.string().optional(),
  after: z.string().optional(),
  around: z.string().optional(),
});

/** Newest first, as Discord lists them; `after` takes those next to it. */
function listed(world: World, channel: Channel, query: z.infer<typeof listQuery>): Message[] {
  const all = [...world.messages.values()].filter(
    (message) => message.channel_id === channel.id && message.visible_to === undefined,
  );
  const { limit, before, after, around } = query;
  if (around !== undefined) {
    const half = Math.floor(limit / 2);
    const older = all.filter(({ id }) => BigInt(id) <= BigInt(around)).slice(-half - 1);
    const newer = all.filter(({ id }) => BigInt(id) > BigInt(around)).slice(0, half);
    return [...older, ...newer].slice(0, limit).reverse();
  }
  if (after !== undefined) {
    return all
      .filter(({ id }) => BigInt(id) > BigInt(after))
      .slice(0, limit)
      .reverse();
  }
  const upTo = before === undefined ? all : all.filter(({ id }) => BigInt(id) < BigInt(before));
  return upTo.slice(-limit).reverse();
}

const isBare = ({ content, components, attachments }: Draft): boolean =>
  content.trim() === '' && components.length === 0 && attachments.length === 0;

function writingRoutes(api: FastifyInstance, deps: LimitDeps): void {
  const { world } = deps;
  api.post<InChannel>('/channels/:channel/messages', async (request) => {
    const { files } = traceOf(request);
    const asked = decode(request, messageCreate);
    const channel = visibleChannel(world, request.params.channel);
    demandSending(world, channel);
    if (files.length > 0) demand(world, channel, ['ATTACH_FILES']);
    if (asked.message_reference) demandHistoryToReply(world, channel);
    const body = withoutForbiddenEmbeds(world, channel, asked);
    if (isOnlyEmbeds(asked) && files.length === 0 && body !== asked) throw discordError('missingPermissions');
    const first = sameNonce(world, body);
    if (first) return messageView(world, first);
    const message = postMessage(world, { channel, author: world.bot, body, files });
    if (body.enforce_nonce && body.nonce !== undefined) {
      world.nonces.set(String(body.nonce), { messageId: message.id, at: world.now() });
    }
    return messageView(world, message);
  });
  api.patch<InMessage>('/channels/:channel/messages/:message', async (request) => {
    const asked = decode(request, messageEdit);
    const channel = visibleChannel(world, request.params.channel);
    const message = knownMessage(world, channel, request.params.message);
    if (message.author.id !== world.bot.id) throw discordError('authorOnly');
    demandRoomForEdit(deps, message);
    const body = withoutForbiddenEmbeds(world, channel, asked);
    if (body !== asked && isBare(draftOf(message, body))) throw discordError('emptyMessage');
    return messageView(world, editMessage(world, { message, channel, body, files: traceOf(request).files }));
  });
  api.delete<InMessage>('/channels/:channel/messages/:message', async ({ params }, reply) => {
    const channel = visibleChannel(world, params.channel);
    const message = knownMessage(world, channel, params.message);
    if (message.author.id !== world.bot.id) demand(world, channel, ['MANAGE_MESSAGES']);
    deleteMessage(world, message);
    return reply.code(204).send();
  });
}

const hasHistory = (world: World, channel: Channel) => isAllowed(world, channel, 'READ_MESSAGE_HISTORY');

export function messageRoutes(api: FastifyInstance, deps: LimitDeps): void {
  const { world } = deps;
  writingRoutes(api, deps);
  api.get<InChannel>('/channels/:channel/messages', async (request) => {
    const query = listQuery.safeParse(request.query);
    if (!query.success) throw invalidForm(formIssuesOf(query.error));
    const channel = visibleChannel(world, request.params.channel);
    // Discord does not refuse: it lists nothing.
    if (!hasHistory(world, channel)) return [];
    return listed(world, channel, query.data).map((message) => messageView(world, message));
  });
  api.get<InMessage>('/channels/:channel/messages/:message', async ({ params }) => {
    const channel = visibleChannel(world, params.channel);
    if (!hasHistory(world, channel)) throw discordError('missingAccess');
    return messageView(world, knownMessage(world, channel, params.message));
  });
  const reaction = '/channels/:channel/messages/:message/reactions/:emoji/@me';
  api.put<OnEmoji>(reaction, async ({ params }, reply) => {
    const channel = visibleChannel(world, params.channel);
    demand(world, channel, ['ADD_REACTIONS', 'READ_MESSAGE_HISTORY']);
    if (channel.thread_metadata?.archived) throw discordError('archivedThread');
    if (!/^\p{RGI_Emoji}$/v.test(params.emoji)) throw discordError('unknownEmoji');
    react(world, knownMessage(world, channel, params.message), { name: params.emoji, isOn: true });
    return reply.code(204).send();
  });
  api.delete<OnEmoji>(reaction, async ({ params }, reply) => {
    const message = knownMessage(world, visibleChannel(world, params.channel), params.message);
    react(world, message, { name: params.emoji, isOn: false });
    return reply.code(204).send();
  });
}

function react(world: World, message: Message, change: { readonly name: string; readonly isOn: boolean }): void {
  const known = message.reactions.find(({ emoji }) => emoji.name === change.name);
  const reaction = known ?? { emoji: { id: null, name: change.name }, users: new Set<string>() };
  if (!known && change.isOn) message.reactions.push(reaction);
  if (change.isOn) reaction.users.add(world.bot.id);
  else reaction.users.delete(world.bot.id);
  if (reaction.users.size === 0) message.reactions.splice(message.reactions.indexOf(reaction), known ? 1 : 0);
  const { id, channel_id, guild_id } = message;
  const fact = { user_id: world.bot.id, message_id: id, channel_id, guild_id, emoji: reaction.emoji };
  emit(world, change.isOn ? 'MESSAGE_REACTION_ADD' : 'MESSAGE_REACTION_REMOVE', fact);
}
