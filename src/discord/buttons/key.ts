import { keyPanel } from '#discord/commands/config-key.ts';
import { withSettings } from '#discord/commands/settings-read.ts';
import { customId } from '#discord/custom-id.ts';
import { refusedByGate } from '#discord/refused.ts';
import { ask, refuse, tell } from '#discord/reply.ts';
import { inline } from '#discord/text.ts';
import { addKey, type KeyOwner, removeKey } from '#guilds/add-key.ts';
import type { Button } from './press.ts';

const WHOSE: Record<KeyOwner, string> = { server: 'The server key', person: 'Your key' };

/** Opens the modal; nothing is stored, and nothing checked, before it is sent. */
export const key: Button<'key'> = {
  operation: 'settings.read',
  run: async (_context, { target }) =>
    ask({
      customId: customId('key-enter', target),
      title: target === 'server' ? 'Jules key of this server' : 'Your own Jules key',
      label: 'Jules API key',
      about: 'From jules.google.com/settings#api. Stored sealed; only its last four characters are shown.',
      placeholder: 'Paste the key',
      isLong: false,
      minLength: 16,
      maxLength: 400,
    }),
};

export const keyEnter: Button<'key-enter'> = {
  operation: 'settings.change',
  async run({ keys, actor }, { target, answer }) {
    const outcome = await addKey(keys, actor, { owner: target, key: answer });
    if (outcome.kind !== 'stored') return refusedByGate(outcome);
    return tell(
      `🔑 ${WHOSE[target]} is stored: •••• ${inline(outcome.last4, 12)}. One that was there before is revoked. Jules is asked for its repositories now; try \`/jules\` in a few seconds. Should Jules refuse the key, you hear it by direct message.`,
    );
  },
};

export const keyRemove: Button<'key-remove'> = {
  operation: 'settings.change',
  async run(context, { target }) {
    const outcome = await removeKey(context.rpc, context.actor, target);
    if (outcome.kind === 'not_permitted' || outcome.kind === 'not_in_a_server') return refusedByGate(outcome);
    if (outcome.kind === 'no_key') return refuse('no_key', `${WHOSE[target]} was not there, so nothing was removed.`);
    return withSettings(context, (settings) => ({ kind: 'update', body: keyPanel(settings) }));
  },
};
