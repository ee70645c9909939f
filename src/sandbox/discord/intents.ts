import { z } from 'zod';
import { isBotIn } from './membership.ts';
import type { Dispatch, World } from './world.ts';

export const INTENT = {
  GUILDS: 1 << 0,
  GUILD_MESSAGES: 1 << 9,
  GUILD_REACTIONS: 1 << 10,
  DIRECT_MESSAGES: 1 << 12,
  MESSAGE_CONTENT: 1 << 15,
} as const;

/** Every bit that Discord knows today; the second kind must be enabled for an application: of them this one may have one. */
const KNOWN_INTENTS = 0b11_0011_0001_1111_1111_1111_1111;
const PRIVILEGED_INTENTS = (1 << 1) | (1 << 8) | INTENT.MESSAGE_CONTENT;

/** The close code for intents that Discord does not give. */
export function intentProblem(
  intents: number,
  { mayReadMessages }: Pick<World, 'mayReadMessages'>,
): readonly [code: number, reason: string] | undefined {
  if (intents < 0 || (intents & ~KNOWN_INTENTS) !== 0) return [4013, 'Invalid intent(s).'];
  const refused = PRIVILEGED_INTENTS & ~(mayReadMessages ? INTENT.MESSAGE_CONTENT : 0);
  return intents & refused ? [4014, 'Disallowed intent(s).'] : undefined;
}

const aboutMessage = z.looseObject({
  guild_id: z.string().optional(),
  author: z.looseObject({ id: z.string() }).optional(),
  mentions: z.array(z.looseObject({ id: z.string() })).optional(),
});

const ofGuild = z.object({ guild_id: z.string() });

/** What happens in a server that the bot was removed from is no longer told. */
function isElsewhere({ t, d }: Dispatch, world: World): boolean {
  const { data } = ofGuild.safeParse(d);
  return t !== 'GUILD_DELETE' && !isBotIn(world, data && world.guilds.get(data.guild_id));
}

/** What a session with these intents is told of a fact; undefined: nothing. Interactions need no intent. */
export function audienceOf(fact: Dispatch, intents: number, world: World): unknown {
  if (isElsewhere(fact, world)) return undefined;
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
