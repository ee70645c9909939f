import { z } from 'zod';

/**
 * What the sandbox reads of a body. Whether a body is right is the judge's business (`judge/`), which has seen it by
 * then: no limit and no rule stands here.
 */
const snowflake = z.string();

/** `null` and absence mean the same inside a body. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutNulls(one)]));
}

const selectOption = z.looseObject({
  label: z.string(),
  value: z.string(),
  description: z.string().optional(),
  default: z.boolean().optional(),
});

const media = z.looseObject({ url: z.string() });

/** Every component that messages and modals may hold. */
export const componentBody = z.looseObject({
  type: z.int(),
  id: z.int().optional(),
  custom_id: z.string().optional(),
  style: z.int().optional(),
  url: z.string().optional(),
  sku_id: z.string().optional(),
  label: z.string().optional(),
  emoji: z.unknown().optional(),
  description: z.string().optional(),
  disabled: z.boolean().optional(),
  placeholder: z.string().optional(),
  content: z.string().optional(),
  value: z.unknown().optional(),
  required: z.boolean().optional(),
  min_values: z.int().optional(),
  max_values: z.int().optional(),
  min_length: z.int().optional(),
  max_length: z.int().optional(),
  options: z.array(selectOption).optional(),
  default_values: z.array(z.unknown()).optional(),
  media: media.optional(),
  file: media.optional(),
  items: z.array(z.looseObject({ media })).optional(),
  get components() {
    return z.array(componentBody).optional();
  },
  get component() {
    return componentBody.optional();
  },
  get accessory() {
    return componentBody.optional();
  },
});

const componentList = z.preprocess(withoutNulls, z.array(componentBody));

export const embedBody = z.object({
  title: z.string().optional(),
  type: z.string().optional(),
  description: z.string().optional(),
  url: z.string().optional(),
  timestamp: z.string().optional(),
  color: z.int().optional(),
  footer: z.object({ text: z.string(), icon_url: z.string().optional() }).optional(),
  image: media.optional(),
  thumbnail: media.optional(),
  author: z.object({ name: z.string(), url: z.string().optional(), icon_url: z.string().optional() }).optional(),
  fields: z.array(z.object({ name: z.string(), value: z.string(), inline: z.boolean().optional() })).optional(),
});

const allowedMentions = z.object({
  parse: z.array(z.enum(['users', 'roles', 'everyone'])).optional(),
  users: z.array(snowflake).optional(),
  roles: z.array(snowflake).optional(),
  replied_user: z.boolean().optional(),
});

const attachment = z.object({
  id: z.union([z.string(), z.int()]),
  filename: z.string().optional(),
  description: z.string().optional(),
});

const orNull = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === null ? null : withoutNulls(value)), schema.nullable()).optional();

/** What create, edit, callback and follow-up have in common. */
const shared = {
  content: z.string().nullable().optional(),
  embeds: orNull(z.array(embedBody)),
  components: orNull(z.array(componentBody)),
  allowed_mentions: orNull(allowedMentions),
  attachments: orNull(z.array(attachment)),
  flags: z.int().nullable().optional(),
};

export const messageEdit = z.object(shared);

export const messageCreate = z.object({
  ...shared,
  tts: z.boolean().nullable().optional(),
  nonce: z.union([z.string(), z.int()]).nullable().optional(),
  enforce_nonce: z.boolean().nullable().optional(),
  message_reference: orNull(
    z.object({
      type: z.int().optional(),
      message_id: snowflake,
      channel_id: snowflake.optional(),
      guild_id: snowflake.optional(),
      fail_if_not_exists: z.boolean().optional(),
    }),
  ),
});

export type MessageEdit = z.infer<typeof messageEdit>;
export type MessageCreate = z.infer<typeof messageCreate>;
export type AllowedMentions = z.infer<typeof allowedMentions>;

/** `data` is decoded once the type is known, since each type means another body. */
export const callbackBody = z.object({ type: z.int(), data: z.unknown().optional() });

export const choicesBody = z.object({
  choices: z.array(
    z.object({
      name: z.string(),
      name_localizations: z.unknown().optional(),
      value: z.union([z.string(), z.number()]),
    }),
  ),
});

export const modalBody = z.object({ custom_id: z.string(), title: z.string(), components: componentList });

export const threadBody = z.object({
  name: z.string(),
  auto_archive_duration: z.int().nullable().optional(),
  rate_limit_per_user: z.int().nullable().optional(),
  type: z.int().nullable().optional(),
  invitable: z.boolean().nullable().optional(),
});

export const channelEdit = z.object({
  name: z.string().optional(),
  topic: z.string().nullable().optional(),
  archived: z.boolean().optional(),
  locked: z.boolean().optional(),
  auto_archive_duration: z.int().optional(),
});

export const dmBody = z.object({ recipient_id: snowflake });
