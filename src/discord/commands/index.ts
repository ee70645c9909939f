import type { Command, CommandGroup } from '#discord/command.ts';
import { canI } from './can-i.ts';
import { config } from './config.ts';
import { jules } from './jules.ts';
import { limits } from './limits.ts';
import { task } from './task.ts';
import { tasks } from './tasks.ts';

/** The only list of commands: the handler and the registration both read it. */
export const COMMANDS: readonly (Command | CommandGroup)[] = [jules, tasks, task, canI, limits, config];
