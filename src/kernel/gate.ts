import { z } from 'zod';

/** What the one gate, `authorise` in SQL, says to somebody who may not. `roles` are those that would be needed. */
export const gateRefusals = [
  z.object({ kind: z.literal('not_in_a_server') }),
  z.object({ kind: z.literal('not_permitted'), operation: z.string(), roles: z.array(z.string()) }),
] as const;

export type GateRefusal = z.output<(typeof gateRefusals)[number]>;
