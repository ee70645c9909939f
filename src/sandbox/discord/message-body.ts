import { z } from 'zod';

const long = (max: number) => z.string().max(max, `Must be ${max} or fewer in length.`);
const snowflake = z.string().regex(/^\d{15,20}$/, 'Value is not snowflake.');

const selectOption = z.looseObject({ label: long(100), value: long(100), description: long(100).optional() });

/** Every component that messages and modals may hold; what a type demands is judged in `components.ts`. */
export const componentBody = z.looseObject({
  type: z.int(),
  id: z.int().optional(),
  custom_id: z.string().min(1, 'A custom id is required').max(100, 'Must be 100 or fewer in length.').optional(),
  style: z.int().optional(),
  url: long(512).optional(),
  label: long(80).optional(),
  emoji: z.unknown().optional(),
  description: long(100).optional(),
  disabled: z.boolean().optional(),
  placeholder: long(150).optional(),
  content: long(4000).optional(),
  value: z.unknown().optional(),
  required: z.boolean().optional(),
  min_values: z.int().optional(),
  max_values: z.int().optional(),
  min_length: z.int().optional(),
  max_length: z.int().optional(),
  options: z.array(selectOption).max(25, 'Must be 25 or fewer in length.').optional(),
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

const embedField = z.object({
  name: long(256).min(1),
  value: long(1024).min(1),
  inline: z.boolean().optional(),
});

const media = z.object({ url: z.string() }).loose();

export const embedBody = z.object({
  title: long(256).optional(),
  type: z.string().optional(),
  description: long(4096).optional(),
  url: z.string().optional(),
  timestamp: z.string().nullable().optional(),
  color: z.int().min(0).max(0xffffff).nullable().optional(),
  footer: z.object({ text: long(2048), icon_url: z.string().optional() }).optional(),
  image: media.optional(),
  thumbnail: media.optional(),
  author: z.object({ name: long(256), url: z.string().optional(), icon_url: z.string().optional() }).optional(),
  fields: z.array(embedField).max(25, 'Must be 25 or fewer in length.').optional(),
});

const allowedMentions = z.object({
  parse: z.array(z.enum(['users', 'roles', 'everyone'])).optional(),
  users: z.array(snowflake).max(100).optional(),
  roles: z.array(snowflake).max(100).optional(),
  replied_user: z.boolean().optional(),
});

const attachment = z.object({
  id: z.union([z.string(), z.int()]),
  filename: z.string().optional(),
  description: long(1024).optional(),
});

/** What create, edit, callback and follow-up have in common. */
const shared = {
  content: long(2000).nullable().optional(),
  embeds: z.array(embedBody).max(10, 'Must be 10 or fewer in length.').nullable().optional(),
  components: z.array(componentBody).nullable().optional(),
  allowed_mentions: allowedMentions.nullable().optional(),
  attachments: z.array(attachment).nullable().optional(),
  flags: z.int().nullable().optional(),
};

export const messageEdit = z.object(shared);

export const messageCreate = z.object({
  ...shared,
  tts: z.boolean().optional(),
  nonce: z.union([long(25), z.int()]).optional(),
  enforce_nonce: z.boolean().optional(),
  message_reference: z
    .object({
      type: z.int().optional(),
      message_id: snowflake,
      channel_id: snowflake.optional(),
      guild_id: snowflake.optional(),
      fail_if_not_exists: z.boolean().optional(),
    })
    .optional(),
});

export type MessageEdit = z.infer<typeof messageEdit>;
export type MessageCreate = z.infer<typeof messageCreate>;
export type AllowedMentions = z.infer<typeof allowedMentions>;

/** `data` is decoded once the type is known, since each type means another body. */
export const callbackBody = z.object({ type: z.int(), data: z.unknown().optional() });

export const choicesBody = z.object({
  choices: z
    .array(
      z.object({
        name: long(100).min(1),
        name_localizations: z.unknown().optional(),
        value: z.union([long(100), z.number()]),
      }),
    )
    .max(25, 'Must be 25 or fewer in length.'),
});

export const modalBody = z.object({
  custom_id: long(100).min(1),
  title: long(45).min(1),
  components: z.array(componentBody).min(1).max(5, 'Must be between 1 and 5 in length.'),
});

const archiveAfter = z.union([z.literal(60), z.literal(1440), z.literal(4320), z.literal(10080)]);

export const threadBody = z.object({
  name: long(100).min(1),
  auto_archive_duration: archiveAfter.optional(),
  rate_limit_per_user: z.int().nullable().optional(),
  type: z.int().optional(),
  invitable: z.boolean().optional(),
});

export const channelEdit = z.object({
  name: long(100).min(1).optional(),
  topic: long(1024).nullable().optional(),
  archived: z.boolean().optional(),
  locked: z.boolean().optional(),
  auto_archive_duration: archiveAfter.optional(),
});

export const dmBody = z.object({ recipient_id: snowflake });
