import { z } from 'zod';
import { gateRefusals } from '#kernel/gate.ts';
import { sayGate } from './refused.ts';
import { code } from './text.ts';
import { sayRefusal } from './words/refusals.ts';
import { words } from './words/words.ts';

/** Why Jules was not told what somebody wrote: the outcomes of an instruction, as far as their sentences need them. */
const untold = [
  z.object({
    kind: z.enum(['unknown_task', 'not_started', 'too_late', 'stale_question', 'stale_plan', 'moved_on', 'too_many']),
  }),
  z.object({ kind: z.enum(['answered', 'plan_approved']), by: z.string() }),
  ...gateRefusals,
] as const;
const anyUntold = z.discriminatedUnion('kind', untold);
export type Untold = z.output<typeof anyUntold>;

/** Each says what became of the words that were written: nobody may think that Jules was told what it was not. */
export function sayUntold(why: Untold): string {
  const said = words().steer.untold;
  switch (why.kind) {
    case 'unknown_task':
      return words().ask.unknownTask;
    case 'too_late':
      return said.over;
    case 'not_started':
      return said.notStarted;
    case 'answered':
      return said.answered(`<@${why.by}>`);
    case 'stale_question':
      return said.staleQuestion;
    case 'stale_plan':
      return said.stalePlan;
    case 'plan_approved':
      return said.planApproved(`<@${why.by}>`);
    case 'moved_on':
      return said.movedOn;
    case 'too_many':
      return said.tooMany;
    default:
      return sayGate(why);
  }
}

const LEFT_OUT = ['large', 'not_text', 'unread'] as const;
const file = z.object({ name: z.string(), why: z.enum(LEFT_OUT) });
export type LeftOut = z.output<typeof file>;

/**
 * Why a message in a thread was not told, or not all of it, as it is kept with the note that answers it. The sentence is
 * made when the note is shown: in the language that its server speaks then.
 */
export const unheard = z.discriminatedUnion('kind', [
  ...untold,
  z.object({ kind: z.literal('plan_expired') }),
  z.object({ kind: z.literal('left_thread') }),
  z.object({ kind: z.literal('nothing') }),
  z.object({ kind: z.literal('left_out'), files: z.array(file) }),
  z.object({
    kind: z.literal('refusal'),
    code: z.string(),
    sentence: z.string(),
    size: z.object({ chars: z.number(), most: z.number() }).optional(),
  }),
]);
export type Unheard = z.output<typeof unheard>;

/** Of those files that are not sent, by name, why. */
function sayLeftOut(files: readonly LeftOut[]): string {
  const { leftOut } = words().said;
  const lines = LEFT_OUT.flatMap((why) => {
    const names = files.filter((one) => one.why === why).map(({ name }) => code(name, 100));
    return names.length > 0 ? [leftOut[why](names.join(', '))] : [];
  });
  return lines.join('\n');
}

export function sayUnheard(why: Unheard): string {
  switch (why.kind) {
    case 'plan_expired':
      return words().said.planExpired;
    case 'left_thread':
      return words().said.leftThread;
    case 'nothing':
      return words().said.nothing;
    case 'left_out':
      return sayLeftOut(why.files);
    case 'refusal':
      return sayRefusal(why);
    default:
      return sayUntold(why);
  }
}
