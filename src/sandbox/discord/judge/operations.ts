import * as spec from 'discord-api-spec/zod';
import * as z from 'zod/mini';

/** What a body is about, besides its shape: which rules hold for it. */
export type Kind = 'message' | 'webhook message' | 'callback' | 'commands' | 'guild commands' | 'other';

export type Operation = {
  readonly kind: Kind;
  /** In Discord's document a body may be any of these. */
  readonly schemas: readonly z.ZodMiniType[];
};

const of = (kind: Kind, ...schemas: z.ZodMiniType[]): Operation => ({ kind, schemas });

const commands = z.array(spec.ApplicationCommandUpdateRequestSchema);

/**
 * Every operation of the sandbox that takes a body, as Discord's OpenAPI document names it. The npm package names the
 * schemas, not the operations; a test compares this table with its types, which do.
 */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'POST /channels/{channel_id}/messages': of('message', spec.MessageCreateRequestSchema),
  'PATCH /channels/{channel_id}/messages/{message_id}': of('message', spec.MessageEditRequestPartialSchema),
  'POST /channels/{channel_id}/messages/{message_id}/threads': of(
    'other',
    spec.CreateTextThreadWithMessageRequestSchema,
  ),
  'POST /channels/{channel_id}/threads': of(
    'other',
    spec.CreateForumThreadRequestSchema,
    spec.CreateTextThreadWithoutMessageRequestSchema,
  ),
  'PATCH /channels/{channel_id}': of(
    'other',
    spec.UpdateDMRequestPartialSchema,
    spec.UpdateGroupDMRequestPartialSchema,
    spec.UpdateGuildChannelRequestPartialSchema,
    spec.UpdateThreadRequestPartialSchema,
  ),
  'POST /users/@me/channels': of('other', spec.CreatePrivateChannelRequestSchema),
  'PUT /applications/{application_id}/commands': of('commands', commands),
  'PUT /applications/{application_id}/guilds/{guild_id}/commands': of('guild commands', commands),
  'POST /interactions/{interaction_id}/{interaction_token}/callback': of(
    'callback',
    spec.ApplicationCommandAutocompleteCallbackRequestSchema,
    spec.CreateMessageInteractionCallbackRequestSchema,
    spec.LaunchActivityInteractionCallbackRequestSchema,
    spec.ModalInteractionCallbackRequestSchema,
    spec.PongInteractionCallbackRequestSchema,
    spec.SocialLayerSKUPurchaseEligibilityInteractionCallbackRequestSchema,
    spec.UpdateMessageInteractionCallbackRequestSchema,
  ),
  'POST /webhooks/{webhook_id}/{webhook_token}': of(
    'webhook message',
    spec.IncomingWebhookRequestPartialSchema,
    spec.IncomingWebhookUpdateRequestPartialSchema,
  ),
  'PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}': of(
    'webhook message',
    spec.IncomingWebhookUpdateRequestPartialSchema,
  ),
};

/** The same for `/channels/:channel` and `/channels/{channel_id}`. */
export const shapeOf = (method: string, route: string): string => `${method} ${route.replace(/:\w+|\{\w+\}/g, '{}')}`;

const byShape = new Map(
  Object.entries(OPERATIONS).map(([name, operation]) => {
    const [method = '', path = ''] = name.split(' ');
    return [shapeOf(method, path), operation];
  }),
);

export const operationOf = (method: string, route: string): Operation | undefined =>
  byShape.get(shapeOf(method, route));
