import {
  type APIComponentInLabel,
  type APILabelComponent,
  type APIModalSubmitInteraction,
  ComponentType,
  TextInputStyle,
} from 'discord-api-types/v10';
import type { Reply } from './reply.ts';
import { plain } from './text.ts';

/** Discord's own limit for a text field of a dialog, and for what stands in it at first. */
export const FIELD_LIMIT = 4000;
const LABEL_LIMIT = 45;
const HINT_LIMIT = 100;

type Common = { readonly name: string; readonly label: string; readonly about?: string };
type TextField = Common & {
  readonly kind: 'text';
  readonly isLong?: true;
  readonly isOptional?: true;
  readonly placeholder: string;
  readonly maxLength: number;
  /** What stands there at first. */
  readonly value?: string;
};
type ChoiceField = Common & {
  readonly kind: 'choice';
  readonly options: readonly { readonly value: string; readonly label: string; readonly about?: string }[];
  readonly chosen: string;
};
export type Field = TextField | ChoiceField;

function inputOf(field: Field): APIComponentInLabel {
  if (field.kind === 'choice') {
    return {
      type: ComponentType.RadioGroup,
      custom_id: field.name,
      required: true,
      options: field.options.map(({ value, label, about }) => ({
        value,
        label: plain(label, HINT_LIMIT),
        ...(about !== undefined && { description: plain(about, HINT_LIMIT) }),
        ...(value === field.chosen && { default: true }),
      })),
    };
  }
  return {
    type: ComponentType.TextInput,
    custom_id: field.name,
    style: field.isLong ? TextInputStyle.Paragraph : TextInputStyle.Short,
    placeholder: plain(field.placeholder, HINT_LIMIT),
    max_length: field.maxLength,
    required: !field.isOptional,
    ...(field.value && { value: field.value }),
  };
}

const labelled = (field: Field): APILabelComponent => ({
  type: ComponentType.Label,
  label: plain(field.label, LABEL_LIMIT),
  ...(field.about !== undefined && { description: plain(field.about, HINT_LIMIT) }),
  component: inputOf(field),
});

export type Form = { readonly customId: string; readonly title: string; readonly fields: readonly Field[] };

/** A dialog of up to five fields. */
export const form = ({ customId, title, fields }: Form): Reply => ({
  kind: 'modal',
  modal: { custom_id: customId, title: plain(title, LABEL_LIMIT), components: fields.map(labelled) },
});

export type Filled = Readonly<Record<string, string>>;

/** What was written and chosen in a dialog, by field; the older form of dialogs has rows instead of labels. */
export function filledIn({ data }: APIModalSubmitInteraction): Filled {
  const inputs = data.components.flatMap((one) => {
    if ('component' in one) return [one.component];
    return 'components' in one ? one.components : [];
  });
  return Object.fromEntries(
    inputs.flatMap((one) => ('value' in one && typeof one.value === 'string' ? [[one.custom_id, one.value]] : [])),
  );
}
