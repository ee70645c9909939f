import {
  type APIInteraction,
  type APIMessageComponentInteraction,
  type APIModalSubmitInteraction,
  ComponentType,
} from 'discord-api-types/v10';
import { z } from 'zod';
import { Refusal } from '#kernel/errors.ts';
import type { OptionSpec } from './command.ts';
import { type CustomId, readCustomId } from './custom-id.ts';
import { words } from './words/words.ts';

/** The same for what is in another server and for what never was, so that nobody learns which. */
export const notHere = () => new Refusal('not_here', words().door.notHere);

/** With every role, channel and person that is named Discord sends what they are; it knows none of another server. */
const resolved = z.object({
  roles: z.record(z.string(), z.unknown()).default({}),
  channels: z.record(z.string(), z.unknown()).default({}),
  users: z.record(z.string(), z.unknown()).default({}),
});
type Resolved = z.output<typeof resolved>;

function resolvedIn({ data }: Pick<APIInteraction, 'data'>): Resolved {
  const given = data && 'resolved' in data ? data.resolved : undefined;
  return resolved.parse(given ?? {});
}

const KIND_OF: Partial<Record<OptionSpec['kind'], keyof Resolved>> = {
  role: 'roles',
  channel: 'channels',
  user: 'users',
};

type Named = { readonly kind: OptionSpec['kind']; readonly id: string };

/** Whether Discord vouches for every role, channel and person that the options name. */
export function areNamed(payload: APIInteraction, options: readonly Named[]): boolean {
  const known = resolvedIn(payload);
  return options.every(({ kind, id }) => {
    const among = KIND_OF[kind];
    return among === undefined || Object.hasOwn(known[among], id);
  });
}

const SELECT_OF: Partial<Record<ComponentType, keyof Resolved>> = {
  [ComponentType.RoleSelect]: 'roles',
  [ComponentType.ChannelSelect]: 'channels',
  [ComponentType.UserSelect]: 'users',
};

type Pressed = APIMessageComponentInteraction | APIModalSubmitInteraction;

/** What was chosen in a select, without what is no longer here (a role that was deleted); null where nothing of it is. */
export function valuesHere(payload: Pressed): readonly string[] | null {
  const { data } = payload;
  if (!('values' in data)) return [];
  const among = SELECT_OF[data.component_type];
  if (among === undefined) return data.values;
  const known = resolvedIn(payload)[among];
  const here = data.values.filter((id) => Object.hasOwn(known, id));
  return data.values.length > 0 && here.length === 0 ? null : here;
}

type Part = { readonly custom_id?: unknown; readonly components?: readonly unknown[]; readonly accessory?: unknown };
const isPart = (value: unknown): value is Part => typeof value === 'object' && value !== null;

function customIdsOf(parts: readonly unknown[]): string[] {
  return parts
    .filter(isPart)
    .flatMap(({ custom_id: id, components = [], accessory }) => [
      ...(typeof id === 'string' ? [id] : []),
      ...customIdsOf([...components, accessory]),
    ]);
}

/** What is after it says which words, plan or question of a task: that may have changed while a dialog stood open. */
const subjectOf = (target: string) => target.split('.')[0];

/**
 * A component belongs to the message that Discord says it was used on, and a dialog to one with a component about the
 * same task: an id that was carried to another message is nobody's. A dialog of a command has no message.
 */
export function isOnItsMessage({ message, data }: Pressed, { target }: CustomId): boolean {
  if (!message) return !('component_type' in data);
  const ids = customIdsOf(message.components ?? []);
  if ('component_type' in data) return ids.includes(data.custom_id);
  return ids.some((id) => subjectOf(readCustomId(id)?.target ?? '') === subjectOf(target));
}
