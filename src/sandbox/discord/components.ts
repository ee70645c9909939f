import type { FormIssue } from './errors.ts';
import { type Component, FLAG } from './model.ts';

export const COMPONENT = {
  ROW: 1,
  BUTTON: 2,
  STRING_SELECT: 3,
  TEXT_INPUT: 4,
  USER_SELECT: 5,
  ROLE_SELECT: 6,
  MENTIONABLE_SELECT: 7,
  CHANNEL_SELECT: 8,
  SECTION: 9,
  TEXT_DISPLAY: 10,
  LABEL: 18,
  RADIO_GROUP: 21,
  CHECKBOX_GROUP: 22,
  CHECKBOX: 23,
} as const;

const LINK_BUTTON = 5;
const PREMIUM_BUTTON = 6;
const MAX_COMPONENTS_V2 = 40;

const childrenOf = (one: Component): Component[] => [
  ...(one.components ?? []),
  ...(one.component ? [one.component] : []),
  ...(one.accessory ? [one.accessory] : []),
];

/** The components themselves and everything inside them, in order. */
export function everyComponent(components: readonly Component[]): Component[] {
  return components.flatMap((one) => [one, ...everyComponent(childrenOf(one))]);
}

export const isSelect = (type: number): boolean =>
  type === COMPONENT.STRING_SELECT || (type >= COMPONENT.USER_SELECT && type <= COMPONENT.CHANNEL_SELECT);

/** Discord numbers components that came without an id, in order, from 1. */
export function numbered(components: readonly Component[]): Component[] {
  const taken = new Set(everyComponent(components).flatMap((one) => (one.id ? [one.id] : [])));
  let next = 1;
  const free = () => {
    while (taken.has(next)) next += 1;
    taken.add(next);
    return next;
  };
  const number = (one: Component): Component => ({
    ...one,
    id: one.id || free(),
    ...(one.components && { components: one.components.map(number) }),
    ...(one.component && { component: number(one.component) }),
    ...(one.accessory && { accessory: number(one.accessory) }),
  });
  return components.map(number);
}

const issue = (path: readonly (string | number)[], message: string): FormIssue => ({
  path,
  code: 'COMPONENT_INVALID',
  message,
});

function buttonIssues(button: Component, path: readonly (string | number)[]): FormIssue[] {
  const isLink = button.style === LINK_BUTTON;
  if (button.style === PREMIUM_BUTTON) return [];
  if (isLink && !button.url) return [issue([...path, 'url'], 'A url is required')];
  if (isLink && button.custom_id)
    return [issue([...path, 'custom_id'], 'A custom id and url cannot both be specified')];
  if (!(isLink || button.custom_id)) return [issue([...path, 'custom_id'], 'A custom id is required')];
  if (!(button.label || button.emoji)) return [issue(path, 'A button needs a label or an emoji')];
  return [];
}

function rowIssues(row: Component, path: readonly (string | number)[]): FormIssue[] {
  const inside = row.components ?? [];
  const buttons = inside.filter(({ type }) => type === COMPONENT.BUTTON).length;
  if (inside.length === 0) return [issue([...path, 'components'], 'Must be between 1 and 5 in length.')];
  if (inside.length > 5) return [issue([...path, 'components'], 'Must be between 1 and 5 in length.')];
  if (buttons < inside.length && inside.length > 1) return [issue(path, 'A row holds buttons or one select')];
  return [];
}

function nodeIssues(one: Component, path: readonly (string | number)[]): FormIssue[] {
  const own =
    one.type === COMPONENT.BUTTON ? buttonIssues(one, path) : one.type === COMPONENT.ROW ? rowIssues(one, path) : [];
  const needsId = isSelect(one.type) || one.type === COMPONENT.TEXT_INPUT;
  const noId = needsId && !one.custom_id ? [issue([...path, 'custom_id'], 'A custom id is required')] : [];
  const noOptions =
    one.type === COMPONENT.STRING_SELECT && !one.options?.length
      ? [issue([...path, 'options'], 'Must be between 1 and 25 in length.')]
      : [];
  const inside = childrenOf(one).flatMap((child, at) => nodeIssues(child, [...path, 'components', at]));
  return [...own, ...noId, ...noOptions, ...inside];
}

function doubledIds(components: readonly Component[]): FormIssue[] {
  const ids = everyComponent(components).flatMap((one) => (one.custom_id ? [one.custom_id] : []));
  const doubled = ids.filter((id, at) => ids.indexOf(id) !== at);
  return doubled.length > 0 ? [issue(['components'], 'Component custom id cannot be duplicated')] : [];
}

/** What Discord refuses in a message's components, beyond their shape. */
export function componentIssues(components: readonly Component[], flags: number): FormIssue[] {
  const all = everyComponent(components);
  const isV2 = (flags & FLAG.COMPONENTS_V2) !== 0;
  const count =
    isV2 && all.length > MAX_COMPONENTS_V2
      ? [issue(['components'], 'Must be 40 or fewer in length.')]
      : !isV2 && components.length > 5
        ? [issue(['components'], 'Must be 5 or fewer in length.')]
        : [];
  const unflagged =
    !isV2 && components.some(({ type }) => type !== COMPONENT.ROW)
      ? [issue(['components'], 'Value of field "type" must be one of (1,).')]
      : [];
  return [
    ...count,
    ...unflagged,
    ...components.flatMap((one, at) => nodeIssues(one, ['components', at])),
    ...doubledIds(components),
  ];
}
