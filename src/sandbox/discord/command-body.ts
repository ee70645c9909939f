import { z } from 'zod';

const name = z
  .string()
  .regex(
    /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u,
    'Application command names must match the documented pattern.',
  )
  .refine((text) => text === text.toLowerCase(), 'Command name must be lower case.');
const description = z.string().min(1).max(100, 'Must be between 1 and 100 in length.');
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

export const commandOption = z
  .object({
    type: z.int().min(1).max(11),
    name,
    name_localizations: localizations,
    description,
    description_localizations: localizations,
    required: z.boolean().optional(),
    autocomplete: z.boolean().optional(),
    choices: z
      .array(
        z.object({
          name: z.string().min(1).max(100),
          name_localizations: localizations,
          value: z.union([z.string().max(100), z.number()]),
        }),
      )
      .max(25)
      .optional(),
    min_value: z.number().optional(),
    max_value: z.number().optional(),
    min_length: z.int().min(0).max(6000).optional(),
    max_length: z.int().min(1).max(6000).optional(),
    channel_types: z.array(z.int()).optional(),
    get options() {
      return z.array(commandOption).max(25).optional();
    },
  })
  .superRefine((option, context) => requiredFirst(option.options, context));

type Ordered = { readonly required?: boolean | undefined };

function requiredFirst(options: readonly Ordered[] | undefined, context: z.RefinementCtx) {
  const late = options?.findIndex((one, at) => one.required && options.slice(0, at).some((other) => !other.required));
  if (late === undefined || late < 0) return;
  context.addIssue({
    code: 'custom',
    path: ['options', late],
    message: 'Required options must be placed before non-required options',
  });
}

export const commandBody = z
  .object({
    type: z.int().min(1).max(4).default(1),
    name,
    name_localizations: localizations,
    description: description.or(z.literal('')).default(''),
    description_localizations: localizations,
    options: z.array(commandOption).max(25).optional(),
    default_member_permissions: z.string().regex(/^\d+$/).nullable().optional(),
    dm_permission: z.boolean().nullable().optional(),
    contexts: z.array(z.int()).nullable().optional(),
    integration_types: z.array(z.int()).optional(),
    nsfw: z.boolean().optional(),
  })
  .superRefine((command, context) => requiredFirst(command.options, context));

export const commandList = z.array(commandBody).max(130);
