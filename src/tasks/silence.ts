import { after } from '#kernel/handler.ts';
import type { JulesActivity, JulesSession } from './ports.ts';
import type { SessionPhase } from './session.ts';
import type { SilentMs, Work } from './work.ts';

/**
 * Jules hangs without a word, and nobody notices: of its real sessions one in twenty paused by itself, and some stay at
 * work for ever after what looked like their end. Between two of its words lie 26 seconds at the median, and longer than a
 * quarter of an hour in one case of two thousand; so after a while people are told that it is silent, and what can be done.
 *
 * Its own words and its state are what counts. `updateTime` moves without them, and what people tell it is no word of its.
 * What waits for people has its reminders (remind.ts); what waits for its account or is being opened says so on its card.
 */
export const isWordOfJules = ({ kind }: JulesActivity) => kind !== 'userMessaged';

/** Whether Jules gave a sign of life since it was looked at last. */
export function hasMoved(work: Work, session: JulesSession, activities: readonly JulesActivity[]): boolean {
  const until = work.activities_until;
  const isNew = ({ createTime }: JulesActivity) => !until || createTime > until;
  return session.state !== work.jules_state || activities.some((one) => isWordOfJules(one) && isNew(one));
}

const LIMITS: Partial<Record<SessionPhase, keyof SilentMs>> = {
  planning: 'planning',
  working: 'working',
  unknown: 'working',
  paused: 'paused',
};

type Looked = {
  readonly work: Work;
  readonly phase: SessionPhase;
  readonly hasMoved: boolean;
  readonly now: Date;
};

/** Whether a session is silent for longer than its phase may be. */
export function isTooSilent({ work, phase, hasMoved: moved, now }: Looked, limits: SilentMs): boolean {
  const lastSign = work.moved_at ?? work.opened_at;
  const limit = phase === 'working' && work.progress.said_done ? 'done' : LIMITS[phase];
  return !moved && lastSign !== null && limit !== undefined && now >= after(lastSign, limits[limit]);
}
