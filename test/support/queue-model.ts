/** What the queue of an account should say, worked out in the plainest way there is: one place after the other. */
export type Queued = {
  readonly id: string;
  readonly tenant: string;
  readonly person: string;
  readonly queuedAt: number;
  readonly admittedAt: number | null;
  readonly endedAt: number | null;
  /** When a place of the day was taken for it, each time; without it, when it was let in. */
  readonly begunAt?: readonly number[];
  /** Whether it takes one of the places at once; without it, from when it was let in until it ended. */
  readonly holds?: boolean;
};

export type Account = {
  readonly atOnce: number;
  readonly perDay: number;
  readonly usualMs: number;
  readonly now: number;
  readonly paused: ReadonlySet<string>;
  readonly sessions: readonly Queued[];
};

export type Facts = { readonly place: number; readonly because: string; readonly waitMs: number | null };

const DAY_MS = 86_400_000;
const NEVER = Number.NEGATIVE_INFINITY;

/** The first by several measures, each of which decides where those before it are equal. */
function first<One>(all: readonly One[], ...measures: readonly ((one: One) => number | string)[]): One | undefined {
  return all.toSorted((one, other) => {
    for (const measure of measures) {
      const [left, right] = [measure(one), measure(other)];
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  })[0];
}

type Group = { count: number; readonly servedAt: number };

const begun = ({ begunAt, admittedAt }: Queued) => begunAt ?? (admittedAt === null ? [] : [admittedAt]);
const isHolding = ({ holds, admittedAt, endedAt }: Queued) => holds ?? (admittedAt !== null && endedAt === null);

function group(sessions: readonly Queued[], now: number): Group {
  const served = sessions.flatMap(begun).filter((at) => at > now - DAY_MS);
  const count = sessions.filter(isHolding).length;
  return { count, servedAt: Math.max(NEVER, ...served) };
}

/** Ids in the order of their places. */
export function orderOf({ sessions, paused, now }: Account): string[] {
  const waiting = sessions.filter((one) => one.admittedAt === null && one.endedAt === null && !paused.has(one.tenant));
  const groups = new Map<string, Group>();
  const groupOf = (tenant: string, person?: string) => {
    const name = `${tenant}/${person}`;
    const mine = (one: Queued) => one.tenant === tenant && (person === undefined || one.person === person);
    const known = groups.get(name) ?? group(sessions.filter(mine), now);
    groups.set(name, known);
    return known;
  };
  const order: string[] = [];
  while (waiting.length > 0) {
    const candidates = [...new Set(waiting.map(({ tenant }) => tenant))].flatMap((tenant) => {
      const own = waiting.filter((one) => one.tenant === tenant);
      const ofPerson = (one: Queued) => groupOf(tenant, one.person);
      const next = first(
        own,
        (one) => ofPerson(one).count,
        (one) => ofPerson(one).servedAt,
        (one) => one.queuedAt,
        (one) => one.id,
      );
      return next ? [next] : [];
    });
    const next = first(
      candidates,
      (one) => groupOf(one.tenant).count,
      (one) => groupOf(one.tenant).servedAt,
      (one) => one.queuedAt,
      (one) => one.id,
    );
    if (!next) break;
    order.push(next.id);
    groupOf(next.tenant).count += 1;
    groupOf(next.tenant, next.person).count += 1;
    waiting.splice(waiting.indexOf(next), 1);
  }
  return order;
}

/** When each place is served, by slots that are taken one after the other, each for as long. */
function served(places: number, slots: number, ends: readonly number[], now: number, lastsMs: number): number[] {
  const over = Math.max(0, ends.length - slots);
  const free = ends.toSorted((one, other) => one - other).slice(over);
  while (free.length < slots) free.push(now);
  return Array.from({ length: places }, () => {
    free.sort((one, other) => one - other);
    const at = Math.max(now, free.shift() ?? Number.POSITIVE_INFINITY);
    free.push(at + lastsMs);
    return at;
  });
}

/** What each waiting task is to be told. */
export function factsOf(account: Account): Map<string, Facts> {
  const { sessions, now, atOnce, perDay, usualMs } = account;
  const order = orderOf(account);
  const running = sessions.filter(isHolding).map(({ admittedAt }) => (admittedAt ?? now) + usualMs);
  const day = sessions
    .flatMap(begun)
    .filter((at) => at > now - DAY_MS)
    .map((at) => at + DAY_MS);
  const turns = atOnce === 0 ? [] : served(order.length, atOnce, running, now, usualMs);
  const days = perDay === 0 ? [] : served(order.length, perDay, day, now, DAY_MS);
  return new Map(
    order.map((id, index) => {
      const [turn, dayAt] = [turns[index], days[index]];
      const because = turn === undefined || (dayAt !== undefined && dayAt <= turn) ? 'at_once' : 'per_day';
      const waitMs = turn === undefined || dayAt === undefined ? null : Math.max(turn, dayAt) - now;
      return [id, { place: index + 1, because, waitMs }];
    }),
  );
}
