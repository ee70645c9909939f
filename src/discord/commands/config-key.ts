import { defineCommand } from '#discord/command.ts';
import { keyPanel } from '#discord/panels/keys.ts';
import { withSettings } from '#discord/panels/settings.ts';

export const configKey = defineCommand({
  name: 'key',
  description: 'The Jules keys of this server and of you',
  operation: 'settings.read',
  options: {},
  run: (context) =>
    withSettings(context, (settings) => ({ kind: 'message', ephemeral: true, body: keyPanel(settings) })),
});
