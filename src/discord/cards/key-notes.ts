import { z } from 'zod';
import { inline } from '#discord/text.ts';
import { sayStored } from '#discord/words/stored.ts';
import { words } from '#discord/words/words.ts';
import { ago, type MessageBody } from './body.ts';
import { clip, restOf } from './clip.ts';
import { plain } from './note-body.ts';

/** What the owner of a key is told of it. */
const text = z.string().nullish();
const amount = z.number().nullish();
export const KEY_FACTS = {
  key_refused: z.object({ last4: text, problem: text }),
  /** `used` of `per_day` places are taken; `why` is what Jules said, where Verne counted room. */
  key_exhausted: z.object({
    last4: text,
    why: text,
    used: amount,
    per_day: amount,
    back_at: z.coerce.date().nullish(),
  }),
  key_lost: z.object({ last4: text, why: text }),
};

const lastFour = (last4: string | null | undefined) => inline(last4 ?? '', 12);

export function keyRefused({ last4, problem }: z.output<(typeof KEY_FACTS)['key_refused']>): MessageBody {
  const said = clip(sayStored(problem ?? ''), { write: inline, room: 500 });
  const lines = [words().keyNotes.refused(lastFour(last4)), ...(said.text ? [`-# ${said.text}`] : []), ...restOf(said)];
  return plain(lines.join('\n'));
}

export function keyExhausted(facts: z.output<(typeof KEY_FACTS)['key_exhausted']>): MessageBody {
  const { keyNotes } = words();
  const { last4, why, used, per_day: limit, back_at: backAt } = facts;
  const use = { used: used ?? 0, limit: limit ?? 0 };
  const said = clip(sayStored(why ?? ''), { write: inline, room: 500 });
  const head = said.text
    ? [keyNotes.saidUsedUp(lastFour(last4), use)]
    : [keyNotes.usedUp(lastFour(last4), use), backAt ? keyNotes.comesBack(ago(backAt)) : keyNotes.staysSo];
  const lines = [[...head, keyNotes.letMore].join(' '), ...(said.text ? [`-# ${said.text}`] : []), ...restOf(said)];
  return plain(lines.join('\n'));
}

export function keyLost({ last4, why }: z.output<(typeof KEY_FACTS)['key_lost']>): MessageBody {
  const { broken, lost } = words().keyNotes;
  return plain((why === 'broken' ? broken : lost)(lastFour(last4)));
}
