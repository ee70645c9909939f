import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import { call, type Rpc } from '#kernel/rpc.ts';

/** How many tasks may be asked for in any 24 hours, and be open at once; null is no limit, and what is left out stays. */
export type Budget = {
  readonly kind: 'person' | 'role' | 'server';
  /** A Discord id; '' is everybody who has no entry of their own. */
  readonly id: string;
  readonly per_day?: number | null;
  readonly at_once?: number | null;
};

/** Nobody sets or raises what bears their name, nor changes a budget so that they could ask for more themselves. */
const ownBudget = z.object({ kind: z.literal('own_budget') });

const changeOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('changed') }),
  ownBudget,
  ...gateRefusals,
]);
export type BudgetOutcome = z.output<typeof changeOutcome>;

export async function changeBudget(rpc: Rpc, actor: Actor, budget: Budget): Promise<BudgetOutcome> {
  return call(rpc, changeOutcome, 'change_budget', { actor, budget });
}

const raiseOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('raised'), until: z.coerce.date() }),
  ownBudget,
  ...gateRefusals,
]);
export type RaiseOutcome = z.output<typeof raiseOutcome>;

/** So many tasks more for a day, for a person or (null) the whole server. */
export async function raiseBudget(
  rpc: Rpc,
  actor: Actor,
  raise: { readonly person: string | null; readonly extra: number },
): Promise<RaiseOutcome> {
  return call(rpc, raiseOutcome, 'raise_budget', { actor, ...raise });
}
