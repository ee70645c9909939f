import { z } from 'zod';
import { call, type Rpc } from '#kernel/rpc.ts';

const told = z.object({ event_id: z.string() });

export type Fact = {
  readonly topic: string;
  /** What it is about: `service:verne`. */
  readonly key: string;
  /** Ids, never prompts or secrets. */
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly options?: {
    /** The same fact told twice under one key is one event. */
    readonly dedupe?: string;
    readonly tenant?: string;
    readonly level?: 1 | 2 | 3 | 4;
    readonly source?: string;
    readonly cause?: string;
    readonly correlation?: string;
  };
};

/** For doors that only tell a fact. Gives the event's id: the first one's where the dedupe key is known. */
export async function tell(rpc: Rpc, fact: Fact): Promise<string> {
  const { topic, key, payload = {}, options = {} } = fact;
  const { event_id } = await call(rpc, told, 'tell', { topic, key, payload, options });
  return event_id;
}
