import type { CommandGroup } from '#discord/command.ts';
import { configAllow, configGrant } from './config-access.ts';
import { configApproval } from './config-approval.ts';
import { configAddKey, configKey, configRemoveKey } from './config-key.ts';
import { configLanguage } from './config-language.ts';
import { configMe } from './config-me.ts';
import { configNotices } from './config-notices.ts';
import { configPause } from './config-pause.ts';
import { configChannel, configRepo } from './config-repo.ts';
import { configRoles } from './config-roles.ts';

export const config: CommandGroup = {
  name: 'config',
  description: 'Settings of this server and of you',
  subcommands: [
    configRoles,
    configGrant,
    configAllow,
    configApproval,
    configNotices,
    configLanguage,
    configMe,
    configRepo,
    configChannel,
    configKey,
    configAddKey,
    configRemoveKey,
    configPause,
  ],
};
