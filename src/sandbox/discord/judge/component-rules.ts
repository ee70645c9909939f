import { COMPONENT, isSelect } from '#sandbox/discord/components.ts';
import type { FormIssue } from '#sandbox/discord/errors.ts';
import type { Component } from '#sandbox/discord/model.ts';
import { doubled, isBlank, issue, type Path, type Rule, required, when } from './rule.ts';

const LINK = 5;
const PREMIUM = 6;

type Placed = { readonly one: Component; readonly path: Path };

/** Every component with the way to it, as it stands in the body. */
export function placed(components: readonly Component[], path: Path = ['components']): Placed[] {
  return components.flatMap((one, at) => withInner(one, [...path, at]));
}

const withInner = (one: Component, path: Path): Placed[] => [
  { one, path },
  ...placed(one.components ?? [], [...path, 'components']),
  ...(one.component ? withInner(one.component, [...path, 'component']) : []),
  ...(one.accessory ? withInner(one.accessory, [...path, 'accessory']) : []),
];

type Look = (one: Component, path: Path) => readonly FormIssue[];

const each = (components: readonly Component[], type: number, look: Look): FormIssue[] =>
  placed(components).flatMap(({ one, path }) => (one.type === type ? look(one, path) : []));

const buttons = (components: readonly Component[], look: Look) => each(components, COMPONENT.BUTTON, look);

const buttonNeedsCustomId: Rule<readonly Component[]> = (components) =>
  buttons(components, (one, path) =>
    when(
      one.style !== LINK && one.style !== PREMIUM && !one.custom_id,
      issue([...path, 'custom_id'], 'BUTTON_COMPONENT_CUSTOM_ID_REQUIRED', 'A custom id is required'),
    ),
  );

const linkNeedsUrl: Rule<readonly Component[]> = (components) =>
  buttons(components, (one, path) =>
    when(one.style === LINK && !one.url, issue([...path, 'url'], 'BUTTON_COMPONENT_URL_REQUIRED', 'A url is required')),
  );

const linkHasNoCustomId: Rule<readonly Component[]> = (components) =>
  buttons(components, (one, path) =>
    when(
      one.style === LINK && one.custom_id !== undefined,
      issue(
        [...path, 'custom_id'],
        'BUTTON_COMPONENT_CUSTOM_ID_URL_CONFLICT',
        'A custom id and url cannot both be specified',
      ),
    ),
  );

const onlyLinksHaveUrls: Rule<readonly Component[]> = (components) =>
  buttons(components, (one, path) =>
    when(
      one.style !== LINK && one.url !== undefined,
      issue([...path, 'url'], 'BUTTON_COMPONENT_INVALID_STYLE', 'A url belongs to a link button (style 5)'),
    ),
  );

const linkSchemeIsWeb: Rule<readonly Component[]> = (components) =>
  buttons(components, (one, path) =>
    when(
      one.url !== undefined && !/^(https?|discord):/i.test(one.url),
      issue([...path, 'url'], 'URL_TYPE_INVALID_SCHEME', 'Scheme must be one of (http, https, discord).'),
    ),
  );

const premiumHasOnlyItsSku: Rule<readonly Component[]> = (components) =>
  buttons(components, (one, path) => {
    const isOdd = !one.sku_id || [one.custom_id, one.label, one.url, one.emoji].some((field) => field !== undefined);
    const sentence = 'A premium button has a sku_id, and neither custom_id, label, url nor emoji';
    return when(one.style === PREMIUM && isOdd, issue(path, 'BUTTON_COMPONENT_INVALID_PREMIUM', sentence));
  });

const buttonShowsSomething: Rule<readonly Component[]> = (components) =>
  buttons(components, (one, path) =>
    when(
      one.style !== PREMIUM && isBlank(one.label) && !one.emoji,
      issue(path, 'BUTTON_COMPONENT_LABEL_REQUIRED', 'A button needs a label or an emoji'),
    ),
  );

