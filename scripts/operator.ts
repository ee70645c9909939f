import type { Actor } from '#kernel/actor.ts';

type Operator = { readonly id?: string | undefined; readonly guild?: string | undefined };

/** Who runs a command of the operator's: on behalf of a person or within a server where it names one. */
export function operator(command: string, { id = 'operator', guild }: Operator = {}): Actor {
  return {
    id,
    name: 'operator',
    guild: guild ?? null,
    guild_name: null,
    channel: null,
    parent_channel: null,
    roles: [],
    admin: true,
    door: 'operator',
    command,
    correlation: crypto.randomUUID(),
  };
}
