import { Refusal } from '#kernel/errors.ts';
import { COMPONENT, everyComponent, isSelect } from './components.ts';
import { type EntityKind, merged, type Place, type Resolved, resolveEntity } from './entities.ts';
import type { Component, OpenModal } from './model.ts';

export type Fields = Readonly<Record<string, unknown>>;

const refuse = (sentence: string) => new Refusal('bad_field', sentence);

const ENTITY_OF: Readonly<Record<number, EntityKind>> = {
  [COMPONENT.USER_SELECT]: 'user',
  [COMPONENT.ROLE_SELECT]: 'role',
  [COMPONENT.MENTIONABLE_SELECT]: 'mentionable',
  [COMPONENT.CHANNEL_SELECT]: 'channel',
};

export type Picked = { readonly values: readonly string[]; readonly resolved: Resolved };

/** What a person picked in a select or a group of boxes, as many as it allows. */
export function pick(place: Place, select: Component, given: readonly string[]): Picked {
  const name = select.custom_id ?? '';
  const isOptional = select.required === false && given.length === 0;
  const min = isOptional ? 0 : (select.min_values ?? 1);
  const max = select.max_values ?? (select.type === COMPONENT.CHECKBOX_GROUP ? (select.options?.length ?? 1) : 1);
  if (given.length < min || given.length > max) {
    throw refuse(`"${name}" wants ${min === max ? min : `${min} to ${max}`} values, not ${given.length}.`);
  }
  const entity = ENTITY_OF[select.type];
  if (entity) {
    const all = given.map((one) => resolveEntity(place, entity, one));
    return { values: all.map(({ id }) => id), resolved: merged(all.map(({ resolved }) => resolved)) };
  }
  const values = given.map((one) => {
    const option = select.options?.find(({ value, label }) => value === one || label === one);
    if (!option) throw refuse(`"${name}" has no option "${one}".`);
    return option.value;
  });
  return { values, resolved: {} };
}

function textFor(input: Component, label: string, given: unknown): string {
  const value = given === undefined || given === null ? String(input.value ?? '') : String(given);
  const { min_length: min = 0, max_length: max = 4000 } = input;
  if (input.required !== false && value === '') throw refuse(`"${label}" must be filled in.`);
  if (value !== '' && value.length < min) throw refuse(`"${label}" wants at least ${min} characters.`);
  if (value.length > max) throw refuse(`"${label}" takes at most ${max} characters, not ${value.length}.`);
  return value;
}

const listFrom = (given: unknown): string[] =>
  given === undefined || given === null || given === '' ? [] : (Array.isArray(given) ? given : [given]).map(String);

/** What stands there where nobody chose anything else. */
const defaultsOf = ({ options = [] }: Component): string[] =>
  options.flatMap((option) => (option.default ? [option.value] : []));

type Answered = { readonly sent: object; readonly resolved: Resolved };

/** One field's answer in the shape in which its type is sent. */
function answered(place: Place, field: Component, given: { value: unknown; label: string }): Answered {
  const { type, id, custom_id } = field;
  const head = { type, id, custom_id };
  const chosen = () => (given.value === undefined ? defaultsOf(field) : listFrom(given.value));
  if (type === COMPONENT.TEXT_INPUT) {
    return { sent: { ...head, value: textFor(field, given.label, given.value) }, resolved: {} };
  }
  if (type === COMPONENT.CHECKBOX) {
    return { sent: { ...head, value: given.value === true || given.value === 'true' }, resolved: {} };
  }
  if (type === COMPONENT.RADIO_GROUP) {
    const { values } = pick(place, field, chosen());
    return { sent: { ...head, value: values[0] ?? null }, resolved: {} };
  }
  if (isSelect(type) || type === COMPONENT.CHECKBOX_GROUP) {
    const { values, resolved } = pick(place, field, chosen());
    return { sent: { ...head, values, ...(Object.keys(resolved).length > 0 && { resolved }) }, resolved };
  }
  // Nobody uploads files here by hand; a form that wants none can be sent without.
  if (type === COMPONENT.FILE_UPLOAD && field.required === false)
    return { sent: { ...head, values: [] }, resolved: {} };
  throw refuse(`The sandbox cannot fill in a component of type ${type}.`);
}

type Submitted = { readonly components: readonly object[]; readonly resolved: Resolved };

/** The modal as it is sent back: labels with one component, or rows of the older kind. */
export function submitted(place: Place, modal: OpenModal, fields: Fields): Submitted {
  const known = everyComponent(modal.components).flatMap(({ custom_id }) => custom_id ?? []);
  const stranger = Object.keys(fields).find((key) => !known.includes(key));
  if (stranger !== undefined) throw refuse(`The modal "${modal.title}" has no field "${stranger}".`);
  const found: Resolved[] = [];
  const answer = (field: Component, label: string): object => {
    const { sent, resolved } = answered(place, field, { value: fields[field.custom_id ?? ''], label });
    found.push(resolved);
    return sent;
  };
  const components = modal.components.map(({ type, id, component, components: inside, label = '' }) => {
    if (component) return { type, id, component: answer(component, label) };
    if (inside) return { type, id, components: inside.map((one) => answer(one, one.label ?? one.custom_id ?? '')) };
    return { type, id };
  });
  return { components, resolved: merged(found) };
}
