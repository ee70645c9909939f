import type { TaskView } from '#tasks/task.ts';
import type { KinLinks } from './cards/kin.ts';
import { messageLink } from './cards/notes.ts';
import type { MessageRow } from './message.ts';
import { readMessages } from './outbox.ts';
import type { SendDeps } from './send.ts';

/** No card names more of them. */
const LOOKED_AT = 5;

export type Kin = {
  readonly links: KinLinks;
  /** A card of them is still to be posted: then there is a link to it. */
  readonly isComing: boolean;
};

const linkTo = ({ facts, channel_id: channel, message_id: message }: MessageRow) =>
  facts.guild_id && channel && message ? messageLink(facts.guild_id, channel, message) : undefined;

/** The cards of a task's parent and children, most of which have none. */
export async function readKin({ rpc }: SendDeps, task: TaskView | null): Promise<Kin> {
  const kin = task ? [...(task.parent ? [task.parent] : []), ...task.children].slice(0, LOOKED_AT) : [];
  const found = await Promise.all(
    kin.map(async ({ id }) => {
      const { messages } = await readMessages(rpc, `task:${id}`);
      const card = messages.find(({ kind, parked_reason: parked }) => kind === 'card' && parked === null);
      return { id, card, link: card && linkTo(card) };
    }),
  );
  return {
    links: Object.fromEntries(found.flatMap(({ id, link }) => (link ? [[id, link]] : []))),
    isComing: found.some(({ card }) => card !== undefined && card.message_id === null),
  };
}
