import { customId } from '#discord/custom-id.ts';
import { keyOf, keyPanel, removalPanel } from '#discord/panels/keys.ts';
import { withSettings } from '#discord/panels/settings.ts';
import { refusedByGate } from '#discord/refused.ts';
import { ask, type Reply, refuse } from '#discord/reply.ts';
import { inline } from '#discord/text.ts';
import { capital, KEY } from '#discord/words.ts';
import { addKey, type KeyOwner, removeKey } from '#guilds/add-key.ts';
import type { Settings } from '#guilds/settings.ts';
import type { Button } from './press.ts';

const panel = (settings: Settings, done?: string): Reply => ({ kind: 'update', body: keyPanel(settings, done) });

const mayNotChange = () => refusedByGate({ kind: 'not_permitted', operation: 'settings.change', roles: [] });
const mayTouch = (settings: Settings, owner: KeyOwner) => owner === 'person' || settings.may_change;

const noKey = (owner: KeyOwner) =>
  refuse('no_key', `${capital(KEY[owner].you)} was not there, so nothing was removed.`);

const dialog = (owner: KeyOwner) =>
  ask({
    customId: customId('key-enter', owner),
    title: owner === 'server' ? 'Jules key of this server' : 'Your own Jules key',
    label: 'Jules API key',
    about: 'From jules.google.com/settings#api. Stored sealed; only its last four characters are shown.',
    placeholder: 'Paste the key',
    isLong: false,
    minLength: 16,
    maxLength: 400,
  });

/** Opens the modal for those who may send it; nothing is stored before it is sent. */
export const key: Button<'key'> = {
  operation: 'settings.read',
  run: async (context, { target }) =>
    withSettings(context, (settings) => (mayTouch(settings, target) ? dialog(target) : mayNotChange())),
};

export const keyEnter: Button<'key-enter'> = {
  operation: 'settings.change',
  async run(context, { target, answer }) {
    const outcome = await addKey(context.keys, context.actor, { owner: target, key: answer });
    if (outcome.kind !== 'stored') return refusedByGate(outcome);
    const done = `🔑 ${capital(KEY[target].you)} is stored: •••• ${inline(outcome.last4, 12)}. One that was there before is revoked. Jules is asked for its repositories now; try \`/jules\` in a few seconds. Should Jules refuse the key, you hear it by direct message.\n`;
    return withSettings(context, (settings) => panel(settings, done));
  },
};

/** Asks back first, in the panel's own place; nothing is removed by this. */
export const keyRemove: Button<'key-remove'> = {
  operation: 'settings.read',
  run: (context, { target }) =>
    withSettings(context, (settings) => {
      if (!mayTouch(settings, target)) return mayNotChange();
      const found = keyOf(settings, target);
      return found ? { kind: 'update', body: removalPanel(target, found.last4) } : noKey(target);
    }),
};

export const keyRevoke: Button<'key-revoke'> = {
  operation: 'settings.change',
  async run(context, { target }) {
    const outcome = await removeKey(context.rpc, context.actor, target);
    if (outcome.kind === 'not_permitted' || outcome.kind === 'not_in_a_server') return refusedByGate(outcome);
    if (outcome.kind === 'no_key') return noKey(target);
    return withSettings(context, (settings) => panel(settings, `${capital(KEY[target].you)} is removed.\n`));
  },
};

export const keyKeep: Button<'key-keep'> = {
  operation: 'settings.read',
  run: (context, { target }) =>
    withSettings(context, (settings) => panel(settings, `${capital(KEY[target].you)} stays.\n`)),
};
