import { type APIRoleSelectComponent, ComponentType, SelectMenuDefaultValueType } from 'discord-api-types/v10';
import type { MessageBody, Row } from '#discord/cards/body.ts';
import { customId } from '#discord/custom-id.ts';
import { says } from '#discord/reply.ts';
import { roleList } from '#discord/role-list.ts';
import { words } from '#discord/words/words.ts';
import type { Settings } from '#guilds/settings.ts';

/** Discord's most for one select. */
const MOST = 25;

function roleSelect(which: 'create' | 'confirm', roles: readonly string[]): Row {
  const select: APIRoleSelectComponent = {
    type: ComponentType.RoleSelect,
    custom_id: customId('roles', which),
    placeholder: words().settings.roles.select[which],
    min_values: 0,
    max_values: MOST,
    default_values: roles.slice(0, MOST).map((id) => ({ id, type: SelectMenuDefaultValueType.Role })),
  };
  return { type: ComponentType.ActionRow, components: [select] };
}

/** Who may do what, with two selects that save at once; without them for people who may not change it. */
export function rolesPanel(settings: Settings): MessageBody {
  const { create_roles: create, confirm_roles: confirm } = settings;
  const { common, settings: said } = words();
  const { roles } = said;
  const sentence = [
    roles.mayStart(roleList(create, roles.nobodyStarts)),
    roles.mayConfirm(roleList(confirm, roles.nobodyConfirms)),
    roles.confirmersStart,
    ...(Math.max(create.length, confirm.length) > MOST ? [roles.replacesAll(MOST)] : []),
    settings.may_change ? common.savedAtOnce : common.onlyManagers,
  ].join('\n');
  return says(sentence, settings.may_change ? [roleSelect('create', create), roleSelect('confirm', confirm)] : []);
}
