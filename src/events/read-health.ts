import { z } from 'zod';
import { call, type Rpc } from '#kernel/rpc.ts';

const health = z.object({
  now: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
  migration: z.string().nullable(),
  writable: z.boolean(),
});

/** How the database is: its clock, its newest migration, and whether it takes writes. */
export const readHealth = (rpc: Rpc, { signal }: { readonly signal: AbortSignal }) =>
  call((name, args) => rpc(name, args, { signal }), health, 'read_health', {});
