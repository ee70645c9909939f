import { z } from 'zod';

/** What the sandbox reads of a command; whether it is right is the judge's business (`judge/`). */
const localizations = z.record(z.string(), z.string()).nullable().optional();

export const OPTION = {
  SUBCOMMAND: 1,
  GROUP: 2,
  STRING: 3,
  INTEGER: 4,
  BOOLEAN: 5,
  USER: 6,
  CHANNEL: 7,
  ROLE: 8,
  MENTIONABLE: 9,
  NUMBER: 10,
} as const;

export const commandOption = z.object({
  type: z.int(),
  name: z.string(),
  name_localizations: localizations,
  description: z.string(),
  description_localizations: localizations,
  required: z.boolean().optional(),
  autocomplete: z.boolean().optional(),
  choices: z
    .array(
      z.object({
        name: z.string(),
        name_localizations: localizations,
        value: z.union([z.string(), z.number()]),
      }),
    )
    .optional(),
  min_value: z.number().optional(),
  max_value: z.number().optional(),
  min_length: z.int().optional(),
  max_length: z.int().optional(),
  channel_types: z.array(z.int()).optional(),
  get options() {
    return z.array(commandOption).optional();
  },
});

export const commandBody = z.object({
  type: z.int().default(1),
  name: z.string(),
  name_localizations: localizations,
  description: z.string().default(''),
  description_localizations: localizations,
  options: z.array(commandOption).optional(),
  default_member_permissions: z.string().nullable().optional(),
  dm_permission: z.boolean().nullable().optional(),
  contexts: z.array(z.int()).nullable().optional(),
  integration_types: z.array(z.int()).optional(),
  nsfw: z.boolean().optional(),
});

export const commandList = z.array(commandBody);
