import { optionsOf } from './entities.js';
import { me, store } from './store.js';

/** @import { Command, CommandOption } from './types.d.ts' */

const CHAT_INPUT = 1;
const SUBCOMMAND = 1;
const GROUP = 2;
const INTEGER = 4;
const BOOLEAN = 5;
const NUMBERS = new Set([INTEGER, 10]);
/** Option types and the selects that offer the same things. @type {Record<number, number>} */
const PICKERS = { 6: 5, 7: 8, 8: 6, 9: 7 };

/** Of a text the form for the language of who looks. @param {string | undefined} text @param {Record<string, string> | null | undefined} locales */
export const localized = (text, locales) => locales?.[me()?.locale ?? ''] ?? text ?? '';

/** A command as it is typed: `config roles` is one. @returns {Command[]} */
export function typedCommands() {
  return (store.state.commands ?? [])
    .filter((one) => (one.type ?? CHAT_INPUT) === CHAT_INPUT)
    .flatMap((one) => flatten(one));
}

/** @param {Command} command @returns {Command[]} */
function flatten(command) {
  const options = command.options ?? [];
  const below = options.filter((one) => one.type === SUBCOMMAND || one.type === GROUP);
  const description = localized(command.description, command.description_localizations);
  if (below.length === 0) return [{ ...command, description, options: options.map(localizedOption) }];
  return below.flatMap((one) => flatten({ ...one, type: CHAT_INPUT, name: `${command.name} ${one.name}` }));
}

/** @param {CommandOption} option @returns {CommandOption} */
const localizedOption = (option) => ({
  ...option,
  description: localized(option.description, option.description_localizations),
});

/** What can be picked for an option, where the list is known beforehand. @param {CommandOption} option */
export function knownChoices(option) {
  if (option.choices?.length) {
    return option.choices.map((one) => ({ name: localized(one.name, one.name_localizations), value: one.value }));
  }
  if (option.type === BOOLEAN) return [true, false].map((value) => ({ name: value ? 'True' : 'False', value }));
  const select = PICKERS[option.type];
  return select ? optionsOf({ type: select }).map((one) => ({ name: one.label, value: one.value })) : undefined;
}

/** What was typed, as the value that Discord would send. @param {CommandOption} option @param {string} text */
export function typedValue(option, text) {
  if (NUMBERS.has(option.type)) return Number.isNaN(Number(text)) ? undefined : Number(text);
  const known = knownChoices(option);
  if (!known) return text;
  return known.find((one) => one.name.toLowerCase() === text.trim().toLowerCase())?.value;
}

/** @type {Record<number, string>} */
const TYPE_NAMES = {
  3: 'Text',
  4: 'Whole number',
  5: 'True or False',
  6: 'Person',
  7: 'Channel',
  8: 'Role',
  9: 'Person or role',
  10: 'Number',
  11: 'File',
};

/** @param {CommandOption} option */
export const typeName = ({ type, choices }) => (choices?.length ? 'Choice' : (TYPE_NAMES[type] ?? 'Value'));

/** What Discord says of a value before it sends it; nothing if it may go. @param {CommandOption} option @param {unknown} value */
export function problemWith(option, value) {
  if (value === undefined) return NUMBERS.has(option.type) ? 'Input a valid number.' : 'Choose one of the list.';
  if (option.type === INTEGER && !Number.isInteger(value)) return 'Input a valid whole number.';
  const { min_value: least, max_value: most, min_length: shortest } = option;
  if (typeof value === 'number' && least !== undefined && value < least) return `Must be ${least} or more.`;
  if (typeof value === 'number' && most !== undefined && value > most) return `Must be ${most} or less.`;
  const isShort = typeof value === 'string' && shortest !== undefined && value.length < shortest;
  return isShort ? `Must be at least ${shortest} characters long.` : '';
}
