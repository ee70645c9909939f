import { z } from 'zod';
import { inline } from '#discord/text.ts';
import { capital } from '#discord/words.ts';
import { ago, type MessageBody } from './body.ts';
import { clip, count, counted, restOf } from './clip.ts';
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

export function keyRefused({ last4, problem }: z.output<(typeof KEY_FACTS)['key_refused']>): MessageBody {
  const said = clip(problem ?? '', { write: inline, room: 500 });
  const lines = [
    `🔑 Jules refuses the key •••• ${inline(last4 ?? '', 12)} that you entered, so no task can run with it. Make a new one at jules.google.com/settings#api and enter it with \`/config key\`.`,
    ...(said.text ? [`-# ${said.text}`] : []),
    ...restOf(said),
  ];
  return plain(lines.join('\n'));
}

export function keyExhausted(facts: z.output<(typeof KEY_FACTS)['key_exhausted']>): MessageBody {
  const { last4, why, used, per_day: limit, back_at: backAt } = facts;
  const key = `the key •••• ${inline(last4 ?? '', 12)} that you entered`;
  const said = clip(why ?? '', { write: inline, room: 500 });
  const counts = `${count(used ?? 0)} of the ${counted(limit ?? 0, 'task')} that it may start in 24 hours`;
  const head = said.text
    ? `🔑 Jules says that ${key} is used up, although Verne counts ${counts}: perhaps its account is used elsewhere too. Tasks wait, and are tried again by themselves.`
    : `🔑 ${capital(key)} has nothing left for today: ${counts} are started, and more wait. ${backAt ? `The next place comes back ${ago(backAt)}, and they start by themselves` : 'They start only if its limit is raised'}.`;
  return plain(
    [
      `${head} To let more through, enter a key of another Jules account: for a server \`/config add-key\`, for yourself \`/config key\`.`,
      ...(said.text ? [`-# ${said.text}`] : []),
      ...restOf(said),
    ].join('\n'),
  );
}

export function keyLost({ last4, why }: z.output<(typeof KEY_FACTS)['key_lost']>): MessageBody {
  const cause =
    why === 'broken'
      ? 'its stored form was changed, so that it cannot be opened any more'
      : 'the master key that sealed it is lost, so that it cannot be opened any more';
  return plain(
    `🔑 The Jules key •••• ${inline(last4 ?? '', 12)} that you entered is gone: ${cause}. Nobody can read it. Enter it again with \`/config key\`; if you do not have it any more, make a new one at jules.google.com/settings#api.`,
  );
}
