import { changeSettings } from '#guilds/settings.ts';
import type { Actor } from '#kernel/actor.ts';
import { taskId } from '#kernel/ids.ts';
import { readTask } from '#tasks/read-task.ts';
import type { TestDatabase } from './database.ts';
import { factsOf, type Queued } from './queue-model.ts';
import type { Call, Racers } from './races.ts';
import type { Seeded } from './seeded.ts';
import { anAdmin, anApprover, CONFIRM_ROLE, CREATE_ROLE } from './tasks.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A Jules account: what is the same in all servers that hold its key is its fingerprint. */
export type Plan = { readonly name: string; readonly perDay: number; readonly atOnce: number };

export type Ask = { readonly atMs: number; readonly guild: string; readonly person: string };

/** A task as it went, by the database's clock. */
export type Ride = {
  readonly id: string;
  readonly guild: string;
  readonly person: string;
  readonly account: string;
  readonly queuedAt: number;
  readonly admittedAt: number | null;
  readonly endedAt: number | null;
};

type Row = Queued & { readonly account: string; readonly revision: number; readonly name: string | null };

async function storeKey(db: TestDatabase, { actor, owner, plan }: { actor: Actor; owner: string; plan: Plan }) {
  const id = crypto.randomUUID();
  const sealed = {
    id,
    sealed: 'sealed',
    wrapped: 'wrapped',
    kek_version: '1',
    last4: plan.name.padEnd(4, '0').slice(0, 4),
    beside: true,
  };
  await db.rpc('store_key', {
    actor,
    owner,
    sealed: { ...sealed, fingerprint: plan.name, per_day: plan.perDay, at_once: plan.atOnce },
  });
}

