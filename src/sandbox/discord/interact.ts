import { Refusal } from '#kernel/errors.ts';
import { COMPONENT, everyComponent, isSelect } from './components.ts';
import type { Place } from './entities.ts';
import { type Fields, pick, submitted } from './fields.ts';
import { demandBot } from './membership.ts';
import {
  CALLBACK,
  type Channel,
  type Choice,
  INTERACTION,
  type Interaction,
  type Message,
  type OpenModal,
} from './model.ts';
import { type Given, menuCommand, type Typed, typeCommand, typeHalf } from './options.ts';
import { beginInteraction, type Cause, failInteraction, payloadOf } from './payload.ts';
import { accountNamed, channelNamed, demandPresence } from './people.ts';
import { messageView, permissionsIn } from './views.ts';
import { emit, guildOf, type World, waitFor } from './world.ts';

/**
 * How an interaction reaches the bot, so many times. Answers come back by callback; a signed POST may answer in its
 * response.
 */
export type Deliver = (interaction: Interaction, payload: object, times: number) => void;

type CommandInput = {
  readonly as: string;
  readonly name: string;
  readonly options: Given;
  readonly channel?: string | undefined;
};
type PressInput = {
  readonly as: string;
  readonly message: string;
  readonly custom_id: string;
  readonly values?: readonly string[] | undefined;
};
type MenuInput = { readonly as: string; readonly name: string; readonly message: string };
type ModalInput = {
  readonly as: string;
  readonly custom_id: string;
  readonly fields: Fields;
  readonly message?: string | undefined;
};
type AutocompleteInput = CommandInput & { readonly focused: string };

/** What the person sees next. */
export type Outcome = { readonly reply?: Message; readonly modal?: OpenModal };

export type Interact = {
  command(input: CommandInput): Promise<Outcome>;
  /** A command in the menu of a message. */
  menu(input: MenuInput): Promise<Outcome>;
  press(input: PressInput): Promise<Outcome>;
  submit(input: ModalInput): Promise<Outcome>;
  autocomplete(input: AutocompleteInput): Promise<readonly Choice[]>;
};

type Deps = { readonly world: World; readonly deliver: Deliver; readonly settleMs: number };

const DEFERRED_SETTLES_WITHIN_MS = 5_000;

const noAnswer = () => new Refusal('no_answer', 'The application did not respond');

export function createInteract(world: World, options: { deliver?: Deliver; settleMs?: number } = {}): Interact {
  const deps: Deps = {
    world,
    deliver: options.deliver ?? ((_, payload, times) => byGateway(world, payload, times)),
    settleMs: options.settleMs ?? DEFERRED_SETTLES_WITHIN_MS,
  };
  return {
    command: (input) => command(deps, input),
    menu: (input) => menu(deps, input),
    press: (input) => press(deps, input),
    submit: (input) => submit(deps, input),
    autocomplete: (input) => autocomplete(deps, input),
  };
}

function byGateway(world: World, payload: object, times: number): void {
  for (let nth = 0; nth < times; nth += 1) emit(world, 'INTERACTION_CREATE', payload);
}

function howOften(world: World): number {
  if (world.doubled === 0) return 1;
  world.doubled -= 1;
  return 2;
}

/** Sends an interaction and waits for its first answer, three seconds at most. */
async function ask(deps: Deps, cause: Cause, data: object): Promise<Interaction> {
  const { world } = deps;
  demandBot(world, cause.channel);
  const interaction = beginInteraction(world, cause);
  emit(world, 'SANDBOX_INTERACTION', { id: interaction.id, state: interaction.state }, 'page');
  deps.deliver(interaction, payloadOf(world, interaction, { cause, data }), howOften(world));
  const isOver = () => (interaction.state === 'waiting' ? undefined : true);
  await waitFor(world, isOver, world.times.answerWithinMs);
  if (interaction.state === 'answered' || interaction.state === 'deferred') return interaction;
  failInteraction(world, interaction);
  throw noAnswer();
}

/** A deferred answer is waited for a little longer; after that the placeholder is what the person sees. */
async function outcomeOf(deps: Deps, interaction: Interaction): Promise<Outcome> {
  const { world } = deps;
  const { callbackType } = interaction;
  if (callbackType === CALLBACK.MODAL) {
    const modal = world.modals.get(interaction.modalId ?? '');
    return modal ? { modal } : {};
  }
  if (callbackType === CALLBACK.DEFERRED_UPDATE) return {};
  if (callbackType === CALLBACK.DEFERRED_MESSAGE) {
    const isSettled = () => (interaction.state === 'deferred' ? undefined : true);
    await waitFor(world, isSettled, deps.settleMs);
  }
  const reply = world.messages.get(interaction.originalId ?? '');
  return reply ? { reply } : {};
}

function placeOf(world: World, channel: Channel): Place {
  return { world, channel, guild: guildOf(world, channel) };
}

const commandData = ({ command, options, resolved }: Typed): object => ({
  id: command.id,
  name: command.name,
  type: command.type,
  ...(command.guild_id !== undefined && { guild_id: command.guild_id }),
  ...(options.length > 0 && { options }),
  ...(Object.keys(resolved).length > 0 && { resolved }),
});

