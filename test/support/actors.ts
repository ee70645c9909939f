import type { Actor } from '#kernel/actor.ts';

/** Somebody in a server, without any role unless said. */
export function anActor(facts: Partial<Actor> = {}): Actor {
  return {
    id: '100000000000000001',
    name: 'somebody',
    guild: '900000000000000001',
    guild_name: 'a server',
    channel: '200000000000000001',
    parent_channel: null,
    roles: [],
    admin: false,
    door: 'gateway',
    command: '/test',
    correlation: crypto.randomUUID(),
    ...facts,
  };
}
