import { discordMutants } from './discord.ts';
import { doorMutants } from './doors.ts';
import { eventMutants } from './events.ts';
import { guildMutants } from './guilds.ts';
import { julesMutants } from './jules.ts';
import type { Mutant } from './mutant.ts';
import { sessionMutants } from './sessions.ts';
import { taskMutants } from './tasks.ts';

/** Every mutant that some test must kill, room by room. */
export const MUTANTS: readonly Mutant[] = [
  ...eventMutants,
  ...discordMutants,
  ...doorMutants,
  ...julesMutants,
  ...sessionMutants,
  ...taskMutants,
  ...guildMutants,
];
