import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { demand, isAllowed, knownMessage, visibleChannel } from './access.ts';
import { discordError } from './errors.ts';
import { isBotIn } from './membership.ts';
import { channelEdit, threadBody } from './message-body.ts';
import { announce, threadOf } from './messages.ts';
import { CHANNEL, type Channel, type Guild, type Message, type ThreadFacts } from './model.ts';
import type { LimitDeps } from './rate-limits.ts';
import { decode } from './trace.ts';
import { channelView, guildView, memberView, messageEvent, plainChannels, roleView } from './views.ts';
import { emit, instant, isThread, memberOf, type World } from './world.ts';

type InChannel = { Params: { channel: string } };
type InMessage = { Params: { channel: string; message: string } };
type InGuild = { Params: { guild: string; user: string } };

function knownGuild(world: World, id: string): Guild {
  const guild = world.guilds.get(id);
  if (!guild) throw discordError('unknownGuild');
  if (!isBotIn(world, guild)) throw discordError('missingAccess');
  return guild;
}

type NewThread = {
  readonly parent: Channel;
  readonly name: string;
  readonly type: number;
  readonly archiveAfter: number;
  /** A thread that starts from a message has that message's id. */
  readonly from?: Message;
};

function demandRoomForThread({ world, limits }: LimitDeps, { guild_id }: Channel): void {
  const isActive = (one: Channel) => one.guild_id === guild_id && one.thread_metadata?.archived === false;
  const active = [...world.channels.values()].filter(isActive).length;
  if (active >= limits.activeThreads) throw discordError('tooManyThreads');
}

function openThread(deps: LimitDeps, made: NewThread): Channel {
  const { world } = deps;
  const { parent, from } = made;
  demand(world, parent, [made.type === CHANNEL.PRIVATE_THREAD ? 'CREATE_PRIVATE_THREADS' : 'CREATE_PUBLIC_THREADS']);
  demandRoomForThread(deps, parent);
  const thread: Channel = {
    id: from?.id ?? world.newId(),
    type: made.type,
    name: made.name,
    ...(parent.guild_id !== undefined && { guild_id: parent.guild_id }),
    parent_id: parent.id,
    owner_id: world.bot.id,
    last_message_id: null,
    message_count: 0,
    thread_metadata: {
      archived: false,
      locked: false,
      auto_archive_duration: made.archiveAfter,
      archive_timestamp: instant(world),
    },
  };
  world.channels.set(thread.id, thread);
  emit(world, 'THREAD_CREATE', { ...channelView(world, thread), newly_created: true });
  if (from) emit(world, 'MESSAGE_UPDATE', messageEvent(world, from));
  return thread;
}

type ChannelEdit = z.infer<typeof channelEdit>;

/** Archived threads take no edit but their own reopening. */
function editThread(world: World, facts: ThreadFacts, body: ChannelEdit): void {
  if (facts.archived && body.archived !== false) throw discordError('archivedThread');
  if (body.archived !== undefined && body.archived !== facts.archived) facts.archive_timestamp = instant(world);
  facts.archived = body.archived ?? facts.archived;
  facts.locked = body.locked ?? facts.locked;
  facts.auto_archive_duration = body.auto_archive_duration ?? facts.auto_archive_duration;
}

type ThreadChange = { readonly facts: ThreadFacts; readonly body: ChannelEdit };

/** The starter of a thread may rename and archive it, everybody who may write there may reopen it, unless it is locked. */
function demandThreadEdit(world: World, channel: Channel, { facts, body }: ThreadChange): void {
  if (isAllowed(world, channel, 'MANAGE_THREADS')) return;
  if (facts.locked || body.locked !== undefined) throw discordError('missingPermissions');
  const isReopening = body.archived === false && Object.values(body).filter((one) => one !== undefined).length === 1;
  if (isReopening) demand(world, channel, ['SEND_MESSAGES_IN_THREADS']);
  else if (channel.owner_id !== world.bot.id) throw discordError('missingPermissions');
}

