import type { CommandGroup } from '#discord/command.ts';
import { configKey } from './config-key.ts';
import { configNotices } from './config-notices.ts';
import { configChannel, configRepo } from './config-repo.ts';
import { configRoles } from './config-roles.ts';

export const config: CommandGroup = {
  name: 'config',
  description: 'Settings of this server and of you',
  subcommands: [configRoles, configRepo, configChannel, configKey, configNotices],
};
