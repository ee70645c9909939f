import { customId, POOL } from '#discord/custom-id.ts';
import { dotted, keyOf, keyPanel, removalPanel } from '#discord/panels/keys.ts';
import { withSettings } from '#discord/panels/settings.ts';
import { refusedByGate } from '#discord/refused.ts';
import { ask, type Reply, refuse } from '#discord/reply.ts';
import { words } from '#discord/words/words.ts';
import { addKey, type KeyOwner, type Plan, removeKey } from '#guilds/add-key.ts';
import type { Settings } from '#guilds/settings.ts';
import type { Button } from './press.ts';

const panel = (settings: Settings, done?: string): Reply => ({ kind: 'update', body: keyPanel(settings, done) });

const mayNotChange = () => refusedByGate({ kind: 'not_permitted', operation: 'settings.change', roles: [] });
const mayTouch = (settings: Settings, owner: KeyOwner) => owner === 'person' || settings.may_change;

const noKey = (owner: KeyOwner) => refuse('no_key', words().keys.notThere[owner]);

function keyDialog(customId: string, whose: KeyOwner | 'beside'): Reply {
  const { title, label, about, placeholder } = words().keys.dialog;
  return ask({
    customId,
    title: title[whose],
    label,
    about,
    placeholder,
    isLong: false,
    minLength: 16,
    maxLength: 400,
  });
}

const dialog = (owner: KeyOwner) => keyDialog(customId('key-enter', owner), owner);

/** For one key more beside those of the server. */
export const poolDialog = (plan: Plan, role: string | undefined, channel: string | undefined) =>
  keyDialog(customId('key-add', `${plan}.${role ?? 0}.${channel ?? 0}`), 'beside');

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
    const done = `${words().keys.stored[target](dotted(outcome.last4))}\n`;
    return withSettings(context, (settings) => panel(settings, done));
  },
};

const idOrNone = (id: string | undefined) => (id === undefined || id === '0' ? null : id);

export const keyAdd: Button<'key-add'> = {
  operation: 'settings.change',
  async run(context, { target, answer }) {
    const [, plan, role, channel] = POOL.exec(target) ?? [];
    const pool = { role: idOrNone(role), channel: idOrNone(channel) };
    const wish = { owner: 'server', key: answer, plan: plan as Plan, pool } as const;
    const outcome = await addKey(context.keys, context.actor, wish);
    if (outcome.kind !== 'stored') return refusedByGate(outcome);
    const { storedBeside, limitsKept } = words().keys;
    const kept = outcome.limits_kept ? ` ${limitsKept}` : '';
    const done = `${storedBeside(dotted(outcome.last4))}${kept}\n`;
    return withSettings(context, (settings) => ({
      kind: 'message',
      ephemeral: true,
      body: keyPanel(settings, done),
    }));
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
    if (outcome.kind === 'no_key') return noKey(target);
    if (outcome.kind !== 'removed') return refusedByGate(outcome);
    return withSettings(context, (settings) => panel(settings, `${words().keys.removed[target]}\n`));
  },
};

export const keyKeep: Button<'key-keep'> = {
  operation: 'settings.read',
  run: (context, { target }) => withSettings(context, (settings) => panel(settings, `${words().keys.kept[target]}\n`)),
};
