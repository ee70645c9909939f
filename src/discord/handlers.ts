import type { Handler } from '#kernel/handler.ts';
import { announceWaiting } from './announce.ts';
import type { SendDeps } from './send.ts';
import { showSubject } from './show.ts';

export type DiscordHandlerDeps = Omit<SendDeps, 'monotonic'> & Partial<Pick<SendDeps, 'monotonic'>>;

/** What Discord's side does, by the names of its subscriptions. */
export function discordHandlers(given: DiscordHandlerDeps): Record<'discord.show' | 'discord.announce', Handler> {
  const deps: SendDeps = { monotonic: () => performance.now(), ...given };
  return { 'discord.show': showSubject(deps), 'discord.announce': announceWaiting(deps) };
}
