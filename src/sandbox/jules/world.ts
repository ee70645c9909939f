import type { Clock } from './clock.ts';
import type { Life } from './life.ts';

type SourceSpec = {
  readonly owner: string;
  readonly repo: string;
  readonly isPrivate?: boolean;
  readonly defaultBranch?: string;
  readonly branches?: readonly string[];
};

export type AccountSpec = {
  readonly key: string;
  readonly label: string;
  readonly sources: readonly SourceSpec[];
  /** Sessions in any 24 hours, and at once; as in the Pro plan where not said. */
  readonly perDay?: number;
  readonly atOnce?: number;
};

export type Source = SourceSpec & { readonly id: string; readonly name: string };

export type Activity = {
  readonly id: string;
  readonly createdAt: number;
  readonly wire: Readonly<Record<string, unknown>>;
};

export type Message = { readonly from: 'user' | 'agent'; readonly text: string; readonly at: string };

/** A session as this service keeps it. Times are microseconds. */
export type Session = {
  readonly id: string;
  readonly account: string;
  readonly prompt: string;
  readonly title: string;
  readonly source: Source | null;
  readonly startingBranch: string;
  readonly requirePlanApproval: boolean;
  readonly automationMode: string;
  readonly createdAt: number;
  /** Milliseconds since the epoch: lists do not show it before. */
  readonly listedFrom: number;
  readonly life: Life;
  updatedAt: number;
  state: string;
  approved: boolean;
  archived: boolean;
  readonly outputs: object[];
  readonly activities: Activity[];
  readonly messages: Message[];
};

export type Account = {
  readonly label: string;
  readonly perDay: number;
  readonly atOnce: number;
  readonly sources: readonly Source[];
  readonly sessions: Map<string, Session>;
};

/** What took effect, in order: the measure of whether anything was done twice. */
export type Effect = {
  readonly kind: 'created' | 'approved' | 'messaged' | 'archived' | 'unarchived' | 'deleted';
  readonly at: string;
  readonly session: string;
  readonly account: string;
  readonly title: string;
  readonly text?: string;
};

/** Where the documentation and the observers disagree, both can be had. */
type Settings = {
  /** Activities of a new session answer 404 for so long; story time. */
  activities404Ms: number;
  /** How long a plan waits before its session reads COMPLETED, with no approval and no outputs; story time. */
  planExpiresMs: number;
  /** Input-only fields come back in answers. */
  echoInputOnly: boolean;
  /** sendMessage and approvePlan answer zero bytes instead of `{}`. */
  emptyReplies: boolean;
  /** Every second activity has the instant of the one before. */
  equalTimes: boolean;
  /** approvePlan with nothing to approve: `{}`, or 400. */
  approveNothing: 'ignore' | 'refuse';
  /** approvePlan of a plan that has expired: `{}` without effect, or the work begins. Both were seen. */
  approveExpired: 'ignore' | 'resume';
};

export type World = {
  readonly clock: Clock;
  readonly accounts: Map<string, Account>;
  readonly settings: Settings;
  readonly truth: Effect[];
  /** Something that `control.state` shows has changed. */
  readonly changed: () => void;
  /** Pull requests are numbered per repository. */
  readonly nextPull: (repository: string) => number;
};

const DEFAULT_SETTINGS: Settings = {
  activities404Ms: 2000,
  planExpiresMs: 600_000,
  echoInputOnly: false,
  emptyReplies: false,
  equalTimes: false,
  approveNothing: 'ignore',
  approveExpired: 'ignore',
};

export function accountOf({ label, sources, perDay = 100, atOnce = 15 }: AccountSpec): Account {
  const named = sources.map((source) => {
    const id = `github/${source.owner}/${source.repo}`;
    return { ...source, id, name: `sources/${id}` };
  });
  return { label, perDay, atOnce, sources: named.sort((a, b) => (a.id < b.id ? -1 : 1)), sessions: new Map() };
}

export function makeWorld(clock: Clock, changed: () => void): World {
  const pulls = new Map<string, number>();
  return {
    clock,
    accounts: new Map(),
    settings: { ...DEFAULT_SETTINGS },
    truth: [],
    changed,
    nextPull: (repository) => {
      const number = (pulls.get(repository) ?? 0) + 1;
      pulls.set(repository, number);
      return number;
    },
  };
}

export function findSession(world: World, id: string): Session | undefined {
  for (const account of world.accounts.values()) {
    const session = account.sessions.get(id);
    if (session) return session;
  }
  return undefined;
}
