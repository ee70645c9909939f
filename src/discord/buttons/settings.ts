import type { MessageBody } from '#discord/cards/body.ts';
import { noticesPanel } from '#discord/panels/notices.ts';
import { rolesPanel } from '#discord/panels/roles.ts';
import { afterChange } from '#discord/panels/settings.ts';
import type { Reply } from '#discord/reply.ts';
import { words } from '#discord/words/words.ts';
import { APPROVER_NOTICES, changeSettings, type Settings } from '#guilds/settings.ts';
import { Refusal } from '#kernel/errors.ts';
import type { Button } from './press.ts';

const showing =
  (panel: (settings: Settings) => MessageBody) =>
  (settings: Settings): Reply => ({ kind: 'update', body: panel(settings) });

/** Saved at once; the panel then shows what holds. */
export const roles: Button<'roles'> = {
  operation: 'settings.change',
  async run(context, { target, values }) {
    const change = target === 'create' ? { create_roles: values } : { confirm_roles: values };
    return afterChange(context, await changeSettings(context.rpc, context.actor, change), showing(rolesPanel));
  },
};

function noticeOf(values: readonly string[]) {
  const how = APPROVER_NOTICES.find((one) => one === values[0]);
  if (!how) throw new Refusal('unknown_choice', words().settings.notices.unknownChoice);
  return { approver_notice: how };
}

export const notice: Button<'notice'> = {
  operation: 'settings.change',
  async run(context, { target, values }) {
    const change = target === 'how' ? noticeOf(values) : { approver_people: values };
    return afterChange(context, await changeSettings(context.rpc, context.actor, change), showing(noticesPanel));
  },
};
