import type { z } from 'zod';
import { RemoteFailure } from '#kernel/errors.ts';
import type { SessionName } from '#kernel/ids.ts';
import type { Secret } from '#kernel/secret.ts';
import { type Activity, activity, withLastPatch } from './activity.ts';
import { type Call, type CallDeps, callJules, type Fetch, sleep } from './call.ts';
import { type CallKind, unreadableFailure } from './failure.ts';
import { everyPage } from './pages.ts';
import { SESSION_NAME, type Session, type Source, session, source } from './wire.ts';

export type JulesOptions = {
  readonly apiBase: string;
  readonly fetch: Fetch;
  readonly timeoutMs: number;
  readonly createTimeoutMs: number;
  readonly onCall?: CallDeps['onCall'];
  /** For tests. */
  readonly random?: () => number;
  readonly sleep?: CallDeps['sleep'];
};

type CallOptions = { readonly signal: AbortSignal };

export type NewSession = {
  readonly prompt: string;
  readonly title: string;
  /** As Jules names it: `sources/github/{owner}/{repo}`. */
  readonly source: string;
  readonly startingBranch: string;
};

export type JulesClient = {
  listSources(key: Secret, input: Record<never, never>, options: CallOptions): Promise<Source[]>;
  /** Newest first, without archived ones. No page is read after one that holds a session for which `stopAt` is true. */
  listSessions(
    key: Secret,
    input: { readonly stopAt?: (session: Session) => boolean },
    options: CallOptions,
  ): Promise<Session[]>;
  getSession(key: Secret, input: { readonly name: SessionName }, options: CallOptions): Promise<Session>;
  createSession(key: Secret, input: NewSession, options: CallOptions): Promise<Session>;
  approvePlan(key: Secret, input: { readonly name: SessionName }, options: CallOptions): Promise<void>;
  sendMessage(
    key: Secret,
    input: { readonly name: SessionName; readonly prompt: string },
    options: CallOptions,
  ): Promise<void>;
  /**
   * Oldest first. `since` is cut to milliseconds while Jules counts microseconds, so the last ones known come again:
   * keep names, not counts.
   */
  listActivities(
    key: Secret,
    input: { readonly name: SessionName; readonly since?: Date },
    options: CallOptions,
  ): Promise<Activity[]>;
  archiveSession(key: Secret, input: { readonly name: SessionName }, options: CallOptions): Promise<void>;
};

const SOURCE_NAME = /^sources(\/[A-Za-z0-9._-]+)+$/;

function refuseName(kind: string, name: string): never {
  throw new RemoteFailure(`"${name.slice(0, 80)}" is not the name of a Jules ${kind}`, {
    service: 'jules',
    code: 'bad_name',
    retry: 'never',
  });
}

/** Names come from outside and become paths: nothing may climb out of its place. */
function sessionPath(name: SessionName): string {
  return SESSION_NAME.test(name) ? name : refuseName('session', name);
}

function safeSource(name: string): string {
  const isSafe = SOURCE_NAME.test(name) && !name.split('/').some((part) => part === '.' || part === '..');
  return isSafe ? name : refuseName('source', name);
}

function decode<Schema extends z.ZodType>(schema: Schema, answer: unknown, call: CallKind): z.output<Schema> {
  const decoded = schema.safeParse(answer);
  if (decoded.success) return decoded.data;
  throw unreadableFailure(call, { code: 'unreadable', why: 'it is not what was asked for', cause: decoded.error });
}

/**
 * The Jules methods that Verne calls. Every failure is a RemoteFailure that says when to try again, and whether the
 * call may have taken effect.
 */
export function julesClient(options: JulesOptions): JulesClient {
  const { apiBase, fetch, timeoutMs, createTimeoutMs } = options;
  const deps: CallDeps = {
    apiBase,
    fetch,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? sleep,
    ...(options.onCall && { onCall: options.onCall }),
  };
  const base = (key: Secret, { signal }: CallOptions) => ({ key, signal, timeoutMs });

  async function post(call: Omit<Call, 'method' | 'effect'>) {
    await callJules(deps, { method: 'POST', effect: 'write', ...call });
  }

  return {
    listSources: (key, _input, options) => {
      const call = { ...base(key, options), path: 'sources', to: 'list sources' };
      return everyPage(deps, call, { field: 'sources', schema: source });
    },

    listSessions: (key, { stopAt }, options) => {
      const call = { ...base(key, options), path: 'sessions', to: 'list sessions' };
      return everyPage(deps, call, { field: 'sessions', schema: session, ...(stopAt && { stopAt }) });
    },

    listActivities: async (key, { name, since }, options) => {
      const call = { ...base(key, options), path: `${sessionPath(name)}/activities`, to: 'list activities' };
      const query = since && { filter: `create_time > "${since.toISOString()}"` };
      return everyPage(
        deps,
        { ...call, ...(query && { query }) },
        { field: 'activities', schema: activity, lighten: withLastPatch },
      );
    },

    getSession: async (key, { name }, options) => {
      const kind = { to: 'read a session', effect: 'read' } as const;
      const call: Call = { ...base(key, options), ...kind, method: 'GET', path: sessionPath(name) };
      return decode(session, await callJules(deps, call), kind);
    },

    /**
     * Always with plan approval: a session whose answer was lost then waits, and can never open a pull request.
     * Without AUTO_CREATE_PR no pull request is made through the API at all.
     */
    createSession: async (key, { prompt, title, source, startingBranch }, options) => {
      const kind = { to: 'create a session', effect: 'create' } as const;
      const json = {
        prompt,
        title,
        sourceContext: { source: safeSource(source), githubRepoContext: { startingBranch } },
        requirePlanApproval: true,
        automationMode: 'AUTO_CREATE_PR',
      };
      const call: Call = { ...base(key, options), ...kind, method: 'POST', path: 'sessions', json };
      return decode(session, await callJules(deps, { ...call, timeoutMs: createTimeoutMs }), kind);
    },

    approvePlan: async (key, { name }, options) =>
      post({ ...base(key, options), path: `${sessionPath(name)}:approvePlan`, json: {}, to: 'approve a plan' }),

    sendMessage: async (key, { name, prompt }, options) =>
      post({ ...base(key, options), path: `${sessionPath(name)}:sendMessage`, json: { prompt }, to: 'send a message' }),

    archiveSession: async (key, { name }, options) =>
      post({ ...base(key, options), path: `${sessionPath(name)}:archive`, json: {}, to: 'archive a session' }),
  };
}
