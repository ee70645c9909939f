import type { Component } from './model.ts';

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
  SEPARATOR: 14,
  CONTAINER: 17,
  LABEL: 18,
  RADIO_GROUP: 21,
  CHECKBOX_GROUP: 22,
  CHECKBOX: 23,
  FILE_UPLOAD: 19,
} as const;

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

/** What Discord fills in where a body says nothing. */
const BY_DEFAULT: Readonly<Record<number, object>> = {
  ...Object.fromEntries([3, 5, 6, 7, 8].map((type) => [type, { min_values: 1, max_values: 1 }])),
  [COMPONENT.SEPARATOR]: { spacing: 1, divider: true },
  [COMPONENT.CONTAINER]: { accent_color: null, spoiler: false },
};

/** Discord numbers components that came without an id, in order, from 1, and fills in its defaults. */
export function numbered(components: readonly Component[]): Component[] {
  const taken = new Set(everyComponent(components).flatMap((one) => (one.id ? [one.id] : [])));
  let next = 1;
  const free = () => {
    while (taken.has(next)) next += 1;
    taken.add(next);
    return next;
  };
  const number = (one: Component): Component => ({
    ...BY_DEFAULT[one.type],
    ...one,
    id: one.id || free(),
    ...(one.components && { components: one.components.map(number) }),
    ...(one.component && { component: number(one.component) }),
    ...(one.accessory && { accessory: number(one.accessory) }),
  });
  return components.map(number);
}