const rowHoldsButtonsOrOneSelect: Rule<readonly Component[]> = (components) =>
  each(components, COMPONENT.ROW, ({ components: inside = [] }, path) =>
    when(
      inside.length > 1 && inside.some(({ type }) => isSelect(type)),
      issue([...path, 'components'], 'COMPONENT_LAYOUT_WIDTH_EXCEEDED', 'A row holds up to five buttons or one select'),
    ),
  );

const customIdsDiffer: Rule<readonly Component[]> = (components) => {
  const all = placed(components).filter(({ one }) => one.custom_id !== undefined);
  return doubled(all.map(({ one }) => one.custom_id)).flatMap((at) =>
    issue(
      [...(all[at]?.path ?? []), 'custom_id'],
      'COMPONENT_CUSTOM_ID_DUPLICATED',
      'Component custom id cannot be duplicated',
    ),
  );
};

/** 0 stands for no id: Discord numbers such components itself. */
const numbersDiffer: Rule<readonly Component[]> = (components) => {
  const all = placed(components).filter(({ one }) => one.id);
  return doubled(all.map(({ one }) => one.id)).flatMap((at) =>
    issue([...(all[at]?.path ?? []), 'id'], 'COMPONENT_ID_DUPLICATED', 'Component id cannot be duplicated'),
  );
};

const optionValuesDiffer: Rule<readonly Component[]> = (components) =>
  placed(components).flatMap(({ one, path }) =>
    doubled((one.options ?? []).map(({ value }) => value)).map((at) =>
      issue(
        [...path, 'options', at, 'value'],
        'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
        'The specified option value is already used',
      ),
    ),
  );

const optionsSaySomething: Rule<readonly Component[]> = (components) =>
  placed(components).flatMap(({ one, path }) =>
    (one.options ?? []).flatMap(({ label }, at) => when(isBlank(label), required([...path, 'options', at, 'label']))),
  );

/** A group of boxes may have all of them ticked, where nothing else is said; anything else one. */
const mostOf = ({ type, max_values, options = [] }: Component): number =>
  max_values ?? (type === COMPONENT.CHECKBOX_GROUP ? options.length : 1);

const defaultsFitTogether: Rule<readonly Component[]> = (components) =>
  placed(components).flatMap(({ one, path }) => {
    const { options = [], default_values: listed = [] } = one;
    const chosen = { options: options.filter((option) => option.default).length, default_values: listed.length };
    return (['options', 'default_values'] as const).flatMap((key) =>
      when(
        chosen[key] > mostOf(one),
        issue([...path, key], 'SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES', 'More defaults than max_values'),
      ),
    );
  });

const countsFitTogether: Rule<readonly Component[]> = (components) =>
  placed(components).flatMap(({ one, path }) =>
    when(
      one.min_values !== undefined && one.min_values > (one.max_values ?? 1) && one.type !== COMPONENT.CHECKBOX_GROUP,
      issue([...path, 'min_values'], 'SELECT_COMPONENT_MIN_OVER_MAX', 'min_values must not be more than max_values'),
    ),
  );

const enoughOptions: Rule<readonly Component[]> = (components) =>
  placed(components).flatMap(({ one, path }) =>
    when(
      one.options !== undefined && (one.max_values ?? 0) > one.options.length,
      issue(
        [...path, 'max_values'],
        'SELECT_COMPONENT_MAX_OVER_OPTIONS',
        'max_values must not be more than there are options',
      ),
    ),
  );

/** Of messages and of modals alike. */
export const COMPONENT_RULES = [
  buttonNeedsCustomId,
  linkNeedsUrl,
  linkHasNoCustomId,
  onlyLinksHaveUrls,
  linkSchemeIsWeb,
  premiumHasOnlyItsSku,
  buttonShowsSomething,
  rowHoldsButtonsOrOneSelect,
  customIdsDiffer,
  numbersDiffer,
  optionValuesDiffer,
  optionsSaySomething,
  defaultsFitTogether,
  countsFitTogether,
  enoughOptions,
];
