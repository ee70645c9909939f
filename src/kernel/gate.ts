import { z } from 'zod';

/** What the one gate, `authorise` in SQL, says to somebody who may not. `roles` are those that would be needed. */
export const gateRefusals = [
  z.object({ kind: z.literal('not_in_a_server') }),
  z.object({
    kind: z.literal('not_permitted'),
    operation: z.string(),
    roles: z.array(z.string()),
    /** Where they may not, though they may elsewhere. */
    repo: z.string().nullish(),
    branch: z.string().nullish(),
  }),
  /** Too many actions in too little time, of this person or of the whole server. */
  z.object({ kind: z.literal('too_fast'), wait_ms: z.number(), whose: z.enum(['person', 'server']) }),
  /** Nothing new begins here; `by` and `since` are null where it is the whole service. */
  z.object({ kind: z.literal('paused'), by: z.string().nullable(), since: z.coerce.date().nullable() }),
  /** Outside what the server keeps to, whoever asks. */
  z.object({
    kind: z.literal('out_of_bounds'),
    what: z.enum(['repo', 'branch', 'channel']),
    allowed: z.array(z.string()),
  }),
] as const;

export type GateRefusal = z.output<(typeof gateRefusals)[number]>;
