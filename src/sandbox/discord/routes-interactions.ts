import type { FastifyInstance, FastifyRequest } from 'fastify';
import { acknowledge } from './acknowledge.ts';
import { discordError } from './errors.ts';
import { callbackBody, messageCreate, messageEdit } from './message-body.ts';
import { deleteMessage, editMessage, postMessage } from './messages.ts';
import { FLAG, type Interaction, type Message } from './model.ts';
import { decode, traceOf } from './trace.ts';
import { messageView } from './views.ts';
import { emit, type World } from './world.ts';

type Callback = { Params: { interaction: string; token: string }; Querystring: { with_response?: string } };
type Webhook = { Params: { application: string; token: string; message: string } };

/** Nothing but the token is asked here: it is the credential, and it lives for fifteen minutes. */
function byToken(world: World, params: Webhook['Params']): Interaction {
  if (params.application !== world.bot.id) throw discordError('unknownWebhook');
  const found = [...world.interactions.values()].find(({ token }) => token === params.token);
  if (!found || world.now() >= found.expiresAt) throw discordError('invalidWebhookToken');
  if (found.state === 'waiting' || found.state === 'failed') throw discordError('unknownWebhook');
  return found;
}

function messageBy(world: World, params: Webhook['Params']): { interaction: Interaction; message: Message } {
  const interaction = byToken(world, params);
  const id = params.message === '@original' ? (interaction.originalId ?? interaction.messageId) : params.message;
  const message = id === undefined ? undefined : world.messages.get(id);
  const isOwn = message?.webhook_id === world.bot.id || message?.author.id === world.bot.id;
  if (!(message && isOwn)) throw discordError('unknownMessage');
  return { interaction, message };
}

function edit(world: World, request: FastifyRequest<Webhook>): Message {
  const body = decode(request, messageEdit);
  const { interaction, message } = messageBy(world, request.params);
  const channel = world.channels.get(message.channel_id);
  if (!channel) throw discordError('unknownChannel');
  const { files } = traceOf(request);
  const edited = editMessage(world, { message, channel, body, files, isFromInteraction: true });
  settle(world, interaction, message);
  return edited;
}

/** A deferred answer is complete when its placeholder got a body. */
function settle(world: World, interaction: Interaction, message: Message): void {
  if (interaction.state !== 'deferred' || message.id !== interaction.originalId) return;
  interaction.state = 'answered';
  emit(world, 'SANDBOX_INTERACTION', { id: interaction.id, state: interaction.state }, 'page');
}

function followUp(world: World, request: FastifyRequest<Webhook>): Message {
  const interaction = byToken(world, request.params);
  const placeholder = interaction.originalId === undefined ? undefined : world.messages.get(interaction.originalId);
  const channel = world.channels.get(interaction.channelId);
  if (!channel) throw discordError('unknownChannel');
  const { files } = traceOf(request);
  // The first follow-up to a deferred answer becomes that answer.
  if (placeholder && placeholder.flags & FLAG.LOADING) {
    const body = decode(request, messageEdit);
    const edited = editMessage(world, { message: placeholder, channel, body, files, isFromInteraction: true });
    settle(world, interaction, placeholder);
    return edited;
  }
  const body = decode(request, messageCreate);
  const isEphemeral = ((body.flags ?? 0) & FLAG.EPHEMERAL) !== 0;
  return postMessage(world, {
    channel,
    author: world.bot,
    body,
    files,
    isFromInteraction: true,
    ...(isEphemeral && { visibleTo: interaction.user.id }),
    extra: { webhook_id: world.bot.id, application_id: world.bot.id },
  });
}

export function interactionRoutes(api: FastifyInstance, world: World): void {
  api.post<Callback>('/interactions/:interaction/:token/callback', async (request, reply) => {
    const body = decode(request, callbackBody);
    const interaction = world.interactions.get(request.params.interaction);
    if (!interaction) throw discordError('unknownInteraction');
    if (interaction.token !== request.params.token) throw discordError('invalidWebhookToken');
    const message = acknowledge(world, interaction, { request, body });
    if (request.query.with_response !== 'true') return reply.code(204).send();
    return {
      interaction: {
        id: interaction.id,
        type: interaction.type,
        response_message_loading: body.type === 5,
        response_message_ephemeral: message?.visible_to !== undefined,
        ...(message && { response_message_id: message.id }),
      },
      resource: { type: body.type, ...(message && { message: messageView(world, message) }) },
    };
  });

  const messagePath = '/webhooks/:application/:token/messages/:message';
  api.post<Webhook>('/webhooks/:application/:token', async (request) => messageView(world, followUp(world, request)));
  api.get<Webhook>(messagePath, async ({ params }) => messageView(world, messageBy(world, params).message));
  api.patch<Webhook>(messagePath, async (request) => messageView(world, edit(world, request)));
  api.delete<Webhook>(messagePath, async ({ params }, reply) => {
    deleteMessage(world, messageBy(world, params).message);
    return reply.code(204).send();
  });
}
