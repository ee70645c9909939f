import type { Sql } from 'postgres';
import type { Ride } from './fair-world.ts';

/** How far a task is; it only goes on. `working` is told apart by the step, as its card is. */
const STAGES = ['queued', 'opening', 'planning', 'approving', 'working', 'finishing', 'done_pr'];
export const LAST = 1000;

/** How far the database says that a task is; NaN where it says what no task of a crowd should come to. */
function rankOf({
  status,
  phase,
  step,
}: {
  readonly status: string;
  readonly phase: string | null;
  readonly step: number | null;
}) {
  if (status === 'pending_confirmation') return 0;
  if (status === 'completed' && phase === 'done_pr') return LAST;
  const stage = STAGES.indexOf(phase ?? '');
  if (status !== 'in_progress' || stage < 0) return Number.NaN;
  return 10 * (stage + 1) + (phase === 'working' ? (step ?? 0) / 100 : 0);
}

const FACES: readonly (readonly [says: RegExp, stage: string])[] = [
  [/^⏳ Confirmed, waiting for its turn$/, 'queued'],
  [/^🛠 Development started… opening a session$/, 'opening'],
  [/^🛠 Development started… planning$/, 'planning'],
  [/^🛠 Development started… plan ready$/, 'approving'],
  [/^🛠 Development started… working/, 'working'],
  [/^🏁 Jules says it is done$/, 'finishing'],
];

/** How far a card says that its task is. */
export function rankShown(title: string): number {
  if (title === '🧠 New Jules Task Requested') return 0;
  if (/^✅ PR ready: /.test(title)) return LAST;
  const stage = STAGES.indexOf(FACES.find(([says]) => says.test(title))?.[1] ?? '');
  const step = /, step (\d+) of \d+$/.exec(title)?.[1];
  return stage < 0 ? Number.NaN : 10 * (stage + 1) + (step ? (Number(step) - 1) / 100 : 0);
}

export type Sample = {
  readonly at: number;
  readonly rank: number;
  readonly place: number | null;
  /** How long it is still to wait; asked of a few at each look, since each costs a look at the whole queue. */
  readonly waitS: number | null;
  /** How long a task of its account usually takes, which the wait is told in. */
  readonly usualS: number;
};
export type Truth = {
  readonly nth: number;
  /** Each time that it was looked at, oldest first. */
  readonly samples: Sample[];
};

type Row = {
  readonly id: string;
  readonly prompt: string;
  readonly status: string;
  readonly phase: string | null;
  readonly step: number | null;
  readonly place: number | null;
  readonly waitS: number | null;
  readonly usualS: number;
};

/** What the database says of every task of a crowd, looked at again and again. */
export function watchTruth(
  sql: Sql,
  { nthOf, everyMs }: { readonly nthOf: (prompt: string) => number; readonly everyMs: number },
) {
  const truths = new Map<number, Truth>();
  const stopped = Promise.withResolvers<'stopped'>();

  async function look() {
    // What is read is so at this time or later: a card that was seen before must not be ahead of it.
    const at = Date.now();
    const rows = await sql<Row[]>`
      with places as materialized (select o.task_id, o.place from verne.accounts a cross join lateral verne.queue_order(a.id) o),
        usual as materialized (select a.id, extract(epoch from u.usual)::float8 as seconds from verne.accounts a cross join lateral verne.account_use(a.id) u),
        few as materialized (select p.task_id from places p order by random() limit 3)
      select t.id, t.prompt, t.status, s.phase, (s.progress ->> 'step')::int as step, p.place,
        case when t.id in (select task_id from few) then (verne.queue_facts(s) ->> 'wait_s')::int end as "waitS",
        u.seconds as "usualS"
      from public.tasks t join usual u on u.id = t.account_id
      left join verne.sessions s on s.task_id = t.id left join places p on p.task_id = t.id`;
    for (const row of rows) {
      const nth = nthOf(row.prompt);
      const known = truths.get(nth) ?? { nth, samples: [] };
      truths.set(nth, known);
      known.samples.push({ at, rank: rankOf(row), place: row.place, waitS: row.waitS, usualS: row.usualS });
    }
  }

  const watching = (async () => {
    for (let over: unknown; over !== 'stopped'; ) {
      await look();
      over = await Promise.race([stopped.promise, new Promise((resume) => setTimeout(resume, everyMs))]);
    }
  })();

  let failure: unknown;
  watching.catch((error: unknown) => {
    failure = error;
  });

  return {
    truths,
    /** Throws where it could not look. */
    check: () => {
      if (failure !== undefined) throw failure;
    },
    stop: async () => {
      stopped.resolve('stopped');
      await watching;
    },
  };
}

export type WatchedTruth = ReturnType<typeof watchTruth>;

export type CrowdRide = Ride & { readonly nth: number; readonly name: string };

/** How each task went, by the database's own times. */
export async function ridesOf(sql: Sql, nthOf: (prompt: string) => number): Promise<CrowdRide[]> {
  const rows = await sql<(Omit<CrowdRide, 'nth'> & { prompt: string })[]>`
    select s.task_id as id, s.tenant as guild, t.discord_user_id as person, s.account_id as account, t.key_last4 as name, t.prompt,
      extract(epoch from s.queued_at)::float8 * 1000 as "queuedAt", extract(epoch from s.admitted_at)::float8 * 1000 as "admittedAt",
      extract(epoch from s.ended_at)::float8 * 1000 as "endedAt"
    from verne.sessions s join public.tasks t on t.id = s.task_id`;
  return rows.map(({ prompt, ...ride }) => ({ ...ride, nth: nthOf(prompt) }));
}
