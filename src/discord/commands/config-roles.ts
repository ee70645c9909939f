import { defineCommand } from '#discord/command.ts';
import { rolesPanel } from '#discord/panels/roles.ts';
import { withSettings } from '#discord/panels/settings.ts';

export const configRoles = defineCommand({
  name: 'roles',
  description: 'Who may start tasks and who may confirm them',
  operation: 'settings.read',
  options: {},
  run: (context) =>
    withSettings(context, (settings) => ({ kind: 'message', ephemeral: true, body: rolesPanel(settings) })),
});
