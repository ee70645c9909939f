import type { APIEmbedField } from 'discord-api-types/v10';
import type { Relative, TaskView } from '#tasks/task.ts';
import { ago, isLink } from './body.ts';
import { count, counted } from './clip.ts';

/** Where the cards of a task's parent and children are, by the ids of those tasks; one that is not there has no link. */
export type KinLinks = Readonly<Record<string, string | undefined>>;

const PARENT: Record<Relative['as'], (number: string) => string> = {
  retry: (number) => `retry of ${number}`,
  follow_up: (number) => `follow-up on ${number}`,
};
const CHILD: Record<Relative['as'], (number: string) => string> = {
  retry: (number) => `retried as ${number}`,
  follow_up: (number) => `followed up by ${number}`,
};

/** Many could be made of one; the newest are looked for. */
const CHILDREN_SHOWN = 4;

function line({ id, number, as }: Relative, words: typeof PARENT, links: KinLinks): string {
  const link = links[id];
  return words[as](isLink(link) ? `[#${number}](${link})` : `#${number}`);
}

/** What it was made from, and what was made from it. */
export function kinFields({ parent, children }: TaskView, links: KinLinks = {}): APIEmbedField[] {
  const left = children.length - CHILDREN_SHOWN;
  const lines = [
    ...(parent ? [line(parent, PARENT, links)] : []),
    ...children.slice(0, CHILDREN_SHOWN).map((child) => line(child, CHILD, links)),
    ...(left > 0 ? [`-# … and ${count(left)} before`] : []),
  ];
  return lines.length > 0 ? [{ name: 'Belongs to', value: lines.join('\n') }] : [];
}

/** Who approved other words must see that they did. */
export function editedFields({ edited, status }: TaskView): APIEmbedField[] {
  if (edited === null || status !== 'pending_confirmation') return [];
  const approvals = counted(edited.void, 'approval');
  const gone =
    edited.void === 0 ? '' : `, after ${approvals}, which no longer ${edited.void === 1 ? 'counts' : 'count'}`;
  return [{ name: '✏️ Edited', value: `${ago(edited.at)}${gone}` }];
}

const WHOSE: Record<NonNullable<TaskView['plan_from']>, (task: TaskView) => string> = {
  option: ({ requester }) => `as <@${requester}> asked for`,
  person: ({ requester }) => `as <@${requester}> has it`,
  server: () => 'as this server has it',
};

/** Only where people read it: that it runs by itself needs no words. */
export function planReviewFields(task: TaskView): APIEmbedField[] {
  if (!task.plan_review) return [];
  const whose = task.plan_from === null ? '' : `\n-# ${WHOSE[task.plan_from](task)}`;
  return [{ name: 'Its plan', value: `is read by an approver\nbefore it runs${whose}`, inline: true }];
}
