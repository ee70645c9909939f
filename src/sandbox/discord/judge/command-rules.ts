import { OPTION } from '#sandbox/discord/command-body.ts';
import type { CommandOption } from '#sandbox/discord/model.ts';
import { type CommandsPart, doubled, issue, type Path, type Rule, sizeOf, when } from './rule.ts';

type Command = CommandsPart['list'][number];
type Named = { readonly one: Command | CommandOption; readonly path: Path };

const MAX_TEXT = 8000;
const MAX_OF_TYPE: Readonly<Record<number, number>> = { 1: 100, 2: 15, 3: 15 };
const CHAT_INPUT = 1;
const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]+$/u;

const withOptions = (one: Command | CommandOption, path: Path): Named[] => [
  { one, path },
  ...(one.options ?? []).flatMap((option, at) => withOptions(option, [...path, 'options', at])),
];

/** The commands and every option in them, with the way there. */
const everyNamed = (list: readonly Command[]): Named[] => list.flatMap((one, at) => withOptions(one, [at]));

/** Commands in the menus of people and messages may be named as one likes. */
const namesAreLowerCase: Rule<CommandsPart> = ({ list }) =>
  list.flatMap((command, at) =>
    (command.type === CHAT_INPUT ? withOptions(command, [at]) : []).flatMap(({ one: { name }, path }) =>
      when(
        !NAME.test(name) || name !== name.toLowerCase(),
        issue([...path, 'name'], 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid'),
      ),
    ),
  );

const requiredComesFirst: Rule<CommandsPart> = ({ list }) =>
  everyNamed(list).flatMap(({ one: { options = [] }, path }) =>
    options.flatMap(({ required }, at) =>
      when(
        required === true && options.slice(0, at).some((before) => before.required !== true),
        issue(
          [...path, 'options', at],
          'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
          'Required options must be placed before non-required options',
        ),
      ),
    ),
  );

const commandNamesDiffer: Rule<CommandsPart> = ({ list }) =>
  doubled(list.map(({ type, name }) => `${type} ${name}`)).map((at) =>
    issue([at, 'name'], 'APPLICATION_COMMANDS_DUPLICATE_NAME', 'Application command names must be unique'),
  );

const optionNamesDiffer: Rule<CommandsPart> = ({ list }) =>
  everyNamed(list).flatMap(({ one: { options = [] }, path }) =>
    doubled(options.map(({ name }) => name)).map((at) =>
      issue(
        [...path, 'options', at, 'name'],
        'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS',
        'Option name already exists',
      ),
    ),
  );

const subcommandsStandAlone: Rule<CommandsPart> = ({ list }) =>
  everyNamed(list).flatMap(({ one: { options = [] }, path }) => {
    const nested = options.filter(({ type }) => type <= OPTION.GROUP).length;
    return when(
      nested > 0 && nested < options.length,
      issue(
        [...path, 'options'],
        'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
        'Subcommands cannot stand beside options of other types',
      ),
    );
  });

const chosenOrCompleted: Rule<CommandsPart> = ({ list }) =>
  everyNamed(list).flatMap(({ one, path }) =>
    when(
      'choices' in one && (one.choices?.length ?? 0) > 0 && one.autocomplete === true,
      issue(
        [...path, 'autocomplete'],
        'APPLICATION_COMMAND_AUTOCOMPLETE_INVALID',
        'An option with choices completes nothing',
      ),
    ),
  );

const limitsFitTogether: Rule<CommandsPart> = ({ list }) =>
  everyNamed(list).flatMap(({ one, path }) =>
    when(
      'name' in one && 'min_length' in one && (one.min_length ?? 0) > (one.max_length ?? Number.POSITIVE_INFINITY),
      issue(
        [...path, 'min_length'],
        'APPLICATION_COMMAND_OPTION_LIMITS',
        'min_length must not be more than max_length',
      ),
    ).concat(
      when(
        'min_value' in one && (one.min_value ?? Number.NEGATIVE_INFINITY) > (one.max_value ?? Number.POSITIVE_INFINITY),
        issue([...path, 'min_value'], 'APPLICATION_COMMAND_OPTION_LIMITS', 'min_value must not be more than max_value'),
      ),
    ),
  );

const onlySlashCommandsAreDescribed: Rule<CommandsPart> = ({ list }) =>
  list.flatMap(({ type, description }, at) =>
    when(
      (type === CHAT_INPUT) === (description === ''),
      issue(
        [at, 'description'],
        'APPLICATION_COMMAND_DESCRIPTION_INVALID',
        'Slash commands need a description, others have none',
      ),
    ),
  );

/** Of a text in several languages the longest counts. */
const longest = (text: string, locales: Readonly<Record<string, string>> | null | undefined): number =>
  Math.max(...[text, ...Object.values(locales ?? {})].map(sizeOf));

const textOf = ({ one }: Named): number => {
  const choices = 'choices' in one ? (one.choices ?? []) : [];
  const chosen = choices.reduce(
    (sum, { name, name_localizations: names, value }) => sum + longest(name, names) + sizeOf(String(value)),
    0,
  );
  return longest(one.name, one.name_localizations) + longest(one.description, one.description_localizations) + chosen;
};

const upTo8000Characters: Rule<CommandsPart> = ({ list }) =>
  list.flatMap((command, at) => {
    const length = withOptions(command, [at]).reduce((sum, named) => sum + textOf(named), 0);
    return when(
      length > MAX_TEXT,
      issue([at], 'APPLICATION_COMMAND_TOO_LARGE', `Command exceeds maximum size (${MAX_TEXT})`),
    );
  });

const upTo100Commands: Rule<CommandsPart> = ({ list }) =>
  Object.entries(MAX_OF_TYPE).flatMap(([type, max]) =>
    when(
      list.filter((one) => one.type === Number(type)).length > max,
      issue([], 'APPLICATION_COMMANDS_MAX', `Maximum number of application commands reached (${max})`),
    ),
  );

const contextsAreForGlobalCommands: Rule<CommandsPart> = ({ list, isInGuild }) =>
  list.flatMap((command, at) =>
    (['contexts', 'integration_types'] as const).flatMap((key) =>
      when(
        isInGuild && command[key] != null,
        issue([at, key], 'APPLICATION_COMMAND_CONTEXTS_NOT_ALLOWED', 'Only global commands say where they can be used'),
      ),
    ),
  );

export const COMMAND_RULES = [
  namesAreLowerCase,
  requiredComesFirst,
  commandNamesDiffer,
  optionNamesDiffer,
  subcommandsStandAlone,
  chosenOrCompleted,
  limitsFitTogether,
  onlySlashCommandsAreDescribed,
  upTo8000Characters,
  upTo100Commands,
  contextsAreForGlobalCommands,
];
