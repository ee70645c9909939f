import type { APIEmbedField } from 'discord-api-types/v10';
import { type Words, words } from '#discord/words/words.ts';
import type { Relative, TaskView } from '#tasks/task.ts';
import { ago, isLink } from './body.ts';

/** Where the cards of a task's parent and children are, by the ids of those tasks; one that is not there has no link. */
export type KinLinks = Readonly<Record<string, string | undefined>>;

/** Many could be made of one; the newest are looked for. */
const CHILDREN_SHOWN = 4;

function line({ id, number, as }: Relative, says: Words['kin']['parent'], links: KinLinks): string {
  const link = links[id];
  return says[as](isLink(link) ? `[#${number}](${link})` : `#${number}`);
}

/** What it was made from, and what was made from it. */
export function kinFields({ parent, children }: TaskView, links: KinLinks = {}): APIEmbedField[] {
  const { kin } = words();
  const left = children.length - CHILDREN_SHOWN;
  const lines = [
    ...(parent ? [line(parent, kin.parent, links)] : []),
    ...children.slice(0, CHILDREN_SHOWN).map((child) => line(child, kin.child, links)),
    ...(left > 0 ? [`-# ${kin.before(left)}`] : []),
  ];
  return lines.length > 0 ? [{ name: kin.title, value: lines.join('\n') }] : [];
}

/** Who approved other words must see that they did. */
export function editedFields({ edited, status }: TaskView): APIEmbedField[] {
  if (edited === null || status !== 'pending_confirmation') return [];
  const { kin } = words();
  const at = ago(edited.at);
  return [{ name: kin.edited, value: edited.void === 0 ? at : kin.editedAfter(at, edited.void) }];
}

function whoseWish({ plan_from: from, requester }: TaskView): string[] {
  const { plan } = words().kin;
  if (from === null) return [];
  return [`-# ${from === 'server' ? plan.server : plan[from](`<@${requester}>`)}`];
}

/** Only where people read it: that it runs by itself needs no words. */
export function planReviewFields(task: TaskView): APIEmbedField[] {
  if (!task.plan_review) return [];
  const { plan } = words().kin;
  return [{ name: plan.title, value: [plan.isRead, ...whoseWish(task)].join('\n'), inline: true }];
}
