import type { z } from 'zod';
import { COMPONENT, everyComponent, isSelect } from '#sandbox/discord/components.ts';
import type { choicesBody, modalBody } from '#sandbox/discord/message-body.ts';
import { isBlank, issue, type Rule, required, sizeOf, when } from './rule.ts';

type Modal = z.infer<typeof modalBody>;

const MAX_PARTS = 5;
const MAX_CHOICE = 100;

/** The document says 40, which is the limit of messages. */
const upTo5Parts: Rule<Modal> = ({ components }) =>
  when(
    components.length > MAX_PARTS,
    issue(['components'], 'BASE_TYPE_BAD_LENGTH', `Must be between 1 and ${MAX_PARTS} in length.`),
  );

const asksForSomething: Rule<Modal> = ({ components }) =>
  when(
    everyComponent(components).every(({ custom_id }) => custom_id === undefined),
    issue(['components'], 'MODAL_WITHOUT_FIELDS', 'A modal needs at least one field'),
  );

const rowHoldsOneInput: Rule<Modal> = ({ components }) =>
  components.flatMap(({ components: inside = [] }, at) =>
    when(
      inside.length > 1,
      issue(
        ['components', at, 'components'],
        'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
        'A row of a modal holds one text input',
      ),
    ),
  );

const inputInRowIsLabelled: Rule<Modal> = ({ components }) =>
  components.flatMap(({ components: inside = [] }, row) =>
    inside.flatMap(({ label }, at) => when(isBlank(label), required(['components', row, 'components', at, 'label']))),
  );

const titleAndLabelsSaySomething: Rule<Modal> = ({ title, components }) => [
  ...when(isBlank(title), required(['title'])),
  ...components.flatMap(({ type, label }, at) =>
    when(type === COMPONENT.LABEL && isBlank(label), required(['components', at, 'label'])),
  ),
];

const inputInLabelHasNone: Rule<Modal> = ({ components }) =>
  components.flatMap(({ component }, at) =>
    when(
      component?.type === COMPONENT.TEXT_INPUT && component.label !== undefined,
      issue(
        ['components', at, 'component', 'label'],
        'COMPONENT_LABEL_CONFLICT',
        'A text input inside a label has no label of its own',
      ),
    ),
  );

const nothingIsDisabled: Rule<Modal> = ({ components }) =>
  components.flatMap(({ component }, at) =>
    when(
      component?.disabled === true && isSelect(component.type),
      issue(['components', at, 'component', 'disabled'], 'COMPONENT_DISABLED_IN_MODAL', 'A modal disables nothing'),
    ),
  );

const lengthsFitTogether: Rule<Modal> = ({ components }) =>
  components.flatMap((part, at) =>
    everyComponent([part]).flatMap(({ type, min_length: min = 0, max_length: max = 4000 }) =>
      when(
        type === COMPONENT.TEXT_INPUT && min > max,
        issue(['components', at], 'TEXT_INPUT_MIN_OVER_MAX', 'min_length must not be more than max_length'),
      ),
    ),
  );

/** Nobody could send the form as it stands. */
const valuesFitTheirLength: Rule<Modal> = ({ components }) =>
  components.flatMap((part, at) =>
    everyComponent([part]).flatMap(({ type, value, max_length: max = 4000 }) =>
      when(
        type === COMPONENT.TEXT_INPUT && typeof value === 'string' && sizeOf(value) > max,
        issue(['components', at], 'BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`),
      ),
    ),
  );

export const MODAL_RULES = [
  upTo5Parts,
  asksForSomething,
  rowHoldsOneInput,
  inputInRowIsLabelled,
  titleAndLabelsSaySomething,
  inputInLabelHasNone,
  nothingIsDisabled,
  lengthsFitTogether,
  valuesFitTheirLength,
];

/** The document says 6000, which is what an option may be when it is typed. */
const valueUpTo100: Rule<z.infer<typeof choicesBody>> = ({ choices }) =>
  choices.flatMap(({ value }, at) =>
    when(
      typeof value === 'string' && sizeOf(value) > MAX_CHOICE,
      issue(['choices', at, 'value'], 'BASE_TYPE_MAX_LENGTH', `Must be ${MAX_CHOICE} or fewer in length.`),
    ),
  );

export const CHOICE_RULES = [valueUpTo100];
