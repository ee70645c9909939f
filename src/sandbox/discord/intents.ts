import { z } from 'zod';
import type { Dispatch, World } from './world.ts';

export const INTENT = {
  GUILDS: 1 << 0,
  GUILD_MESSAGES: 1 << 9,
  GUILD_REACTIONS: 1 << 10,
  DIRECT_MESSAGES: 1 << 12,
  MESSAGE_CONTENT: 1 << 15,
} as const;

const aboutMessage = z.looseObject({
  guild_id: z.string().optional(),
  author: z.object({ id: z.string() }).optional(),
  mentions: z.array(z.object({ id: z.string() })).optional(),
});

/** What a session with these intents is told of a fact; undefined: nothing. Interactions need no intent. */
export function audienceOf(fact: Dispatch, intents: number, world: World): unknown {
  if (fact.t === 'INTERACTION_CREATE') return fact.d;
  if (/^(CHANNEL|THREAD|GUILD)_/.test(fact.t)) return intents & INTENT.GUILDS ? fact.d : undefined;
  if (!fact.t.startsWith('MESSAGE_')) return undefined;
  const about = aboutMessage.parse(fact.d);
  const isDirect = about.guild_id === undefined;
  if (fact.t.startsWith('MESSAGE_REACTION')) return intents & INTENT.GUILD_REACTIONS ? fact.d : undefined;
  if (!(intents & (isDirect ? INTENT.DIRECT_MESSAGES : INTENT.GUILD_MESSAGES))) return undefined;
  const isOpen =
    isDirect ||
    (intents & INTENT.MESSAGE_CONTENT) !== 0 ||
    about.author?.id === world.bot.id ||
    about.mentions?.some(({ id }) => id === world.bot.id);
  if (isOpen || !about.author) return about;
  return { ...about, content: '', embeds: [], components: [], attachments: [] };
}
