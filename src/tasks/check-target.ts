import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { call, type Rpc } from '#kernel/rpc.ts';

/** What is known to be wrong with a repository or a branch. */
export const wrongTarget = [
  z.object({ kind: z.literal('unknown_repo'), repo: z.string(), repos: z.array(z.string()) }),
  z.object({
    kind: z.literal('unknown_branch'),
    repo: z.string(),
    branch: z.string(),
    branches: z.array(z.string()).nullable(),
  }),
] as const;
export type WrongTarget = z.output<(typeof wrongTarget)[number]>;

const outcome = z.discriminatedUnion('kind', [z.object({ kind: z.literal('unchecked') }), ...wrongTarget]);

export type Target = { readonly repo: string; readonly branch?: string | undefined };

/** What is known to be wrong with a choice for later; null where nothing is. */
export async function checkTarget(rpc: Rpc, actor: Actor, { repo, branch }: Target): Promise<WrongTarget | null> {
  const found = await call(rpc, outcome, 'check_target', { actor, repo, ...(branch && { branch }) });
  return found.kind === 'unchecked' ? null : found;
}
