import { setTimeout as sleep } from 'node:timers/promises';
import type { Seeded } from '../support/seeded.ts';
import { MEMBERS, type MemberName } from './fleet.ts';
import { nameOfPoint, type Point, type Verdict } from './gate.ts';
import type { ChaosWorld } from './world.ts';

export type Havoc = {
  readonly kills: number;
  /** Kills of a process that had a call or a delivery in hand. */
  readonly hits: number;
  /** Points at which a process was killed, and all that were ever passed. */
  readonly reached: readonly string[];
  readonly passed: readonly string[];
  readonly cuts: number;
  readonly zombies: number;
  readonly crashes: number;
  readonly outages: number;
  /** Plans that waited for somebody when an outage began. */
  readonly plansThen: number;
};

/** Workers have most in hand. */
const VICTIMS: readonly MemberName[] = [...MEMBERS, 'worker-1', 'worker-2', 'worker-1', 'worker-2'];
const WORKERS: readonly MemberName[] = ['worker-1', 'worker-2'];
const POINT_WITHIN_MS = 4000;
const RECENT_MS = 5000;
const MOST_GAP_MS = 2000;
const BOOTS_A_KILL = 0.3;
const PLANS_WITHIN_MS = 10_000;
const OUTAGE_MS = 15 * 60_000;

/** Knows every failpoint that a process has passed, and waits at the one that was chosen. */
export function failpoints(random: Seeded) {
  const killedAt = new Map<string, number>();
  const seenAt = new Map<string, number>();
  let armed: { readonly point: string; readonly act: (member: MemberName) => void } | undefined;
  let cut: string | undefined;
  const counts = { cuts: 0 };
  return {
    counts,
    killedAt,
    onPoint: (member: MemberName, point: Point): Verdict => {
      const name = nameOfPoint(point);
      if (!killedAt.has(name)) killedAt.set(name, 0);
      seenAt.set(name, Date.now());
      if (armed?.point === name) {
        const { act } = armed;
        armed = undefined;
        killedAt.set(name, (killedAt.get(name) ?? 0) + 1);
        act(member);
        return 'break';
      }
      if (cut !== point.moment) return 'pass';
      cut = undefined;
      counts.cuts += 1;
      return 'break';
    },
    /** Of those that somebody passed lately, one at which fewest were killed. */
    choose: (): string | undefined => {
      const recent = [...killedAt].filter(([name]) => (seenAt.get(name) ?? 0) > Date.now() - RECENT_MS);
      const fewest = Math.min(...recent.map(([, count]) => count));
      const names = recent.filter(([, count]) => count === fewest).map(([name]) => name);
      return names.length > 0 ? random.pick(names) : undefined;
    },
    arm: (point: string, act: (member: MemberName) => void) => {
      armed = { point, act };
    },
    disarm: () => {
      armed = undefined;
    },
    /** The connection of the next call breaks, mostly after its effect and before its answer. */
    cutNext: () => {
      cut = random.next() < 0.8 ? 'after' : 'before';
    },
    calm: () => {
      cut = undefined;
      armed = undefined;
    },
  };
}

export type Failpoints = ReturnType<typeof failpoints>;

export type HavocWish = {
  readonly kills: number;
  readonly untilMs: number;
  readonly gapMs: number;
  /** Left out of short runs: how many kills lie between two of them. */
  readonly crashEvery: number;
  readonly zombieEvery: number;
  readonly withOutage: boolean;
};

/** Kills, stops, cuts and crashes, as the seed decides, until there were enough. */
export async function wreak(world: ChaosWorld, points: Failpoints, random: Seeded, wish: HavocWish): Promise<Havoc> {
  const { fleet, sql } = world;
  const seen = { kills: 0, hits: 0, zombies: 0, crashes: 0, outages: 0, plansThen: 0 };
  const asleep = new Set<MemberName>();
  const waking: Promise<unknown>[] = [];

  async function holds(pid: number | undefined): Promise<boolean> {
    const [row] = await sql<{ held: boolean }[]>`
      select exists (select from verne.deliveries where state = 'open' and worker like ${`${pid}%`}) as held`.catch(
      () => [],
    );
    return row?.held === true;
  }

  async function kill(name: MemberName): Promise<void> {
    const [pid, underWay] = [fleet.pid(name), world.underWay(name)];
    if (!fleet.signal(name, 'SIGKILL')) return;
    seen.kills += 1;
    if (underWay > 0 || (await holds(pid))) seen.hits += 1;
  }

  async function killAtPoint(): Promise<void> {
    const point = points.choose();
    if (point === undefined) return;
    const killed = Promise.withResolvers<void>();
    points.arm(point, (name) => killed.resolve(kill(name)));
    await Promise.race([killed.promise, sleep(POINT_WITHIN_MS)]);
    points.disarm();
  }

  async function killAnywhere(): Promise<void> {
    const name = random.pick(VICTIMS);
    if (fleet.isUp(name) || random.next() < 0.1) await kill(name);
  }

  /** Stopped past its lease, and awake again when another may have its work. */
  async function stun(): Promise<void> {
    const name = random.pick(WORKERS);
    if (asleep.has(name) || !fleet.isUp(name)) return;
    const pid = fleet.pid(name);
    fleet.signal(name, 'SIGSTOP');
    asleep.add(name);
    seen.zombies += 1;
    await sleep(world.leaseMs * (1.2 + random.next()));
    if (fleet.pid(name) === pid) fleet.signal(name, 'SIGCONT');
    asleep.delete(name);
  }

  async function countPlans(): Promise<number> {
    const [row] = await sql<{ plans: number }[]>`
      select count(*)::int as plans from verne.sessions where phase in ('plan_review', 'approving')`;
    return row?.plans ?? 0;
  }

  async function blackOut(): Promise<void> {
    points.calm();
    const deadline = Date.now() + PLANS_WITHIN_MS;
    for (;;) {
      seen.plansThen = await countPlans();
      if (seen.plansThen > 0 || Date.now() > deadline) break;
      await sleep(20);
    }
    await fleet.hold();
    // What is still on its way lands in the first seconds of the outage, which the simulators cannot skip.
    await sleep(world.landedMs);
    await world.pass(OUTAGE_MS);
    fleet.release();
    seen.outages += 1;
  }

  const isDue = (every: number) => seen.kills > 0 && seen.kills % every === 0;
  let [crashedAt, stunnedAt] = [0, 0];
  while (seen.kills < wish.kills && Date.now() < wish.untilMs) {
    // On a machine that is busy whoever was killed comes back late, and nothing would be under way.
    const gapMs = Math.max(wish.gapMs, Math.min(MOST_GAP_MS, fleet.bootMs() * BOOTS_A_KILL));
    await sleep(random.next() * 2 * gapMs);
    if (random.next() < 0.5) points.cutNext();
    if (random.next() < 0.5) await killAtPoint();
    else await killAnywhere();
    if (isDue(wish.zombieEvery) && stunnedAt !== seen.kills) {
      stunnedAt = seen.kills;
      waking.push(stun());
    }
    if (isDue(wish.crashEvery) && crashedAt !== seen.kills) {
      crashedAt = seen.kills;
      seen.crashes += 1;
      await world.crash();
    }
    if (wish.withOutage && seen.outages === 0 && seen.kills >= wish.kills / 2) await blackOut();
  }
  await Promise.all(waking);
  points.calm();
  const reached = [...points.killedAt].filter(([, count]) => count > 0).map(([name]) => name);
  return { ...seen, cuts: points.counts.cuts, reached, passed: [...points.killedAt.keys()] };
}
