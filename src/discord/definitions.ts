import { createHash } from 'node:crypto';
import {
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  ChannelType,
  InteractionContextType,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord-api-types/v10';
import type { Command, CommandGroup, OptionSpec } from './command.ts';
import { COMMANDS } from './commands/index.ts';

function optionOf([name, spec]: [string, OptionSpec]): APIApplicationCommandBasicOption {
  const common = { name, description: spec.description, required: spec.required ?? false };
  if (spec.kind === 'boolean') return { type: ApplicationCommandOptionType.Boolean, ...common };
  if (spec.kind === 'role') return { type: ApplicationCommandOptionType.Role, ...common };
  if (spec.kind === 'user') return { type: ApplicationCommandOptionType.User, ...common };
  if (spec.kind === 'integer') {
    return { type: ApplicationCommandOptionType.Integer, min_value: spec.min, max_value: spec.max, ...common };
  }
  if (spec.kind === 'channel') {
    const kinds = [ChannelType.GuildText, ChannelType.GuildAnnouncement] as const;
    return { type: ApplicationCommandOptionType.Channel, channel_types: [...kinds], ...common };
  }
  const text = {
    type: ApplicationCommandOptionType.String as const,
    ...common,
    ...(spec.maxLength !== undefined && { max_length: spec.maxLength }),
  };
  // Discord refuses an option that has both fixed choices and autocompletion.
  if (spec.choices) return { ...text, choices: spec.choices.map((choice) => ({ name: choice, value: choice })) };
  return spec.suggest ? { ...text, autocomplete: true } : text;
}

const optionsOf = ({ options }: Command) => Object.entries(options).map(optionOf);

function allOptions(command: Command | CommandGroup): APIApplicationCommandOption[] {
  if (!('subcommands' in command)) return optionsOf(command);
  return command.subcommands.map((sub) => ({
    type: ApplicationCommandOptionType.Subcommand,
    name: sub.name,
    description: sub.description,
    options: optionsOf(sub),
  }));
}

/** The whole list as Discord takes it by PUT: global commands, for servers only, installed to servers only. */
export function commandDefinitions(): RESTPostAPIChatInputApplicationCommandsJSONBody[] {
  return COMMANDS.map((command) => ({
    type: ApplicationCommandType.ChatInput,
    name: command.name,
    description: command.description,
    options: allOptions(command),
    contexts: [InteractionContextType.Guild],
    integration_types: [ApplicationIntegrationType.GuildInstall],
  }));
}

/** Changes when, and only when, the commands must be registered anew. */
export function definitionHash(): string {
  return createHash('sha256').update(JSON.stringify(commandDefinitions())).digest('hex');
}
