import { afterAll, beforeAll, expect } from 'vitest';
import type { JulesControl, SessionState } from '#sandbox/jules/control.ts';
import { type JulesRequest, type JulesServer, startJules } from '#sandbox/jules/server.ts';

export const KEY = 'key-of-ada-12345678';
export const OTHER_KEY = 'key-of-bob-12345678';
export const SOURCE = 'sources/github/acme/shop';
export const URL_OF_PULL = /^https:\/\/github\.com\/acme\/shop\/pull\/\d+$/;

const ACCOUNT = {
  key: KEY,
  label: 'ada',
  sources: [
    { owner: 'acme', repo: 'shop', isPrivate: true, defaultBranch: 'main', branches: ['main', 'next'] },
    { owner: 'acme', repo: 'blog', defaultBranch: 'main', branches: ['main'] },
  ],
};

export const NEW = {
  prompt: 'Fix the login.\nIt fails for long names.',
  title: 'Fix the login',
  sourceContext: { source: SOURCE, githubRepoContext: { startingBranch: 'main' } },
  requirePlanApproval: true,
  automationMode: 'AUTO_CREATE_PR',
};

export const FOREVER_MS = 1e9;

type Activity = {
  readonly name: string;
  readonly createTime: string;
  readonly progressUpdated?: { readonly title?: string };
};

/** As much of the answers as tests look into. */
type Json = {
  readonly name?: string;
  readonly error?: object;
  readonly nextPageToken?: string;
  readonly sessions?: readonly { readonly name: string }[];
  readonly activities?: readonly Activity[];
  readonly sources?: readonly { readonly name: string; readonly githubRepo: object }[];
  readonly sourceContext?: object;
  readonly outputs?: readonly object[];
};
type Answered = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
};

/** Waits for what happens in real time, such as the arrival of a request; a condition with a deadline. */
export async function until<Value>(look: () => Value | Promise<Value>, what: string): Promise<NonNullable<Value>> {
  const deadline = Date.now() + 8000;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

export type Simulation = {
  readonly url: string;
  readonly control: JulesControl;
  readonly requests: JulesRequest[];
  call(method: string, path: string, body?: unknown, key?: string | null): Promise<Answered>;
  create(overrides?: object): Promise<string>;
  session(name: string): SessionState;
  reaches(name: string, state: string): Promise<SessionState>;
  /** Lets time pass, from one thing that is due to the next, until the claim is true. */
  until<Value>(look: () => Value | Promise<Value>, what: string): Promise<NonNullable<Value>>;
  /** An account of one key, with a repository. */
  account(label: string, limits?: object): string;
  /** What activities of a session tell, by the key of the event; a progress by its title. */
  told(name: string): Promise<string[]>;
};

/** A simulated Jules for one test file. Its clock is virtual: it stands still until it is told to go, or until `until`. */
export function simulate({ speed }: { readonly speed?: number } = {}): Simulation {
  let server: JulesServer | undefined;
  const requests: JulesRequest[] = [];
  const running = () => server ?? expect.unreachable('the simulation is not running');

  beforeAll(async () => {
    server = await startJules({ ...(speed ? { speed } : { virtual: true }), log: (request) => requests.push(request) });
    server.control.addAccount({ ...ACCOUNT, perDay: 1000, atOnce: 1000 });
    server.control.addAccount({ key: OTHER_KEY, label: 'bob', sources: [] });
    // Plans wait as long as a slow machine needs; tests of their expiry say so.
    server.control.script({ settings: { activities404Ms: 0, planExpiresMs: FOREVER_MS } });
  });
  afterAll(() => server?.close());

  const simulation: Simulation = {
    get url() {
      return running().url;
    },
    get control() {
      return running().control;
    },
    requests,
    async call(method, path, body, key = KEY) {
      const response = await fetch(`${running().url}${path}`, {
        method,
        headers: key === null ? {} : { 'x-goog-api-key': key },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
      return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : {} };
    },
    async create(overrides = {}) {
      const { status, json, text } = await simulation.call('POST', '/sessions', { ...NEW, ...overrides });
      expect(status, text).toBe(200);
      return String(json.name);
    },
    session: (name) =>
      running()
        .control.state()
        .find(({ id }) => `sessions/${id}` === name) ?? expect.unreachable(`no ${name}`),
    account(label, limits = {}) {
      running().control.addAccount({ key: `key-of-${label}`, label, sources: [{ owner: 'o', repo: 'r' }], ...limits });
      return `key-of-${label}`;
    },
    async until(look, what) {
      if (speed) return until(look, what);
      for (;;) {
        const value = await look();
        if (value) return value;
        if (!running().control.step()) throw new Error(`never happened: ${what}`);
      }
    },
    reaches: (name, state) =>
      simulation.until(
        () => (simulation.session(name).state === state ? simulation.session(name) : null),
        `${name} is ${state}`,
      ),
    async told(name) {
      const { json } = await simulation.call('GET', `/${name}/activities?pageSize=100`);
      return (json.activities ?? []).map((activity) => {
        const event = Object.keys(activity).find((key) =>
          /^(plan|user|agent|progress|session|hologram)[A-Z]/.test(key),
        );
        return activity.progressUpdated?.title ?? String(event);
      });
    },
  };
  return simulation;
}
