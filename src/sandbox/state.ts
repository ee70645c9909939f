import type { Channel, Interaction, Message, OpenModal } from '#sandbox/discord/model.ts';
import { localeOf, type World } from '#sandbox/discord/world.ts';

/** What the page and the drivers read: the world as a person at the screen would name it. */

const nameOf = (world: World, userId: string): string => world.users.get(userId)?.username ?? userId;

export const messageShown = (world: World, message: Message) => ({
  id: message.id,
  channel_id: message.channel_id,
  author: { id: message.author.id, name: message.author.username, bot: message.author.bot },
  content: message.content,
  embeds: message.embeds,
  components: message.components,
  flags: message.flags,
  attachments: message.attachments,
  timestamp: message.timestamp,
  edited_timestamp: message.edited_timestamp,
  type: message.type,
  mentions: message.mentions.map(({ id }) => id),
  mention_roles: message.mention_roles,
  mention_everyone: message.mention_everyone,
  reactions: message.reactions.map(({ emoji, users }) => ({ emoji, count: users.size })),
  ...(message.message_reference && { reference: message.message_reference }),
  ...(message.interaction_metadata && { interaction_metadata: message.interaction_metadata }),
  ...(message.visible_to !== undefined && { visible_to: nameOf(world, message.visible_to) }),
});

export const modalShown = (world: World, modal: OpenModal) => ({
  as: nameOf(world, modal.userId),
  custom_id: modal.custom_id,
  title: modal.title,
  components: modal.components,
  ...(modal.messageId !== undefined && { message: modal.messageId }),
});

const channelShown = (channel: Channel) => ({
  id: channel.id,
  name: channel.name,
  type: channel.type,
  ...(channel.parent_id !== undefined && { parent_id: channel.parent_id }),
  ...(channel.recipients && { recipients: channel.recipients.map(({ id, username }) => ({ id, name: username })) }),
  ...(channel.topic && { topic: channel.topic }),
  ...(channel.thread_metadata && {
    archived: channel.thread_metadata.archived,
    locked: channel.thread_metadata.locked,
  }),
});

const interactionShown = (one: Interaction) => ({
  id: one.id,
  type: one.type,
  as: one.user.username,
  about: one.about,
  state: one.state,
  channel_id: one.channelId,
  ...(one.messageId !== undefined && { message: one.messageId }),
});

function rolesOf(world: World, userId: string): string[] {
  return [...world.guilds.values()].flatMap(({ members }) => members.get(userId)?.roles ?? []);
}

/** Where the bot's HTTP door listens, once it does. */
export type BotFacts = { http?: string };

/** What is not Discord's. */
type Beside = { readonly sessions: readonly unknown[]; readonly bot: BotFacts };

/** The state that the drivers serve; `sessions` comes from the simulated Jules. */
export function stateOf(world: World, { sessions, bot }: Beside) {
  return {
    accounts: [...world.accounts.values()].map(({ id, username }) => ({
      id,
      name: username,
      roles: rolesOf(world, id),
      locale: localeOf(world, id),
    })),
    guilds: [...world.guilds.values()].map(({ id, name, roles }) => ({
      id,
      name,
      roles: roles.map((role) => ({ id: role.id, name: role.name, color: role.color })),
    })),
    channels: [...world.channels.values()].map(channelShown),
    messages: [...world.messages.values()].map((message) => messageShown(world, message)),
    modals: [...world.modals.values()].map((modal) => modalShown(world, modal)),
    requests: world.requests,
    refused: world.refused,
    interactions: [...world.interactions.values()].map(interactionShown),
    sessions,
    commands: [...world.commands.values()],
    bot,
  };
}