/** Discord hides a command from those who lack its default permissions. */
function demandCommand({ world }: Place, typed: Typed, cause: Cause): void {
  const wanted = typed.command.default_member_permissions;
  if (wanted === undefined || wanted === null || cause.channel.guild_id === undefined) return;
  const held = BigInt(permissionsIn(world, cause.channel, cause.user.id));
  const isAdministrator = (held & 8n) !== 0n;
  const holdsAll = wanted !== '0' && (held & BigInt(wanted)) === BigInt(wanted);
  if (isAdministrator || holdsAll) return;
  throw new Refusal('forbidden', `${cause.user.username} may not use /${typed.command.name} on this server.`);
}

async function command(deps: Deps, input: CommandInput): Promise<Outcome> {
  const user = accountNamed(deps.world, input.as);
  const channel = channelNamed(deps.world, input.channel);
  demandPresence(deps.world, user, channel);
  const place = placeOf(deps.world, channel);
  const typed = typeCommand(place, input.name, input.options);
  const cause: Cause = { type: INTERACTION.COMMAND, user, channel, about: input.name };
  demandCommand(place, typed, cause);
  return outcomeOf(deps, await ask(deps, cause, commandData(typed)));
}

async function autocomplete(deps: Deps, input: AutocompleteInput): Promise<readonly Choice[]> {
  const user = accountNamed(deps.world, input.as);
  const channel = channelNamed(deps.world, input.channel);
  demandPresence(deps.world, user, channel);
  const typed = typeHalf(placeOf(deps.world, channel), input.name, { given: input.options, focused: input.focused });
  const cause: Cause = { type: INTERACTION.AUTOCOMPLETE, user, channel, about: input.name };
  const interaction = await ask(deps, cause, commandData(typed));
  return interaction.choices ?? [];
}

/** Someone else's ephemeral message is not there for this person. */
function seenMessage(world: World, id: string, userId: string): { message: Message; channel: Channel } {
  const message = world.messages.get(id);
  const isHidden = message?.visible_to !== undefined && message.visible_to !== userId;
  const channel = message && world.channels.get(message.channel_id);
  if (message && channel && !isHidden) return { message, channel };
  throw new Refusal('unknown_message', `There is no message ${id} that this account can see.`);
}

/** Discord sends the message along, though not as the one that the interaction came from. */
async function menu(deps: Deps, input: MenuInput): Promise<Outcome> {
  const user = accountNamed(deps.world, input.as);
  const { message, channel } = seenMessage(deps.world, input.message, user.id);
  demandPresence(deps.world, user, channel);
  const place = placeOf(deps.world, channel);
  const { id, name, type, contexts } = menuCommand(place, input.name);
  if (contexts && !contexts.includes(place.guild ? 0 : 1))
    throw new Refusal('unknown_command', `${name} is not offered here.`);
  const resolved = { messages: { [message.id]: messageView(deps.world, message) } };
  const cause: Cause = { type: INTERACTION.COMMAND, user, channel, about: name };
  return outcomeOf(deps, await ask(deps, cause, { id, name, type, target_id: message.id, resolved }));
}

async function press(deps: Deps, input: PressInput): Promise<Outcome> {
  const user = accountNamed(deps.world, input.as);
  const { message, channel } = seenMessage(deps.world, input.message, user.id);
  demandPresence(deps.world, user, channel);
  const pressed = everyComponent(message.components).find(({ custom_id }) => custom_id === input.custom_id);
  if (!pressed) throw new Refusal('unknown_component', `The message has no component "${input.custom_id}".`);
  if (pressed.disabled) throw new Refusal('disabled', `The component "${input.custom_id}" is disabled.`);
  const isButton = pressed.type === COMPONENT.BUTTON;
  if (!(isButton || isSelect(pressed.type))) throw new Refusal('bad_press', 'Only buttons and selects can be pressed.');
  const head = { component_type: pressed.type, custom_id: input.custom_id, id: pressed.id };
  const data = isButton ? head : { ...head, ...pick(placeOf(deps.world, channel), pressed, input.values ?? []) };
  const cause: Cause = { type: INTERACTION.COMPONENT, user, channel, about: input.custom_id, message };
  return outcomeOf(deps, await ask(deps, cause, data));
}

async function submit(deps: Deps, input: ModalInput): Promise<Outcome> {
  const { world } = deps;
  const user = accountNamed(world, input.as);
  const isMeant = (modal: OpenModal) =>
    modal.userId === user.id &&
    modal.custom_id === input.custom_id &&
    (input.message === undefined || modal.messageId === input.message);
  const modal = [...world.modals.values()].findLast(isMeant);
  if (!modal) throw new Refusal('unknown_modal', `${user.username} has no open modal "${input.custom_id}".`);
  const channel = channelNamed(world, modal.channelId);
  const { components, resolved } = submitted(placeOf(world, channel), modal, input.fields);
  const message = modal.messageId === undefined ? undefined : world.messages.get(modal.messageId);
  const cause: Cause = {
    type: INTERACTION.MODAL,
    user,
    channel,
    about: modal.custom_id,
    ...(message && { message }),
  };
  const data = {
    custom_id: modal.custom_id,
    components,
    ...(Object.keys(resolved).length > 0 && { resolved }),
  };
  // Discord keeps the dialog open until the application has answered.
  const interaction = await ask(deps, cause, data);
  world.modals.delete(modal.id);
  emit(world, 'SANDBOX_MODAL_CLOSED', { id: modal.id }, 'page');
  return outcomeOf(deps, interaction);
}
