import {
  type APICommandAutocompleteInteractionResponseCallbackData,
  type APIInteractionResponse,
  type APIModalInteractionResponseCallbackData,
  ComponentType,
  InteractionResponseType,
  MessageFlags,
  TextInputStyle,
} from 'discord-api-types/v10';
import { allowedBy } from './allowed.ts';
import { allow, type MessageBody, NOBODY, type Row } from './cards/body.ts';
import { cutWritten, plain } from './text.ts';

/** What a handler returns; both doors turn it into the one answer that Discord takes. */
export type Reply =
  /** `refused` is the code of a refusal, for the log; the message says it in a sentence. */
  | { readonly kind: 'message'; readonly body: MessageBody; readonly ephemeral: boolean; readonly refused?: string }
  /** The message whose component was used shows this instead. */
  | { readonly kind: 'update'; readonly body: MessageBody }
  /** Done; the lane that owns the card will edit it. */
  | { readonly kind: 'deferUpdate' }
  | { readonly kind: 'modal'; readonly modal: APIModalInteractionResponseCallbackData }
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'pong' };

/** A sentence for the eyes of the one who asked. It may show mentions; it pings nobody. */
export function tell(sentence: string, components: Row[] = []): Reply {
  return { kind: 'message', ephemeral: true, body: says(sentence, components) };
}

/** The same, where something was not done. */
export function refuse(code: string, sentence: string): Reply {
  return { kind: 'message', ephemeral: true, refused: code, body: says(sentence) };
}

export function says(sentence: string, components: Row[] = []): MessageBody {
  return { content: cutWritten(sentence, 2000), components, allowed_mentions: allow(NOBODY) };
}

export type Question = {
  readonly customId: string;
  readonly title: string;
  readonly label: string;
  readonly about?: string;
  readonly placeholder: string;
  readonly isLong: boolean;
  readonly minLength: number;
  readonly maxLength: number;
};

/** The name of a modal's one field. */
export const ANSWER = 'answer';

/** A modal that asks for one text. */
export function ask(question: Question): Reply {
  const input = {
    type: ComponentType.TextInput as const,
    custom_id: ANSWER,
    style: question.isLong ? TextInputStyle.Paragraph : TextInputStyle.Short,
    placeholder: question.placeholder,
    min_length: question.minLength,
    max_length: question.maxLength,
    required: true,
  };
  const label = {
    type: ComponentType.Label as const,
    label: question.label,
    ...(question.about !== undefined && { description: question.about }),
    component: input,
  };
  return { kind: 'modal', modal: { custom_id: question.customId, title: question.title, components: [label] } };
}

type Choices = APICommandAutocompleteInteractionResponseCallbackData;

/** At most 25, each at most 100 characters: a longer one could not be chosen, so it is not offered. */
function choicesData(choices: readonly string[]): Choices {
  const fitting = choices.filter((choice) => choice.length > 0 && choice.length <= 100).slice(0, 25);
  return { choices: fitting.map((choice) => ({ name: plain(choice, 100) || '…', value: choice })) };
}

function answering(body: MessageBody, flag = 0): MessageBody {
  const allowed = { ...body, allowed_mentions: allowedBy(body) };
  return flag === 0 ? allowed : { ...allowed, flags: (body.flags ?? 0) | flag };
}

/** The answer in Discord's form, for the callback and for an inline answer over HTTP alike. */
export function toResponse(reply: Reply): APIInteractionResponse {
  switch (reply.kind) {
    case 'message':
      return {
        type: InteractionResponseType.ChannelMessageWithSource,
        data: answering(reply.body, reply.ephemeral ? MessageFlags.Ephemeral : 0),
      };
    case 'update':
      return { type: InteractionResponseType.UpdateMessage, data: answering(reply.body) };
    case 'deferUpdate':
      return { type: InteractionResponseType.DeferredMessageUpdate };
    case 'modal':
      return { type: InteractionResponseType.Modal, data: reply.modal };
    case 'choices':
      return {
        type: InteractionResponseType.ApplicationCommandAutocompleteResult,
        data: choicesData(reply.choices),
      };
    case 'pong':
      return { type: InteractionResponseType.Pong };
  }
}
