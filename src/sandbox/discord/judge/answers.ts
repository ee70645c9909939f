import * as spec from 'discord-api-spec/zod';
import * as z from 'zod/mini';
import type { FormIssue } from '#sandbox/discord/errors.ts';
import { shapeOf } from './operations.ts';
import { issue } from './rule.ts';
import { schemaIssues } from './spec.ts';

/** What the sandbox answered. */
type Answer = { readonly method: string; readonly route: string; readonly status: number; readonly payload: unknown };

const anyChannel = z.union([
  spec.GuildChannelResponseSchema,
  spec.PrivateChannelResponseSchema,
  spec.PrivateGroupChannelResponseSchema,
  spec.ThreadResponseSchema,
]);
const commands = z.array(spec.ApplicationCommandResponseSchema);
const message = spec.MessageResponseSchema;

/** What Discord's OpenAPI document says of the answers, by operation. */
export const ANSWERS: Readonly<Record<string, z.ZodMiniType>> = {
  'GET /gateway/bot': spec.GatewayBotResponseSchema,
  'GET /users/@me': spec.UserPIIResponseSchema,
  'GET /users/{user_id}': spec.UserResponseSchema,
  'POST /users/@me/channels': z.union([spec.PrivateChannelResponseSchema, spec.PrivateGroupChannelResponseSchema]),
  'GET /applications/@me': spec.PrivateApplicationResponseSchema,
  'GET /oauth2/applications/@me': spec.PrivateApplicationResponseSchema,
  'GET /applications/{application_id}/commands': commands,
  'PUT /applications/{application_id}/commands': commands,
  'GET /applications/{application_id}/guilds/{guild_id}/commands': commands,
  'PUT /applications/{application_id}/guilds/{guild_id}/commands': commands,
  'GET /channels/{channel_id}': anyChannel,
  'PATCH /channels/{channel_id}': anyChannel,
  'GET /channels/{channel_id}/messages': z.array(message),
  'POST /channels/{channel_id}/messages': message,
  'GET /channels/{channel_id}/messages/{message_id}': message,
  'PATCH /channels/{channel_id}/messages/{message_id}': message,
  'POST /channels/{channel_id}/messages/{message_id}/threads': spec.ThreadResponseSchema,
  'POST /channels/{channel_id}/threads': spec.CreatedThreadResponseSchema,
  'GET /guilds/{guild_id}': spec.GuildWithCountsResponseSchema,
  'GET /guilds/{guild_id}/roles': z.array(spec.GuildRoleResponseSchema),
  'GET /guilds/{guild_id}/channels': z.array(anyChannel),
  'GET /guilds/{guild_id}/members/{user_id}': spec.GuildMemberResponseSchema,
  'POST /interactions/{interaction_id}/{interaction_token}/callback': spec.InteractionCallbackResponseSchema,
  'POST /webhooks/{webhook_id}/{webhook_token}': message,
  'GET /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}': message,
  'PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}': message,
};

const byShape = new Map(
  Object.entries(ANSWERS).map(([name, schema]) => {
    const [method = '', path = ''] = name.split(' ');
    return [shapeOf(method, path), schema];
  }),
);

const NO_CONTENT = 204;
const FIRST_ERROR = 400;
const RATE_LIMITED = 429;

function schemaOf({ method, route, status }: Answer): z.ZodMiniType | undefined {
  if (status === RATE_LIMITED) return spec.RatelimitedResponseSchema;
  return status >= FIRST_ERROR ? spec.ErrorResponseSchema : byShape.get(shapeOf(method, route));
}

/**
 * Where the document and Discord's reference differ: inside `errors` the codes are names, not numbers, and a 429 need
 * not have a code.
 */
function mended(status: number, payload: unknown): unknown {
  if (status < FIRST_ERROR || typeof payload !== 'object' || payload === null) return payload;
  const numbered = withNumbers(payload);
  return status === RATE_LIMITED ? Object.assign({ code: 0 }, numbered) : numbered;
}

function withNumbers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => (isLeaf(one) ? { ...one, code: 0 } : one));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withNumbers(one)]));
}

const isLeaf = (value: unknown): value is { readonly code: string } =>
  typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string';

/** The sandbox is judged as its guests are: what is wrong with an answer of its own. */
export function answerIssues(answer: Answer): readonly FormIssue[] {
  const { method, route, status, payload } = answer;
  if (status === NO_CONTENT) {
    return payload === undefined ? [] : [issue([], 'SANDBOX_ANSWER', 'An answer of 204 has no body.')];
  }
  const schema = schemaOf(answer);
  return schema
    ? schemaIssues(schema, mended(status, payload))
    : [issue([], 'SANDBOX_ANSWER', `The document knows no answer of ${method} ${route}.`)];
}
