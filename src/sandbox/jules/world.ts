import type { Clock } from './clock.ts';
import type { Life } from './life.ts';
import type { Fields } from './messages.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';

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
} & Limits;

/** Sessions in any 24 hours, and at once: those of the plan (`pro`) where not said. */
export type Limits = {
  readonly plan?: keyof typeof PLANS | undefined;
  readonly perDay?: number | undefined;
  readonly atOnce?: number | undefined;
};

/** As published. */
export const PLANS = {
  free: { perDay: 15, atOnce: 3 },
  pro: { perDay: 100, atOnce: 15 },
  ultra: { perDay: 300, atOnce: 60 },
} as const;

export type Source = SourceSpec & { readonly id: string; readonly name: string };

export type Activity = {
  readonly id: string;
  readonly createdAt: number;
  readonly wire: Readonly<Record<string, unknown>>;
};

export type Message = { readonly from: 'user' | 'agent'; readonly text: string; readonly at: string };

/** A session as this service keeps it. What ends in `At` is microseconds, as on the wire. */
export type Session = {
  readonly id: string;
  readonly account: string;
  readonly prompt: string;
  readonly title: string;
  readonly source: Source | null;
  readonly startingBranch: string;
  /** As it was sent, in the words of the wire. */
  readonly sourceContext: Fields | null;
  readonly requirePlanApproval: boolean;
  readonly automationMode: string;
  readonly createdAt: number;
  readonly createdMs: number;
  /** Lists do not show it before. */
  readonly listedFromMs: number;
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
  limits: { readonly perDay: number; readonly atOnce: number };
  readonly sources: readonly Source[];
  readonly sessions: Map<string, Session>;
  /** When its sessions were created, also those that are deleted: a task counts, whatever became of it. */
  readonly createdMs: number[];
  /** Creates, and reads of one source, that are being answered. */
  underWay: number;
  /** What its limits met: creates that they refused, the most that ran at once, the most in 24 hours. */
  readonly met: { refused: number; mostAtOnce: number; mostPerDay: number };
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

export function limitsOf({ plan = 'pro', perDay = PLANS[plan].perDay, atOnce = PLANS[plan].atOnce }: Limits) {
  return { perDay, atOnce };
}

export function accountOf({ label, sources, ...limits }: AccountSpec): Account {
  const named = sources.map((source) => {
    const id = `github/${source.owner}/${source.repo}`;
    return { ...source, id, name: `sources/${id}` };
  });
  return {
    label,
    limits: limitsOf(limits),
    sources: named.sort((a, b) => (a.id < b.id ? -1 : 1)),
    sessions: new Map(),
    createdMs: [],
    underWay: 0,
    met: { refused: 0, mostAtOnce: 0, mostPerDay: 0 },
  };
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
