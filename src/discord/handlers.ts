import type { RESTPutAPIApplicationCommandsJSONBody } from 'discord-api-types/v10';
import { done, type Handler } from '#kernel/handler.ts';
import { idIn } from '#kernel/ids.ts';
import { patient, patiently } from '#kernel/patience.ts';
import { prunesHourly } from '#kernel/prune.ts';
import { announceWaiting } from './announce.ts';
import { registerCommands } from './register-commands.ts';
import type { SendDeps } from './send.ts';
import { showSubject } from './show.ts';

export type DiscordHandlerDeps = Omit<SendDeps, 'monotonic'> &
  Partial<Pick<SendDeps, 'monotonic'>> & {
    readonly appId: string | undefined;
    readonly commands: RESTPutAPIApplicationCommandsJSONBody;
  };

const REGISTER_AGAIN_MS = 15_000;

/** What Discord's side does, by the names of its subscriptions. */
export function discordHandlers(
  given: DiscordHandlerDeps,
): Record<'discord.show' | 'discord.announce' | 'discord.register' | 'discord.park_guild' | 'discord.prune', Handler> {
  const deps: SendDeps = { monotonic: () => performance.now(), ...given };
  const { client, log, appId, commands } = given;
  return {
    'discord.show': patient(showSubject(deps)),
    'discord.announce': patient(announceWaiting(deps)),
    'discord.park_guild': async ({ key }) => {
      await deps.rpc('park_guild', { guild_id: idIn(key) });
      return done;
    },
    'discord.prune': prunesHourly(deps.rpc, 'prune_messages'),
    // At each start, and again while Discord is away: commands that changed with a release must become known.
    'discord.register': () =>
      patiently({ pauseMs: REGISTER_AGAIN_MS }, async () => {
        await registerCommands({ client, appId, commands, log });
        return done;
      }),
  };
}
