import { PermissionFlagsBits } from 'discord-api-types/v10';
import { holds } from '#discord/actor-of.ts';
import type { Context } from '#discord/command.ts';
import { type Words, words } from '#discord/words/words.ts';

type Need = readonly [bit: bigint, name: keyof Words['door']['place']['permissions']];

const SEE: Need = [PermissionFlagsBits.ViewChannel, 'see'];
const SEND: Need = [PermissionFlagsBits.SendMessages, 'send'];
const SEND_IN_THREADS: Need = [PermissionFlagsBits.SendMessagesInThreads, 'sendInThreads'];
const EMBED: Need = [PermissionFlagsBits.EmbedLinks, 'embed'];
const MAKE_THREADS: Need = [PermissionFlagsBits.CreatePublicThreads, 'makeThreads'];

export type Preflight = { readonly missing: readonly string[]; readonly warning: string | null };

/** What the bot could not do here, said before anything is recorded. In a thread, Send Messages counts for nothing. */
export function preflight({ appPermissions, isThread }: Context): Preflight {
  const { permissions, noThreadHere } = words().door.place;
  const lacks = (needs: readonly Need[]) =>
    needs.filter(([bit]) => !holds(appPermissions, bit)).map(([, name]) => permissions[name]);
  const threads = isThread ? [] : lacks([MAKE_THREADS, SEND_IN_THREADS]);
  return {
    missing: lacks([SEE, isThread ? SEND_IN_THREADS : SEND, EMBED]),
    warning: threads.length === 0 ? null : noThreadHere(threads.join(', ')),
  };
}
