import { defineCommand } from '#discord/command.ts';
import { noticesPanel } from '#discord/panels/notices.ts';
import { withSettings } from '#discord/panels/settings.ts';

export const configNotices = defineCommand({
  name: 'notices',
  description: 'How approvers hear that a task waits for them',
  operation: 'settings.read',
  options: {},
  run: (context) =>
    withSettings(context, (settings) => ({ kind: 'message', ephemeral: true, body: noticesPanel(settings) })),
});
