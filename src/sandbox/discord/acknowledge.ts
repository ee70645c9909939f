import type { z } from 'zod';
import { numbered } from './components.ts';
import { discordError, invalidField } from './errors.ts';
import { type callbackBody, choicesBody, messageCreate, messageEdit, modalBody } from './message-body.ts';
import { announce, editMessage, postMessage } from './messages.ts';
import { CALLBACK, FLAG, INTERACTION, type Interaction, type Message } from './model.ts';
import { decode, type Traced, traceOf } from './trace.ts';
import { userView } from './views.ts';
import { emit, instant, type World } from './world.ts';

type Given = { readonly request: Traced; readonly body: z.infer<typeof callbackBody> };

const COMMON: readonly number[] = [CALLBACK.MESSAGE, CALLBACK.DEFERRED_MESSAGE];
const UPDATES: readonly number[] = [CALLBACK.DEFERRED_UPDATE, CALLBACK.UPDATE];

/** Which answers a kind of interaction may have; a modal never follows a modal. */
function allowedTypes(interaction: Interaction): readonly number[] {
  if (interaction.type === INTERACTION.AUTOCOMPLETE) return [CALLBACK.CHOICES];
  if (interaction.type === INTERACTION.COMMAND) return [...COMMON, CALLBACK.MODAL];
  if (interaction.type === INTERACTION.COMPONENT) return [...COMMON, ...UPDATES, CALLBACK.MODAL];
  return interaction.messageId === undefined ? COMMON : [...COMMON, ...UPDATES];
}

/** The one answer to an interaction: in time, once, and of a type that fits. */
export function acknowledge(world: World, interaction: Interaction, given: Given): Message | undefined {
  if (interaction.state === 'failed' || world.now() >= interaction.expiresAt) throw discordError('unknownInteraction');
  if (interaction.state !== 'waiting') throw discordError('alreadyAcknowledged');
  if (world.now() - interaction.createdAt > world.times.answerWithinMs) throw discordError('unknownInteraction');
  if (!allowedTypes(interaction).includes(given.body.type)) {
    throw invalidField(['type'], `This interaction cannot be answered with type ${given.body.type}.`);
  }
  const message = perform(world, interaction, given);
  interaction.callbackType = given.body.type;
  interaction.state = given.body.type === CALLBACK.DEFERRED_MESSAGE ? 'deferred' : 'answered';
  emit(world, 'SANDBOX_INTERACTION', { id: interaction.id, state: interaction.state }, 'page');
  return message;
}

function perform(world: World, interaction: Interaction, given: Given): Message | undefined {
  switch (given.body.type) {
    case CALLBACK.MESSAGE:
      return reply(world, interaction, given);
    case CALLBACK.DEFERRED_MESSAGE:
      return think(world, interaction, given);
    case CALLBACK.UPDATE:
      return update(world, interaction, given);
    case CALLBACK.CHOICES:
      interaction.choices = decode(given.request, choicesBody, given.body.data).choices;
      return undefined;
    case CALLBACK.MODAL:
      openModal(world, interaction, given);
      return undefined;
    default:
      return undefined;
  }
}

/** What marks a message as an interaction's answer. */
const originOf = (world: World, interaction: Interaction) => ({
  type: interaction.type === INTERACTION.COMMAND ? 20 : 0,
  webhook_id: world.bot.id,
  application_id: world.bot.id,
  interaction_metadata: {
    id: interaction.id,
    type: interaction.type,
    user: userView(interaction.user),
    authorizing_integration_owners: {},
    ...(interaction.type === INTERACTION.COMMAND && { name: interaction.about, command_type: 1 }),
  },
  ...(interaction.messageId !== undefined && {
    message_reference: { message_id: interaction.messageId, channel_id: interaction.channelId },
  }),
});

function channelOf(world: World, interaction: Interaction) {
  const channel = world.channels.get(interaction.channelId);
  if (!channel) throw discordError('unknownChannel');
  return channel;
}

function reply(world: World, interaction: Interaction, given: Given): Message {
  const body = decode(given.request, messageCreate, given.body.data);
  const isEphemeral = ((body.flags ?? 0) & FLAG.EPHEMERAL) !== 0;
  const message = postMessage(world, {
    channel: channelOf(world, interaction),
    author: world.bot,
    body,
    files: traceOf(given.request).files,
    isFromInteraction: true,
    ...(isEphemeral && { visibleTo: interaction.user.id }),
    extra: originOf(world, interaction),
  });
  interaction.originalId = message.id;
  return message;
}

/** "Verne is thinking…": whether the answer is ephemeral is fixed now, for good. */
function think(world: World, interaction: Interaction, given: Given): Message {
  const { flags } = decode(given.request, messageCreate, given.body.data);
  const isEphemeral = ((flags ?? 0) & FLAG.EPHEMERAL) !== 0;
  const channel = channelOf(world, interaction);
  const message: Message = {
    id: world.newId(),
    channel_id: channel.id,
    ...(channel.guild_id !== undefined && { guild_id: channel.guild_id }),
    author: world.bot,
    timestamp: instant(world),
    content: '',
    edited_timestamp: null,
    flags: FLAG.LOADING | (isEphemeral ? FLAG.EPHEMERAL : 0),
    mentions: [],
    mention_roles: [],
    mention_everyone: false,
    attachments: [],
    embeds: [],
    components: [],
    reactions: [],
    ...(isEphemeral && { visible_to: interaction.user.id }),
    ...originOf(world, interaction),
  };
  interaction.originalId = message.id;
  return announce(world, channel, message);
}

function update(world: World, interaction: Interaction, given: Given): Message {
  const body = decode(given.request, messageEdit, given.body.data);
  const message = interaction.messageId === undefined ? undefined : world.messages.get(interaction.messageId);
  if (!message) throw discordError('unknownMessage');
  interaction.originalId = message.id;
  const { files } = traceOf(given.request);
  const channel = channelOf(world, interaction);
  return editMessage(world, { message, channel, body, files, isFromInteraction: true });
}

function openModal(world: World, interaction: Interaction, given: Given): void {
  const body = decode(given.request, modalBody, given.body.data);
  const components = numbered(body.components);
  const modal = {
    id: interaction.id,
    userId: interaction.user.id,
    channelId: interaction.channelId,
    ...(interaction.messageId !== undefined && { messageId: interaction.messageId }),
    custom_id: body.custom_id,
    title: body.title,
    components,
  };
  world.modals.set(modal.id, modal);
  interaction.modalId = modal.id;
  emit(world, 'SANDBOX_MODAL', modal, 'page');
}
