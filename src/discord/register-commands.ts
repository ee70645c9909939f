import type { RESTPutAPIApplicationCommandsJSONBody } from 'discord-api-types/v10';
import type { Log } from '#kernel/log.ts';
import type { DiscordClient } from './client.ts';

/** What a definition can say; the rest of what Discord lists (ids, versions) is its own. */
const SAID = new Set([
  'name',
  'name_localizations',
  'description',
  'description_localizations',
  'type',
  'options',
  'choices',
  'value',
  'required',
  'autocomplete',
  'min_value',
  'max_value',
  'min_length',
  'max_length',
  'channel_types',
  'default_member_permissions',
  'contexts',
  'integration_types',
  'nsfw',
]);
/** Discord lists a default where it was left out, and the other way round. */
const isEmpty = (value: unknown) =>
  value === null ||
  value === undefined ||
  value === false ||
  value === '' ||
  (Array.isArray(value) && value.length === 0);

const isByLocale = (key: string) => key.endsWith('_localizations');
const inOrderOfKeys = (words: unknown) =>
  Object.entries(Object(words)).sort(([one], [other]) => one.localeCompare(other));

/** A definition as both sides would write it: sorted keys, defaults left out. A command of type 1 need not say so. */
function plain(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) return value.map((one) => plain(one, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => SAID.has(key) && !isEmpty(inner) && !(depth === 1 && key === 'type' && inner === 1))
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([key, inner]) => [key, isByLocale(key) ? inOrderOfKeys(inner) : plain(inner, depth + 1)]),
  );
}

type Named = { readonly name: string };
const inOrder = (commands: readonly Named[]) =>
  JSON.stringify(plain(commands.toSorted((one, other) => one.name.localeCompare(other.name))));

export type Registration = {
  readonly client: Pick<DiscordClient, 'readApplication' | 'readCommands' | 'putCommands'>;
  /** Read from Discord where it is not given. */
  readonly appId?: string | undefined;
  readonly commands: RESTPutAPIApplicationCommandsJSONBody;
  readonly log: Log;
};

/**
 * Registers the commands where Discord has others: what it lists is the truth, so one that was registered by an older
 * release, or removed by hand, is mended at the next start, and equal ones cost a single read.
 */
export async function registerCommands({ client, appId, commands, log }: Registration) {
  const id = appId ?? (await client.readApplication()).id;
  const registered = await client.readCommands(id);
  if (inOrder(registered) === inOrder(commands)) return 'unchanged' as const;
  await client.putCommands(id, commands);
  log.info({ commands: commands.map(({ name }) => name) }, 'The commands were registered');
  return 'registered' as const;
}
