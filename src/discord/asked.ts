import {
  type APIApplicationCommandInteractionDataOption,
  type APIInteraction,
  type APIMessageComponentInteraction,
  type APIModalSubmitInteraction,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  InteractionType,
} from 'discord-api-types/v10';
import { Refusal } from '#kernel/errors.ts';
import { BUTTONS } from './buttons/index.ts';
import type { Button } from './buttons/press.ts';
import type { Command, CommandGroup, Context } from './command.ts';
import { COMMANDS, MESSAGE_COMMANDS } from './commands/index.ts';
import { type CustomIdTarget, type CustomIdVerb, readCustomId } from './custom-id.ts';
import { type Filled, filledIn } from './form.ts';
import { areNamed, isOnItsMessage, notHere, valuesHere } from './here.ts';
import { ANSWER, type Reply } from './reply.ts';
import { readSaidMessage, type SaidMessage } from './said-message.ts';
import { words } from './words/words.ts';

/** What an interaction asks for: how it is called in audit and log, and the function that does it. */
export type Asked = {
  readonly command: string;
  readonly operation: string;
  /** What was written in a dialog: it comes back to its writer where it was not taken. */
  readonly words?: string;
  readonly run: (context: Context) => Promise<Reply>;
};

type RawOption = APIApplicationCommandInteractionDataOption<
  InteractionType.ApplicationCommand | InteractionType.ApplicationCommandAutocomplete
>;
type Values = Readonly<Record<string, unknown>>;
type Found = { readonly name: string; readonly command: Command; readonly options: readonly RawOption[] };

/** A refusal that has nothing to run before it: the sentence is all there is. */
const refusing = (command: string, refusal: () => Refusal): Asked => ({
  command,
  operation: 'unknown',
  run: () => Promise.reject(refusal()),
});

const isGroup = (command: Command | CommandGroup): command is CommandGroup => 'subcommands' in command;

function find(name: string, options: readonly RawOption[]): Found | null {
  const found = COMMANDS.find((one) => one.name === name);
  if (!found) return null;
  if (!isGroup(found)) return { name: `/${name}`, command: found, options };
  const [sub] = options;
  const command = found.subcommands.find((one) => one.name === sub?.name);
  if (!command || sub?.type !== ApplicationCommandOptionType.Subcommand) return null;
  return { name: `/${name} ${command.name}`, command, options: sub.options ?? [] };
}

const valuesOf = (options: readonly RawOption[]): Values =>
  Object.fromEntries(options.flatMap((option) => ('value' in option ? [[option.name, option.value]] : [])));

const unknownCommand = () => new Refusal('unknown_command', words().door.unknownCommand);

function commandIn(payload: APIInteraction): Found | null {
  const data = payload.data;
  if (!data || !('type' in data) || !('name' in data) || data.type !== ApplicationCommandType.ChatInput) return null;
  return find(data.name, data.options ?? []);
}

const areHere = (payload: APIInteraction, { command, options }: Found) =>
  areNamed(
    payload,
    options.flatMap((option) => {
      const kind = command.options[option.name]?.kind;
      return kind !== undefined && 'value' in option ? [{ kind, id: String(option.value) }] : [];
    }),
  );

/** Of another form than ours, it is of another version. */
function messageIn({ data }: APIInteraction): SaidMessage | undefined {
  if (!data || !('target_id' in data) || !('resolved' in data) || !data.resolved || !('messages' in data.resolved))
    return undefined;
  return readSaidMessage(data.resolved.messages[data.target_id]);
}

function askedOnMessage(payload: APIInteraction, name: string): Asked {
  const command = MESSAGE_COMMANDS.find((one) => one.name === name);
  const message = messageIn(payload);
  if (!command || !message) return refusing('unknown command', unknownCommand);
  return { command: name, operation: command.operation, run: (context) => command.run(context, message) };
}

function askedCommand(payload: APIInteraction): Asked {
  const { data } = payload;
  if (data && 'type' in data && 'name' in data && data.type === ApplicationCommandType.Message)
    return askedOnMessage(payload, data.name);
  const found = commandIn(payload);
  if (!found) return refusing('unknown command', unknownCommand);
  const { name, command, options } = found;
  if (!areHere(payload, found)) return { ...refusing(name, notHere), operation: command.operation };
  return { command: name, operation: command.operation, run: (context) => command.run(context, valuesOf(options)) };
}

const isFocused = (option: RawOption) => 'focused' in option && option.focused === true;

function askedChoices(payload: APIInteraction): Asked {
  const found = commandIn(payload);
  const option = found?.options.find(isFocused);
  const spec = found && option ? found.command.options[option.name] : undefined;
  const suggest = spec?.kind === 'string' ? spec.suggest : undefined;
  const typed = option && 'value' in option ? String(option.value) : '';
  return {
    command: `${found?.name ?? 'unknown command'} autocomplete`,
    operation: found?.command.operation ?? 'unknown',
    run: async (context) => ({
      kind: 'choices',
      choices: suggest ? await suggest(context, { typed, others: valuesOf(found?.options ?? []) }) : [],
    }),
  };
}

const unknownButton = () => new Refusal('unknown_button', words().door.unknownButton);

/** What its writer would have to write again. */
const wordsIn = ({ [ANSWER]: answer, prompt, more }: Filled) =>
  [answer, prompt, more].filter((one) => one !== undefined && one.trim() !== '').join('\n');

function askedPress<Verb extends CustomIdVerb>(
  { verb, target }: { readonly verb: Verb; readonly target: CustomIdTarget<Verb> },
  said: { readonly values: readonly string[]; readonly fields: Filled },
): Asked {
  const button: Button<Verb> = BUTTONS[verb];
  return {
    command: `button ${verb}`,
    operation: button.operation,
    ...(button.givesBack && { words: wordsIn(said.fields) }),
    run: (context) => button.run(context, { ...said, target, answer: said.fields[ANSWER] ?? '' }),
  };
}

function askedComponent(payload: APIMessageComponentInteraction | APIModalSubmitInteraction): Asked {
  // A signed payload without one is none of Discord's, and still no fault of ours.
  const id = typeof payload.data.custom_id === 'string' ? readCustomId(payload.data.custom_id) : null;
  if (id === null || !isOnItsMessage(payload, id)) return refusing('unknown button', unknownButton);
  const isModal = payload.type === InteractionType.ModalSubmit;
  const values = valuesHere(payload);
  if (values === null) return { ...refusing(`button ${id.verb}`, notHere), operation: BUTTONS[id.verb].operation };
  return askedPress(id, { values, fields: isModal ? filledIn(payload) : {} });
}

function readAsked(payload: APIInteraction): Asked | null {
  switch (payload.type) {
    case InteractionType.Ping:
      return null;
    case InteractionType.ApplicationCommand:
      return askedCommand(payload);
    case InteractionType.ApplicationCommandAutocomplete:
      return askedChoices(payload);
    case InteractionType.MessageComponent:
    case InteractionType.ModalSubmit:
      return askedComponent(payload);
  }
}

/** Finds what an interaction asks for; null for a ping. A payload that nobody can read is asked for and fails. */
export function askedOf(payload: APIInteraction): Asked | null {
  try {
    return readAsked(payload);
  } catch (error) {
    return { command: 'unreadable interaction', operation: 'unknown', run: () => Promise.reject(error) };
  }
}
