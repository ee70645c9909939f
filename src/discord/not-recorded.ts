import { type APIInteraction, InteractionType } from 'discord-api-types/v10';
import type { Asked } from './asked.ts';

const AWAY = 'the database did not answer in time.';

/** Where it shows whether something counted, and how to begin anew: a press has its card, a panel is opened again. */
const COMMANDS: Readonly<Record<string, string>> = {
  'task.create': `Not recorded: ${AWAY} Ask again in a minute; if a card appears after all, it counts.`,
  'settings.read': `Not shown: ${AWAY} Ask again in a minute.`,
  'settings.change': `Not recorded: ${AWAY} Ask again in a minute; without options, the command shows what is set.`,
};

const PRESSES: Readonly<Record<string, string>> = {
  'task.confirm': `Not recorded: ${AWAY} Press again in a minute; the card shows whether it counted.`,
  'task.cancel': `Not recorded: ${AWAY} Press again in a minute; the card shows whether it counted.`,
  'task.read': `Not shown: ${AWAY} Press again in a minute.`,
  'settings.read': `Not shown: ${AWAY} Press again in a minute.`,
  'settings.change': `Not recorded: ${AWAY} Open this panel again with \`/config\` in a minute; it shows what counted.`,
};

const MODALS: Readonly<Record<string, string>> = {
  'task.confirm': `Not recorded: ${AWAY} Press Reject again in a minute and write the reason anew; the card shows whether it counted.`,
  'settings.change': `Not recorded: ${AWAY} Look with \`/config key\` in a minute: it shows which key is stored. Enter yours again if it is another one.`,
};

const OTHERS = `Not recorded: ${AWAY} Try again in a minute.`;

const SENTENCES: { readonly [Type in InteractionType]?: Readonly<Record<string, string>> } = {
  [InteractionType.ApplicationCommand]: COMMANDS,
  [InteractionType.MessageComponent]: PRESSES,
  [InteractionType.ModalSubmit]: MODALS,
};

/** What a person hears whose wish the database did not take, or took without saying so. */
export const notRecorded = ({ type }: Pick<APIInteraction, 'type'>, { operation }: Pick<Asked, 'operation'>): string =>
  SENTENCES[type]?.[operation] ?? OTHERS;
