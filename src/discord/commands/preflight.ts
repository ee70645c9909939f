import { PermissionFlagsBits } from 'discord-api-types/v10';
import { holds } from '#discord/actor-of.ts';
import type { Context } from '#discord/command.ts';

type Need = readonly [bit: bigint, name: string];

const SEE: Need = [PermissionFlagsBits.ViewChannel, 'View Channel'];
const SEND: Need = [PermissionFlagsBits.SendMessages, 'Send Messages'];
const SEND_IN_THREADS: Need = [PermissionFlagsBits.SendMessagesInThreads, 'Send Messages in Threads'];
const EMBED: Need = [PermissionFlagsBits.EmbedLinks, 'Embed Links'];
const MAKE_THREADS: Need = [PermissionFlagsBits.CreatePublicThreads, 'Create Public Threads'];

export type Preflight = { readonly missing: readonly string[]; readonly warning: string | null };

/** What the bot could not do here, said before anything is recorded. In a thread, Send Messages counts for nothing. */
export function preflight({ appPermissions, isThread }: Context): Preflight {
  const lacks = (needs: readonly Need[]) =>
    needs.filter(([bit]) => !holds(appPermissions, bit)).map(([, name]) => name);
  const threads = isThread ? [] : lacks([MAKE_THREADS, SEND_IN_THREADS]);
  return {
    missing: lacks([SEE, isThread ? SEND_IN_THREADS : SEND, EMBED]),
    warning:
      threads.length === 0
        ? null
        : `⚠️ I cannot open a thread here (missing: ${threads.join(', ')}), so progress is shown on the card only.`,
  };
}
