import {
  type APIStringSelectComponent,
  type APIUserSelectComponent,
  ComponentType,
  SelectMenuDefaultValueType,
} from 'discord-api-types/v10';
import type { MessageBody, Row } from '#discord/cards/body.ts';
import { customId } from '#discord/custom-id.ts';
import { says } from '#discord/reply.ts';
import { words } from '#discord/words/words.ts';
import { APPROVER_NOTICES, type Settings } from '#guilds/settings.ts';

const MOST = 25;

function selects({ notice }: Settings): Row[] {
  const { options, choosePeople } = words().settings.notices;
  const how: APIStringSelectComponent = {
    type: ComponentType.StringSelect,
    custom_id: customId('notice', 'how'),
    options: APPROVER_NOTICES.map((value) => ({ value, ...options[value], default: value === notice.how })),
  };
  const people: APIUserSelectComponent = {
    type: ComponentType.UserSelect,
    custom_id: customId('notice', 'people'),
    placeholder: choosePeople,
    min_values: 0,
    max_values: MOST,
    default_values: notice.people.slice(0, MOST).map((id) => ({ id, type: SelectMenuDefaultValueType.User })),
  };
  return [how, people].map((select) => ({ type: ComponentType.ActionRow, components: [select] }));
}

/** A choice that would reach nobody is said to be one. */
function gap({ notice, confirm_roles: roles }: Settings): string[] {
  const { noRolesSet, noPeopleChosen } = words().settings.notices;
  if (notice.how === 'role' && roles.length === 0) {
    return [noRolesSet];
  }
  const needsPeople = notice.how === 'people' || notice.how === 'dm';
  return needsPeople && notice.people.length === 0 ? [noPeopleChosen] : [];
}

/** How approvers hear that a task waits. */
export function noticesPanel(settings: Settings): MessageBody {
  const { notice } = settings;
  const {
    common,
    settings: { notices: said },
  } = words();
  const left = notice.people.length - MOST;
  const people = [
    ...notice.people.slice(0, MOST).map((id) => `<@${id}>`),
    ...(left > 0 ? [said.moreDropped(left)] : []),
  ];
  const sentence = [
    said.when[notice.how],
    people.length > 0 ? said.people(people.join(', ')) : said.noPeople,
    ...gap(settings),
    settings.may_change ? common.savedAtOnce : common.onlyManagers,
  ].join('\n');
  return says(sentence, settings.may_change ? selects(settings) : []);
}
