import type { Command, CommandGroup, MessageCommand } from '#discord/command.ts';
import { canI } from './can-i.ts';
import { config } from './config.ts';
import { jules } from './jules.ts';
import { limits } from './limits.ts';
import { sendToJules } from './send-to-jules.ts';
import { task } from './task.ts';
import { tasks } from './tasks.ts';

/** The only list of commands: the handler and the registration both read it. */
export const COMMANDS: readonly (Command | CommandGroup)[] = [jules, tasks, task, canI, limits, config];

/** In the menus of messages. */
export const MESSAGE_COMMANDS: readonly MessageCommand[] = [sendToJules];
