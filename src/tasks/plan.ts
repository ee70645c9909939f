import { createHash } from 'node:crypto';
import type { JulesActivity } from './ports.ts';

export type Plan = { readonly hash: string; readonly steps: readonly { title: string; description?: string }[] };

/** The newest plan among activities; its hash is of every word of it, so that an approval is of this plan and no other. */
export function planIn(activities: readonly JulesActivity[]): Plan | undefined {
  const newest = activities.findLast((activity) => activity.kind === 'planGenerated');
  if (!newest) return undefined;
  const steps = newest.plan.steps.map(({ title, description }) => ({ title, ...(description && { description }) }));
  return { hash: createHash('sha256').update(JSON.stringify(steps)).digest('hex'), steps };
}
