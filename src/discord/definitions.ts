import { createHash } from 'node:crypto';
import {
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  ChannelType,
  InteractionContextType,
  type RESTPostAPIApplicationCommandsJSONBody,
} from 'discord-api-types/v10';
import type { Command, CommandGroup, OptionSpec } from './command.ts';
import { COMMANDS, MESSAGE_COMMANDS } from './commands/index.ts';
import { commands as german } from './words/de/commands.ts';

/** In the languages beside English, by the way to it. */
const localised = (path: string) => (path in german ? { de: german[path] ?? null } : null);
const described = (path: string, description: string) => ({ description, description_localizations: localised(path) });

const choiceOf = (path: string, choice: string) => ({
  name: choice,
  name_localizations: localised(`${path}=${choice}`),
  value: choice,
});

function optionOf(path: string, spec: OptionSpec): APIApplicationCommandBasicOption {
  const name = path.slice(path.lastIndexOf(' ') + 1);
  const common = { name, ...described(path, spec.description), required: spec.required ?? false };
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
  if (spec.choices) return { ...text, choices: spec.choices.map((choice) => choiceOf(path, choice)) };
  return spec.suggest ? { ...text, autocomplete: true } : text;
}

const optionsOf = (path: string, { options }: Command) =>
  Object.entries(options).map(([name, spec]) => optionOf(`${path} ${name}`, spec));

function allOptions(command: Command | CommandGroup): APIApplicationCommandOption[] {
  if (!('subcommands' in command)) return optionsOf(command.name, command);
  return command.subcommands.map((sub) => ({
    type: ApplicationCommandOptionType.Subcommand,
    name: sub.name,
    ...described(`${command.name} ${sub.name}`, sub.description),
    options: optionsOf(`${command.name} ${sub.name}`, sub),
  }));
}

const INSTALLED = {
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
};

/** The whole list as Discord takes it by PUT: global commands, for servers only, installed to servers only. */
export function commandDefinitions(): RESTPostAPIApplicationCommandsJSONBody[] {
  const typed = COMMANDS.map((command) => ({
    type: ApplicationCommandType.ChatInput as const,
    name: command.name,
    ...described(command.name, command.description),
    options: allOptions(command),
    ...INSTALLED,
  }));
  const ofMessages = MESSAGE_COMMANDS.map(({ name }) => ({
    type: ApplicationCommandType.Message as const,
    name,
    name_localizations: localised(name),
    ...INSTALLED,
  }));
  return [...typed, ...ofMessages];
}

/** Changes when, and only when, the commands must be registered anew. */
export function definitionHash(): string {
  return createHash('sha256').update(JSON.stringify(commandDefinitions())).digest('hex');
}
