import { Refusal } from '#kernel/errors.ts';
import { OPTION } from './command-body.ts';
import { type EntityKind, merged, type Place, type Resolved, resolveEntity } from './entities.ts';
import type { Command, CommandOption } from './model.ts';

export type Given = Readonly<Record<string, unknown>>;

type SentOption = {
  readonly name: string;
  readonly type: number;
  readonly value?: string | number | boolean;
  readonly focused?: true;
  readonly options?: readonly SentOption[];
};

export type Typed = {
  readonly command: Command;
  readonly options: readonly SentOption[];
  readonly resolved: Resolved;
};

const refuse = (sentence: string) => new Refusal('bad_option', sentence);

/** `config roles` is the command `config` with its subcommand `roles`. */
function descend(command: Command, words: readonly string[]): CommandOption[] {
  const path: CommandOption[] = [];
  let options = command.options ?? [];
  for (const word of words) {
    const next = options.find(({ type, name }) => type <= OPTION.GROUP && name === word);
    if (!next) throw new Refusal('unknown_command', `/${command.name} has no subcommand "${word}".`);
    path.push(next);
    options = next.options ?? [];
  }
  const missing = options.filter(({ type }) => type <= OPTION.GROUP).map(({ name }) => name);
  if (missing.length > 0) {
    throw new Refusal('unknown_command', `/${command.name} needs a subcommand: ${missing.join(', ')}.`);
  }
  return path;
}

const CHAT_INPUT = 1;
const OF_MESSAGES = 3;

function findCommand(place: Place, name: string, type = CHAT_INPUT): Command {
  const all = [...place.world.commands.values()].filter((one) => one.type === type && one.name === name);
  const found = all.find((one) => one.guild_id === place.guild?.id) ?? all.find((one) => one.guild_id === undefined);
  if (!found)
    throw new Refusal(
      'unknown_command',
      `The bot has not registered a command ${type === CHAT_INPUT ? '/' : ''}${name}.`,
    );
  return found;
}

/** The one in the menu of a message. */
export const menuCommand = (place: Place, name: string) => findCommand(place, name, OF_MESSAGES);

/** The command, the way to its subcommand, and the options that can be filled in there. */
function named(place: Place, name: string) {
  const [first = '', ...rest] = name.trim().replace(/^\//, '').split(/\s+/);
  const command = findCommand(place, first);
  const path = descend(command, rest);
  const leaf = path.at(-1) ?? command;
  return { command, path, known: leaf.options ?? [] };
}

const ENTITY_OF: Readonly<Record<number, EntityKind>> = {
  [OPTION.USER]: 'user',
  [OPTION.CHANNEL]: 'channel',
  [OPTION.ROLE]: 'role',
  [OPTION.MENTIONABLE]: 'mentionable',
};

function numberFrom(option: CommandOption, given: unknown): number {
  const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof value !== 'number' || Number.isNaN(value)) throw refuse(`The option "${option.name}" wants a number.`);
  if (option.type === OPTION.INTEGER && !Number.isInteger(value)) {
    throw refuse(`The option "${option.name}" wants a whole number.`);
  }
  const { min_value: min = -Infinity, max_value: max = Infinity } = option;
  if (value < min || value > max) throw refuse(`The option "${option.name}" wants a number from ${min} to ${max}.`);
  return value;
}

function textFrom(option: CommandOption, given: unknown): string {
  if (typeof given !== 'string') throw refuse(`The option "${option.name}" wants text.`);
  const { min_length: min = 0, max_length: max = 6000 } = option;
  if (given.length < min || given.length > max) {
    throw refuse(`The option "${option.name}" wants ${min} to ${max} characters, not ${given.length}.`);
  }
  return given;
}

function booleanFrom(option: CommandOption, given: unknown): boolean {
  if (given === true || given === 'true') return true;
  if (given === false || given === 'false') return false;
  throw refuse(`The option "${option.name}" wants true or false.`);
}

/** A choice is taken by its name or its value. */
function chosen(option: CommandOption, value: string | number | boolean): string | number | boolean {
  if (!option.choices?.length) return value;
  const found = option.choices.find((one) => one.value === value || one.name === value);
  if (found) return found.value;
  throw refuse(`The option "${option.name}" wants one of ${option.choices.map(({ name }) => name).join(', ')}.`);
}

type Filled = { readonly sent: SentOption; readonly resolved: Resolved };

function filled(place: Place, option: CommandOption, given: unknown): Filled {
  const { name, type } = option;
  const entity = ENTITY_OF[type];
  if (entity) {
    const { id, resolved } = resolveEntity(place, entity, String(given));
    return { sent: { name, type, value: id }, resolved };
  }
  if (type === OPTION.BOOLEAN) return { sent: { name, type, value: booleanFrom(option, given) }, resolved: {} };
  const isNumber = type === OPTION.INTEGER || type === OPTION.NUMBER;
  const named = option.choices?.find((one) => one.name === given)?.value ?? given;
  const value = isNumber ? numberFrom(option, named) : textFrom(option, named);
  return { sent: { name, type, value: chosen(option, value) }, resolved: {} };
}

const isAbsent = (given: Given, name: string): boolean => given[name] === undefined || given[name] === null;

function nested(path: readonly CommandOption[], leaf: readonly SentOption[]): readonly SentOption[] {
  return path.reduceRight((options, { name, type }) => [{ name, type, options }], leaf);
}

/** What the client sends for a command that was typed out, after the checks that the client makes itself. */
export function typeCommand(place: Place, name: string, given: Given): Typed {
  const { command, path, known } = named(place, name);
  const stranger = Object.keys(given).find((key) => !known.some((option) => option.name === key));
  if (stranger !== undefined) throw refuse(`/${name} has no option "${stranger}".`);
  const missing = known.find((option) => option.required && isAbsent(given, option.name));
  if (missing) throw refuse(`/${name} wants the option "${missing.name}".`);
  const all = known
    .filter((option) => !isAbsent(given, option.name))
    .map((option) => filled(place, option, given[option.name]));
  return {
    command,
    options: nested(
      path,
      all.map(({ sent }) => sent),
    ),
    resolved: merged(all.map(({ resolved }) => resolved)),
  };
}

/** While a person still types: nothing is checked, and one option has the focus. */
export function typeHalf(place: Place, name: string, half: { readonly given: Given; readonly focused: string }): Typed {
  const { command, path, known } = named(place, name);
  const focused = known.find((option) => option.name === half.focused);
  if (!focused?.autocomplete) throw refuse(`The option "${half.focused}" of /${name} has no autocomplete.`);
  const leaf = known
    .filter((option) => option === focused || !isAbsent(half.given, option.name))
    .map((option): SentOption => {
      const value = String(half.given[option.name] ?? '');
      return { name: option.name, type: option.type, value, ...(option === focused && { focused: true }) };
    });
  return { command, options: nested(path, leaf), resolved: {} };
}
