import type { Handler } from '#kernel/handler.ts';
import { prunesHourly } from '#kernel/prune.ts';
import type { Rpc } from '#kernel/rpc.ts';

export const eventHandlers = ({ rpc }: { readonly rpc: Rpc }) =>
  ({ 'events.prune': prunesHourly(rpc, 'prune_events') }) satisfies Record<string, Handler>;
