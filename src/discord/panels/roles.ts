import { type APIRoleSelectComponent, ComponentType, SelectMenuDefaultValueType } from 'discord-api-types/v10';
import type { MessageBody, Row } from '#discord/cards/body.ts';
import { customId } from '#discord/custom-id.ts';
import { says } from '#discord/reply.ts';
import { roleList } from '#discord/words.ts';
import type { Settings } from '#guilds/settings.ts';
import { ONLY_MANAGERS } from './settings.ts';

/** Discord's most for one select. */
const MOST = 25;

function roleSelect(which: 'create' | 'confirm', roles: readonly string[]): Row {
  const select: APIRoleSelectComponent = {
    type: ComponentType.RoleSelect,
    custom_id: customId('roles', which),
    placeholder: which === 'create' ? 'Who may start tasks' : 'Who may confirm and reject tasks',
    min_values: 0,
    max_values: MOST,
    default_values: roles.slice(0, MOST).map((id) => ({ id, type: SelectMenuDefaultValueType.Role })),
  };
  return { type: ComponentType.ActionRow, components: [select] };
}

/** Who may do what, with two selects that save at once; without them for people who may not change it. */
export function rolesPanel(settings: Settings): MessageBody {
  const { create_roles: create, confirm_roles: confirm } = settings;
  const sentence = [
    `**May start tasks:** ${roleList(create, 'nobody but Manage Server and those who may confirm')}`,
    `**May confirm and reject:** ${roleList(confirm, 'nobody but Manage Server')}`,
    'Whoever may confirm may also start tasks, and theirs start at once.',
    ...(Math.max(create.length, confirm.length) > MOST
      ? [`⚠️ A select holds ${MOST} roles: what you choose replaces all that are set.`]
      : []),
    settings.may_change ? 'What you choose below is saved at once.' : ONLY_MANAGERS,
  ].join('\n');
  return says(sentence, settings.may_change ? [roleSelect('create', create), roleSelect('confirm', confirm)] : []);
}
