import { after, done, type Handler, waitUntil } from '#kernel/handler.ts';
import { idIn, taskId } from '#kernel/ids.ts';
import { readTask } from '#tasks/read-task.ts';
import { messageLink } from './cards/notes.ts';
import { mentionOf } from './letters.ts';
import { announceCards, readUnannounced, type Unannounced } from './outbox.ts';
import type { SendDeps } from './send.ts';

type Pending = { readonly card: Unannounced; readonly mention: NonNullable<ReturnType<typeof mentionOf>> };

/** Cards whose task still waits, and that were to mention somebody. */
async function stillPending({ rpc }: Pick<SendDeps, 'rpc'>, cards: readonly Unannounced[]): Promise<Pending[]> {
  const found = await Promise.all(
    cards.map(async (card) => {
      const mention = mentionOf(card.facts);
      const task = mention && (await readTask(rpc, taskId(idIn(card.subject))));
      return mention && task?.status === 'pending_confirmation' ? [{ card, mention }] : [];
    }),
  );
  return found.flat();
}

const linkOf = ({ channel_id, message_id, facts }: Unannounced) =>
  messageLink(facts.guild_id ?? '@me', channel_id, message_id);

/** One note instead of many mentions. */
function noteFacts(pending: readonly Pending[]) {
  return {
    guild_id: pending[0]?.card.facts.guild_id,
    cards: pending.map(({ card }) => ({ link: linkOf(card) })),
    mention: {
      roles: [...new Set(pending.flatMap(({ mention }) => mention.roles))],
      people: [...new Set(pending.flatMap(({ mention }) => mention.people))],
    },
  };
}

/** Cards that came too soon after another one's mention are announced together, once that one is old enough. */
export function announceWaiting({ rpc, times }: Pick<SendDeps, 'rpc' | 'times'>): Handler {
  return async ({ key }) => {
    const channelId = idIn(key);
    const { now, announced_at: announcedAt, cards } = await readUnannounced(rpc, channelId);
    if (cards.length === 0) return done;
    const due = announcedAt && after(announcedAt, times.approverBatchMs);
    if (due && due > now) return waitUntil(due);
    const pending = await stillPending({ rpc }, cards);
    await announceCards(rpc, {
      channelId,
      cards: cards.map(({ id }) => id),
      facts: pending.length > 0 ? noteFacts(pending) : null,
    });
    return done;
  };
}
