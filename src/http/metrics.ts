import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CallFacts, DeliveryFacts, InteractionFacts } from '#kernel/watch.ts';

type RequestFacts = { readonly route: string; readonly status: number; readonly tookMs: number };
/** What `read_event_stats` says of one subscriber, as far as it is shown. */
type SubscriberStats = {
  readonly subscriber: string;
  readonly due: number;
  readonly waiting: number;
  readonly working: number;
  readonly dead: number;
  readonly oldest_due_s: number;
};

export type Metrics = {
  request(facts: RequestFacts): void;
  verdict(verdict: string): void;
  interaction(facts: InteractionFacts): void;
  delivery(facts: DeliveryFacts): void;
  call(service: 'discord' | 'jules', facts: CallFacts): void;
  /** In Prometheus' text format. */
  render(): Promise<{ readonly type: string; readonly text: string }>;
};

export type MetricsOptions = {
  /** Read at a scrape, at most every five seconds. A worker's own process has nothing else to say of the queue. */
  readonly readStats: () => Promise<readonly SubscriberStats[]>;
};

const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30];
const STATS_KEPT_MS = 5000;
/** The words of labels come from fixed lists; this holds where one of the lists turns out not to be fixed. */
const MAX_WORDS = 200;

const fewWords = () => {
  const seen = new Set<string>();
  return (word: string | number): string => {
    const text = String(word);
    if (seen.size < MAX_WORDS) seen.add(text);
    return seen.has(text) ? text : 'other';
  };
};

/** A `task` in these four names is a delivery: one subscriber's work on a fact. */
function deliveryMetrics(registers: Registry[]) {
  const labelNames = ['subscriber', 'topic'];
  const received = new Counter({
    name: 'tasks_received_total',
    help: 'Deliveries that a handler was given.',
    labelNames,
    registers,
  });
  const processed = new Counter({
    name: 'tasks_processed_total',
    help: 'Deliveries that ended as they should: done, or waiting for their time.',
    labelNames,
    registers,
  });
  const failed = new Counter({
    name: 'tasks_failed_total',
    help: 'Deliveries that will be tried again, are dead, or went to another worker.',
    labelNames: [...labelNames, 'outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'processing_duration_seconds',
    help: 'From a delivery being given to its handler until it was settled.',
    labelNames,
    buckets: SECONDS,
    registers,
  });
  const topics = fewWords();
  return ({ subscriber, topic: word, outcome, tookMs }: DeliveryFacts) => {
    const topic = topics(word);
    if (outcome === 'begun') return received.inc({ subscriber, topic });
    duration.observe({ subscriber, topic }, tookMs / 1000);
    if (outcome === 'done' || outcome === 'wait') return processed.inc({ subscriber, topic });
    return failed.inc({ subscriber, topic, outcome });
  };
}

function doorMetrics(registers: Registry[]): Pick<Metrics, 'request' | 'verdict' | 'interaction'> {
  const requests = new Histogram({
    name: 'verne_http_request_seconds',
    help: 'Requests by route and status.',
    labelNames: ['route', 'status'],
    buckets: SECONDS,
    registers,
  });
  const verdicts = new Counter({
    name: 'verne_signatures_total',
    help: 'Signatures of interactions over HTTP by verdict.',
    labelNames: ['verdict'],
    registers,
  });
  const interactions = new Histogram({
    name: 'verne_interaction_seconds',
    help: 'Interactions by command and outcome, both doors.',
    labelNames: ['command', 'outcome'],
    buckets: SECONDS,
    registers,
  });
  const commands = fewWords();
  const outcomes = fewWords();
  return {
    request: ({ route, status, tookMs }) => requests.observe({ route, status }, tookMs / 1000),
    verdict: (verdict) => verdicts.inc({ verdict }),
    interaction: ({ command, outcome, tookMs }) =>
      interactions.observe({ command: commands(command), outcome: outcomes(outcome) }, tookMs / 1000),
  };
}

function callMetrics(registers: Registry[]): Metrics['call'] {
  const calls = new Histogram({
    name: 'verne_call_seconds',
    help: 'Calls to other services by what they were for and how they ended: ok, an HTTP status, or a word.',
    labelNames: ['service', 'to', 'code'],
    buckets: SECONDS,
    registers,
  });
  const purposes = fewWords();
  const codes = fewWords();
  return (service, { to, code, tookMs }) =>
    calls.observe({ service, to: purposes(to), code: codes(code) }, tookMs / 1000);
}

/** Numbers of the whole queue, from the database. While it is away they are absent, and `verne_queue_known` is 0. */
function queueMetrics(registers: Registry[], { readStats }: MetricsOptions) {
  const known = new Gauge({ name: 'verne_queue_known', help: '1 where the queue could be read.', registers });
  const open = new Gauge({
    name: 'verne_deliveries',
    help: 'Open and dead deliveries by subscriber.',
    labelNames: ['subscriber', 'state'],
    registers,
  });
  const oldest = new Gauge({
    name: 'verne_oldest_due_seconds',
    help: 'For how long the longest due delivery of a subscriber has waited.',
    labelNames: ['subscriber'],
    registers,
  });
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function read() {
    const stats = await readStats().catch(() => undefined);
    readAt = performance.now();
    known.set(stats ? 1 : 0);
    open.reset();
    oldest.reset();
    for (const { subscriber, due, waiting, working, dead, oldest_due_s } of stats ?? []) {
      for (const [state, count] of Object.entries({ due, waiting, working, dead }))
        open.set({ subscriber, state }, count);
      oldest.set({ subscriber }, oldest_due_s);
    }
  }

  return async () => {
    if (performance.now() - readAt < STATS_KEPT_MS) return;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    await reading;
  };
}

/** Everything that is counted, for one process. The event loop's delay is among prom-client's own. */
export function makeMetrics(options: MetricsOptions): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const readQueue = queueMetrics(registers, options);
  return {
    ...doorMetrics(registers),
    delivery: deliveryMetrics(registers),
    call: callMetrics(registers),
    render: async () => {
      await readQueue();
      return { type: register.contentType, text: await register.metrics() };
    },
  };
}
