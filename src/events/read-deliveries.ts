import { z } from 'zod';
import { call, type Rpc } from '#kernel/rpc.ts';

export const STATES = ['open', 'done', 'dead', 'discarded'] as const;

const listed = z.object({
  id: z.string(),
  subscriber: z.string(),
  topic: z.string(),
  key: z.string(),
  state: z.enum(STATES),
  attempts: z.number(),
  worker: z.string().nullable(),
  due_at: z.string(),
  last_error: z.string().nullable(),
  /** When the event was told. */
  at: z.string(),
});
export type ListedDelivery = z.output<typeof listed>;

const whole = listed.omit({ topic: true, at: true }).extend({
  settled_at: z.string().nullable(),
  event: z.object({
    id: z.string(),
    topic: z.string(),
    key: z.string(),
    tenant: z.string().nullable(),
    level: z.number(),
    source: z.string(),
    payload: z.record(z.string(), z.unknown()),
    correlation_id: z.string(),
    causation_id: z.string().nullable(),
    at: z.string(),
  }),
  failures: z.array(z.object({ attempt: z.number(), at: z.string(), error: z.string() })),
});
export type WholeDelivery = z.output<typeof whole>;

const stats = z.object({
  subscriber: z.string(),
  mode: z.enum(['each', 'latest', 'in_order']),
  due: z.number(),
  waiting: z.number(),
  working: z.number(),
  done: z.number(),
  dead: z.number(),
  discarded: z.number(),
  oldest_due_s: z.number(),
});
export type SubscriberStats = z.output<typeof stats>;

export type DeliveryFilters = {
  readonly state?: (typeof STATES)[number] | undefined;
  /** A pattern: `task.*`. */
  readonly topic?: string | undefined;
  readonly subscriber?: string | undefined;
  readonly limit?: number | undefined;
};

/** Newest first. */
export const readDeliveries = (rpc: Rpc, filters: DeliveryFilters) =>
  call(rpc, z.array(listed), 'read_deliveries', { filters });

/** One delivery with its event and the history of its failures; null where there is none. */
export const readDelivery = (rpc: Rpc, id: string) => call(rpc, whole.nullable(), 'read_delivery', { id });

/** Depth, age and outcomes per subscriber. */
export const readEventStats = (rpc: Rpc) => call(rpc, z.array(stats), 'read_event_stats', {});
