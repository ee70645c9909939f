import { type APIInteraction, InteractionType } from 'discord-api-types/v10';
import type { Asked } from './asked.ts';
import { words } from './words/words.ts';

type ByOperation = Readonly<Record<string, string>>;

function sentences(type: InteractionType): ByOperation {
  const { commands, presses, modals } = words().door.notRecorded;
  const of: { readonly [Type in InteractionType]?: ByOperation } = {
    [InteractionType.ApplicationCommand]: commands,
    [InteractionType.MessageComponent]: presses,
    [InteractionType.ModalSubmit]: modals,
  };
  return of[type] ?? {};
}

/** What a person hears whose wish the database did not take, or took without saying so. */
export const notRecorded = ({ type }: Pick<APIInteraction, 'type'>, { operation }: Pick<Asked, 'operation'>): string =>
  sentences(type)[operation] ?? words().door.notRecorded.others;
