import {
  type APIStringSelectComponent,
  type APIUserSelectComponent,
  ComponentType,
  SelectMenuDefaultValueType,
} from 'discord-api-types/v10';
import type { MessageBody, Row } from '#discord/cards/body.ts';
import { customId } from '#discord/custom-id.ts';
import { says } from '#discord/reply.ts';
import { APPROVER_NOTICES, type ApproverNotice, type Settings } from '#guilds/settings.ts';
import { ONLY_MANAGERS } from './settings.ts';

const HOW: Record<ApproverNotice, { label: string; description: string }> = {
  role: { label: 'Mention the confirm roles', description: 'On the card, in the channel' },
  people: { label: 'Mention the people below', description: 'On the card, in the channel' },
  dm: { label: 'Direct message to the people below', description: 'With a link to the card' },
  nobody: { label: 'Tell nobody', description: 'The card stands in the channel, without a mention' },
};

const MOST = 25;

function selects({ notice }: Settings): Row[] {
  const how: APIStringSelectComponent = {
    type: ComponentType.StringSelect,
    custom_id: customId('notice', 'how'),
    options: APPROVER_NOTICES.map((value) => ({ value, ...HOW[value], default: value === notice.how })),
  };
  const people: APIUserSelectComponent = {
    type: ComponentType.UserSelect,
    custom_id: customId('notice', 'people'),
    placeholder: 'People who approve',
    min_values: 0,
    max_values: MOST,
    default_values: notice.people.slice(0, MOST).map((id) => ({ id, type: SelectMenuDefaultValueType.User })),
  };
  return [how, people].map((select) => ({ type: ComponentType.ActionRow, components: [select] }));
}

/** A choice that would reach nobody is said to be one. */
function gap({ notice, confirm_roles: roles }: Settings): string[] {
  if (notice.how === 'role' && roles.length === 0) {
    return ['⚠️ No confirm roles are set, so nobody is mentioned. Set them with `/config roles`.'];
  }
  const needsPeople = notice.how === 'people' || notice.how === 'dm';
  return needsPeople && notice.people.length === 0 ? ['⚠️ No people are chosen, so nobody is told.'] : [];
}

/** How approvers hear that a task waits. */
export function noticesPanel(settings: Settings): MessageBody {
  const { notice } = settings;
  const left = notice.people.length - MOST;
  const people = [
    ...notice.people.slice(0, MOST).map((id) => `<@${id}>`),
    ...(left > 0 ? [`and ${left} more, who are dropped when you choose anew`] : []),
  ];
  const sentence = [
    `**When a task waits for a decision:** ${HOW[notice.how].label.toLowerCase()}.`,
    `**People:** ${people.join(', ') || 'none chosen'}`,
    ...gap(settings),
    settings.may_change ? 'What you choose below is saved at once.' : ONLY_MANAGERS,
  ].join('\n');
  return says(sentence, settings.may_change ? selects(settings) : []);
}
