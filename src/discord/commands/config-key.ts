import { poolDialog } from '#discord/buttons/key.ts';
import { defineCommand } from '#discord/command.ts';
import { keyPanel } from '#discord/panels/keys.ts';
import { withSettings } from '#discord/panels/settings.ts';
import { refusedByGate } from '#discord/refused.ts';
import { refuse } from '#discord/reply.ts';
import { words } from '#discord/words/words.ts';
import { removeKey } from '#guilds/add-key.ts';
import { Refusal } from '#kernel/errors.ts';

export const configKey = defineCommand({
  name: 'key',
  description: 'The Jules keys of this server and of you',
  operation: 'settings.read',
  options: {},
  run: (context) =>
    withSettings(context, (settings) => ({ kind: 'message', ephemeral: true, body: keyPanel(settings) })),
});

export const configAddKey = defineCommand({
  name: 'add-key',
  description: 'One more Jules key beside those of the server: for everybody, a role or a channel',
  operation: 'settings.change',
  options: {
    plan: {
      kind: 'string',
      description: 'The plan of its account: free 15 a day and 3 at once, pro 100 and 15, ultra 300 and 60',
      choices: ['free', 'pro', 'ultra'],
      required: true,
    },
    role: { kind: 'role', description: 'Only for people with this role' },
    channel: { kind: 'channel', description: 'Only for tasks that are asked in this channel' },
  },
  run: (context, { plan, role, channel }) =>
    withSettings(context, ({ may_change }) =>
      may_change
        ? poolDialog(plan, role, channel)
        : refusedByGate({ kind: 'not_permitted', operation: 'settings.change', roles: [] }),
    ),
});

export const configRemoveKey = defineCommand({
  name: 'remove-key',
  description: 'Revoke one of several Jules keys of the server',
  operation: 'settings.change',
  options: {
    last_four: { kind: 'string', description: 'The last four characters, as /config key shows them', required: true },
  },
  async run(context, { last_four }) {
    const last4 = last_four.trim().replace(/^[•\s]+/, '');
    if (!/^[\x21-\x7e]{4}$/.test(last4)) {
      throw new Refusal('not_last_four', words().keys.notLastFour);
    }
    const outcome = await removeKey(context.rpc, context.actor, 'server', last4);
    if (outcome.kind === 'no_key') return refuse('no_key', words().keys.noSuchKey);
    if (outcome.kind !== 'removed') return refusedByGate(outcome);
    const done = `${words().keys.revoked(`•••• ${last4}`)}\n`;
    return withSettings(context, (settings) => ({ kind: 'message', ephemeral: true, body: keyPanel(settings, done) }));
  },
});
