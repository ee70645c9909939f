import type { Command, CommandGroup } from '#discord/command.ts';
import { config } from './config.ts';
import { jules } from './jules.ts';

/** The only list of commands: the handler and the registration both read it. */
export const COMMANDS: readonly (Command | CommandGroup)[] = [jules, config];