/** Servers that share Jules accounts, and a Jules that takes each session for a while: only the database is real. */
export async function aFairWorld(db: TestDatabase, racers: Racers, random: Seeded) {
  const startAt = Date.now();
  let clockMs = 0;
  let asked = 0;
  let checked = 0;
  let names = 0;
  const ends = new Map<string, number>();
  const plans = new Map<string, Plan>();

  async function setClock(ms: number) {
    clockMs = ms;
    await db.sql`update verne.clock set shift = to_timestamp(${(startAt + ms) / 1000}::float8) - clock_timestamp()`;
  }

  async function server(guild: string, pool: readonly Plan[]) {
    const actor = anAdmin({ guild });
    const changes = { create_roles: [CREATE_ROLE], confirm_roles: [CONFIRM_ROLE], default_repo: 'octo/repo' };
    await changeSettings(db.rpc, actor, changes);
    for (const plan of pool) await storeKey(db, { actor, owner: 'server', plan });
  }

  async function rows(): Promise<Row[]> {
    const found = await db.sql`
      select s.task_id as id, s.tenant, t.discord_user_id as person, s.account_id as account, s.revision, s.name,
        extract(epoch from s.queued_at)::float8 * 1000 as "queuedAt", extract(epoch from s.admitted_at)::float8 * 1000 as "admittedAt",
        extract(epoch from s.ended_at)::float8 * 1000 as "endedAt"
      from verne.sessions s join public.tasks t on t.id = s.task_id`;
    return found as unknown as Row[];
  }

  const race = async (calls: readonly Call[]) => {
    const outcomes = calls.length > 0 ? await racers.race(calls) : [];
    for (const outcome of outcomes) if (outcome.kind === 'threw') throw new Error(`a call threw: ${outcome.threw}`);
    return outcomes;
  };

  /** Jules opens what was let in; each session takes five to twenty minutes. */
  async function open() {
    const due = (await rows()).filter(
      ({ admittedAt, endedAt, name }) => admittedAt !== null && !endedAt && name === null,
    );
    for (const { id } of due) ends.set(id, clockMs + (5 + random.next() * 15) * MINUTE_MS);
    await race(
      due.map(({ id }) => {
        names += 1;
        const opened = {
          name: `sessions/fair-${names}`,
          url: 'https://jules.google.com/session/1',
          state: 'IN_PROGRESS',
        };
        return { name: 'record_opened', args: { task_id: id, opened } };
      }),
    );
  }

  async function finish() {
    const due = (await rows()).filter(({ id }) => (ends.get(id) ?? Number.POSITIVE_INFINITY) <= clockMs);
    for (const { id } of due) ends.delete(id);
    const change = { phase: 'done_nothing', end: { verb: 'complete' } };
    await race(due.map(({ id, revision }) => ({ name: 'record_session', args: { task_id: id, revision, change } })));
  }

  const accounts = async () =>
    (await db.sql`select id, fingerprint from verne.accounts`) as unknown as { id: string; fingerprint: string }[];

  /** What the view of one that waits says is what a plain model says. */
  async function checkOne(id: string, plan: Plan, sessions: readonly Row[]) {
    const view = await readTask(db.rpc, taskId(id));
    const [used] = await db.sql`
      select extract(epoch from usual)::float8 * 1000 as usual, today, running from verne.account_use(${sessions[0]?.account ?? null})`;
    const now = view?.now.getTime() ?? 0;
    const facts = factsOf({ ...plan, usualMs: used?.['usual'], now, paused: new Set(), sessions }).get(id);
    const queue = view?.session?.queue;
    // The view asks for the time more than once, and counts whole seconds.
    const difference = (queue?.wait_s ?? Number.NaN) - (facts?.waitMs ?? Number.NaN) / 1000;
    const isTrue = queue?.place === facts?.place && queue?.because === facts?.because && Math.abs(difference) < 2;
    const isQuota = view?.quota?.today === used?.['today'] && view?.quota?.running === used?.['running'];
    if (!isTrue || !isQuota) throw new Error(`not true: ${JSON.stringify({ queue, facts, quota: view?.quota, used })}`);
    checked += 1;
  }

  async function check(most: number) {
    const all = await rows();
    for (const { id: account, fingerprint } of await accounts()) {
      const plan = plans.get(fingerprint);
      const sessions = all.filter((one) => one.account === account);
      const waiting = sessions.filter(({ admittedAt, endedAt }) => !admittedAt && !endedAt);
      if (!plan || waiting.length === 0) continue;
      for (let nth = 0; nth < Math.min(most, waiting.length); nth += 1)
        await checkOne(random.pick(waiting).id, plan, sessions);
    }
  }

  async function sweep() {
    const ids = (await accounts()).map(({ id }) => id);
    await race(ids.map((id) => ({ name: 'check_account', args: { account_id: id } })));
  }

  const rides = async (): Promise<Ride[]> => (await rows()).map(({ tenant, ...row }) => ({ ...row, guild: tenant }));

  return {
    server: async (guild: string, pool: readonly Plan[]) => {
      for (const plan of pool) plans.set(plan.name, plan);
      await server(guild, pool);
    },
    own: async (guild: string, person: string, plan: Plan) => {
      plans.set(plan.name, plan);
      await storeKey(db, { actor: anApprover({ guild, id: person }), owner: 'person', plan });
    },
    /** Lives through the asking until nothing waits or runs, or so long; looks at some views every so often. */
    async live(
      asks: readonly Ask[],
      { tickMs = 5000, looks = 5, lookEvery = 6, untilMs = Number.POSITIVE_INFINITY } = {},
    ) {
      const left = asks.toSorted((one, other) => one.atMs - other.atMs);
      for (let tick = 0; ; tick += 1) {
        await setClock(clockMs);
        const due = left.splice(0, left.filter(({ atMs }) => atMs <= clockMs).length);
        await race(
          due.map(({ guild, person }) => {
            asked += 1;
            const actor = anApprover({ guild, id: person, roles: [CREATE_ROLE, CONFIRM_ROLE] });
            return {
              name: 'request_task',
              args: { actor, request_key: `fair-${asked}`, wish: { prompt: 'Fix the test' } },
            };
          }),
        );
        await finish();
        await sweep();
        await open();
        if (tick % lookEvery === 0) await check(looks);
        const isQueued = (await rows()).some(({ admittedAt, endedAt }) => !admittedAt && !endedAt);
        const next = Math.min(left[0]?.atMs ?? Number.POSITIVE_INFINITY, ...ends.values());
        if ((next === Number.POSITIVE_INFINITY && !isQueued) || clockMs >= untilMs) break;
        // With nothing running and something waiting, a day's place is what comes next: a sweep finds it.
        const latest = clockMs + (next === Number.POSITIVE_INFINITY ? 5 * MINUTE_MS : DAY_MS);
        clockMs = Math.max(clockMs + tickMs, Math.min(latest, Math.ceil(next / tickMs) * tickMs));
      }
      return rides();
    },
    rides,
    checked: () => checked,
    nameOf: async () => new Map((await accounts()).map(({ id, fingerprint }) => [id, fingerprint])),
  };
}

/** The most that ran at one instant, and that began within any 24 hours. */
export function mostOf(rides: readonly Ride[]) {
  const admitted = rides.flatMap(({ admittedAt, endedAt }) => (admittedAt === null ? [] : [{ admittedAt, endedAt }]));
  const starts = admitted.map(({ admittedAt }) => admittedAt).toSorted((one, other) => one - other);
  return {
    atOnce: Math.max(
      0,
      ...starts.map(
        (at) => admitted.filter((one) => one.admittedAt <= at && (one.endedAt === null || one.endedAt > at)).length,
      ),
    ),
    perDay: Math.max(0, ...starts.map((at) => starts.filter((one) => one > at - DAY_MS && one <= at).length)),
  };
}

export const p95 = (values: readonly number[]) =>
  values.toSorted((one, other) => one - other)[Math.max(0, Math.ceil(values.length * 0.95) - 1)] ?? 0;

/** How long those of each server waited for their place, 95 of a hundred. */
export function waitsOf(rides: readonly Ride[]): Map<string, number> {
  const guilds = [...new Set(rides.map(({ guild }) => guild))];
  const wait = ({ queuedAt, admittedAt }: Ride) => (admittedAt ?? Number.POSITIVE_INFINITY) - queuedAt;
  return new Map(guilds.map((guild) => [guild, p95(rides.filter((one) => one.guild === guild).map(wait))]));
}