function editChannel(world: World, channel: Channel, body: ChannelEdit): Channel {
  const facts = channel.thread_metadata;
  if (facts) {
    demandThreadEdit(world, channel, { facts, body });
    editThread(world, facts, body);
  } else {
    demand(world, channel, ['MANAGE_CHANNELS']);
    if (body.topic !== undefined) channel.topic = body.topic;
  }
  channel.name = body.name ?? channel.name;
  emit(world, facts ? 'THREAD_UPDATE' : 'CHANNEL_UPDATE', channelView(world, channel));
  return channel;
}

function threadRoutes(api: FastifyInstance, deps: LimitDeps): void {
  const { world } = deps;
  api.post<InMessage>('/channels/:channel/messages/:message/threads', async (request, reply) => {
    const body = decode(request, threadBody);
    const parent = visibleChannel(world, request.params.channel);
    if (isThread(parent) || parent.type === CHANNEL.DM) throw discordError('wrongChannelType');
    const from = knownMessage(world, parent, request.params.message);
    if (threadOf(world, from)) throw discordError('threadExists');
    const archiveAfter = body.auto_archive_duration ?? 4320;
    const thread = openThread(deps, { parent, name: body.name, type: CHANNEL.PUBLIC_THREAD, archiveAfter, from });
    return reply.code(201).send(channelView(world, thread));
  });
  api.post<InChannel>('/channels/:channel/threads', async (request, reply) => {
    const body = decode(request, threadBody);
    const parent = visibleChannel(world, request.params.channel);
    if (isThread(parent) || parent.type === CHANNEL.DM) throw discordError('wrongChannelType');
    const archiveAfter = body.auto_archive_duration ?? 4320;
    const type = body.type ?? CHANNEL.PRIVATE_THREAD;
    const thread = openThread(deps, { parent, name: body.name, type, archiveAfter });
    if (type === CHANNEL.PUBLIC_THREAD) announceThread(world, parent, thread);
    return reply.code(201).send(channelView(world, thread));
  });
}

/** A public thread without a starter message is told in its parent by a system message of type 18. */
function announceThread(world: World, parent: Channel, thread: Channel): void {
  announce(world, parent, {
    id: world.newId(),
    channel_id: parent.id,
    ...(parent.guild_id !== undefined && { guild_id: parent.guild_id }),
    author: world.bot,
    timestamp: instant(world),
    type: 18,
    content: thread.name,
    edited_timestamp: null,
    flags: 0,
    mentions: [],
    mention_roles: [],
    mention_everyone: false,
    attachments: [],
    embeds: [],
    components: [],
    reactions: [],
  });
}

export function channelRoutes(api: FastifyInstance, deps: LimitDeps): void {
  const { world } = deps;
  api.get<InChannel>('/channels/:channel', async ({ params }) =>
    channelView(world, visibleChannel(world, params.channel)),
  );
  api.patch<InChannel>('/channels/:channel', async (request) => {
    const body = decode(request, channelEdit);
    return channelView(world, editChannel(world, visibleChannel(world, request.params.channel), body));
  });
  api.post<InChannel>('/channels/:channel/typing', async ({ params }, reply) => {
    const channel = visibleChannel(world, params.channel);
    const typing = { channel_id: channel.id, user_id: world.bot.id, timestamp: Math.floor(world.now() / 1000) };
    emit(world, 'TYPING_START', typing, 'page');
    return reply.code(204).send();
  });
  threadRoutes(api, deps);

  api.get<InGuild>('/guilds/:guild', async ({ params }) => guildView(knownGuild(world, params.guild)));
  api.get<InGuild>('/guilds/:guild/roles', async ({ params }) => knownGuild(world, params.guild).roles.map(roleView));
  api.get<InGuild>('/guilds/:guild/channels', async ({ params }) =>
    plainChannels(world, knownGuild(world, params.guild)),
  );
  api.get<InGuild>('/guilds/:guild/members/:user', async ({ params }) => {
    const member = memberOf(knownGuild(world, params.guild), params.user);
    if (!member) throw discordError(world.users.has(params.user) ? 'unknownMember' : 'unknownUser');
    return memberView(member);
  });
}
