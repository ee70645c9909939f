import { readKeyring, seal } from '#guilds/keyring.ts';
import type { Actor } from '#kernel/actor.ts';
import type { Delivery } from '#kernel/handler.ts';
import { keyId, sessionName, subjectOf } from '#kernel/ids.ts';
import { Secret } from '#kernel/secret.ts';
import type { JulesActivity, JulesSession, JulesSource, Sessions } from '#tasks/ports.ts';
import { requestTask } from '#tasks/request-task.ts';
import type { TaskView } from '#tasks/task.ts';
import type { Windows } from '#tasks/work.ts';
import { anActor } from './actors.ts';
import type { TestDatabase } from './database.ts';

export const CREATE_ROLE = '300000000000000001';
export const CONFIRM_ROLE = '300000000000000002';

export const aRequester = (facts: Partial<Actor> = {}) =>
  anActor({ id: '100000000000000002', name: 'requester', roles: [CREATE_ROLE], ...facts });
export const anApprover = (facts: Partial<Actor> = {}) =>
  anActor({ id: '100000000000000003', name: 'approver', roles: [CONFIRM_ROLE], ...facts });
export const anAdmin = (facts: Partial<Actor> = {}) =>
  anActor({ id: '100000000000000004', name: 'admin', admin: true, ...facts });

export type ServerFacts = {
  readonly guild?: string;
  readonly perDay?: number;
  readonly atOnce?: number;
  readonly fingerprint?: string;
};

/** What seals the keys of tests, and processes that tests start are given. */
export const MASTER_KEYS = `1:${Buffer.alloc(32, 1).toString('base64')}`;
const keyring = readKeyring(MASTER_KEYS);

/** A server with both roles, a default repository and a sealed key. Gives back the key's id. */
export async function aServer({ rpc }: TestDatabase, facts: ServerFacts = {}) {
  const admin = anAdmin({ ...(facts.guild && { guild: facts.guild }) });
  const id = crypto.randomUUID();
  const changes = { create_roles: [CREATE_ROLE], confirm_roles: [CONFIRM_ROLE], default_repo: 'octo/repo' };
  await rpc('change_settings', { actor: admin, changes });
  await rpc('store_key', {
    actor: admin,
    owner: 'server',
    sealed: {
      id,
      ...seal(keyring, new Secret(`key-of-${id}`), { id, guild: admin.guild, owner: null }),
      last4: '1a2b',
      fingerprint: facts.fingerprint ?? id,
      per_day: facts.perDay ?? 100,
      at_once: facts.atOnce ?? 15,
    },
  });
  return keyId(id);
}

/** What Jules lists for a key. */
export async function someSources({ rpc }: TestDatabase, key: string, repos: readonly string[] = ['octo/repo']) {
  const sources = repos.map((repo) => ({
    name: `sources/github/${repo}`,
    repo,
    default_branch: 'main',
    branches: ['main', 'dev'],
  }));
  await rpc('record_sources', { key_id: key, sources });
}

let requests = 0;
let sessionNames = 0;

export async function aTask(
  db: TestDatabase,
  actor = aRequester(),
  wish: { prompt?: string; repo?: string } = {},
): Promise<TaskView> {
  requests += 1;
  const outcome = await requestTask(db.rpc, actor, { requestKey: `test-${requests}`, prompt: 'Fix the test', ...wish });
  if (outcome.kind !== 'requested') throw new Error(`the task was refused: ${JSON.stringify(outcome)}`);
  return outcome.task;
}

/** A delivery about a task, an account or a key, claimed now. */
export function aDelivery(noun: string, id: string, facts: Partial<Delivery> = {}): Delivery {
  return {
    id: '1',
    subscriber: 'test',
    key: subjectOf(noun, id),
    attempts: 1,
    now: new Date(),
    event: { id: '1', topic: 'test.topic', payload: {}, correlationId: crypto.randomUUID() },
    signal: new AbortController().signal,
    ...facts,
  };
}

export const WINDOWS: Windows = {
  intentMs: 180_000,
  sweepMs: 10_000,
  followMs: 45_000,
  followSoonMs: 12_000,
  sourcesMs: 600_000,
  silenceMs: 86_400_000,
  silentMs: { planning: 600_000, working: 1_200_000, done: 600_000, paused: 600_000 },
  deletedMs: 300_000,
  remindMs: 1_800_000,
  remindAgainMs: 86_400_000,
};

export const aSession = (facts: Partial<JulesSession> = {}): JulesSession => ({
  name: sessionName('sessions/1'),
  title: 'a session',
  prompt: 'a prompt',
  state: 'IN_PROGRESS',
  url: 'https://jules.google.com/session/1',
  createTime: new Date(),
  updateTime: new Date(),
  outputs: [],
  ...facts,
});

let messages = 0;
/** As Jules lists what it was told. */
const aMessageOf = (message: string): JulesActivity => ({
  name: `sessions/1/activities/told${++messages}`,
  createTime: new Date(),
  description: null,
  artifacts: [],
  kind: 'userMessaged',
  message,
});

export type FakeJules = Sessions & {
  sessions: JulesSession[];
  news: JulesActivity[];
  sources: JulesSource[];
  calls: string[];
  /** Thrown by the next call of that name, after or before its effect. */
  failing: Map<string, Error>;
};

/** A Jules in memory, for what tasks decide. What the API really does is shown against the simulated one. */
export function fakeJules(): FakeJules {
  const failIf = (name: string) => {
    const error = jules.failing.get(name);
    jules.failing.delete(name);
    if (error) throw error;
  };
  const jules: FakeJules = {
    sessions: [],
    news: [],
    calls: [],
    failing: new Map(),
    sources: [
      { name: 'sources/github/octo/repo', owner: 'octo', repo: 'repo', defaultBranch: 'main', branches: ['main'] },
    ],
    listSources: async () => {
      jules.calls.push('listSources');
      failIf('listSources');
      return jules.sources;
    },
    list: async () => {
      jules.calls.push('list');
      failIf('list');
      return jules.sessions;
    },
    read: async (_key, name) => {
      jules.calls.push('read');
      failIf('read');
      const found = jules.sessions.find((session) => session.name === name);
      if (!found) throw new Error(`no session ${name}`);
      return found;
    },
    create: async (_key, wish, { mayBegin }) => {
      if (!(await mayBegin())) return null;
      jules.calls.push('create');
      failIf('create');
      const made = aSession({
        name: sessionName(`sessions/${process.pid}${++sessionNames}`),
        ...wish,
        state: 'QUEUED',
      });
      jules.sessions.unshift(made);
      failIf('after create');
      return made;
    },
    approve: async (_key, name, { mayBegin }) => {
      if (!(await mayBegin())) return false;
      jules.calls.push(`approve ${name}`);
      failIf('approve');
      return true;
    },
    send: async (_key, { name, prompt }, { mayBegin }) => {
      if (!(await mayBegin())) return false;
      jules.calls.push(`send ${name}`);
      failIf('send');
      jules.news.push(aMessageOf(prompt));
      failIf('after send');
      return true;
    },
    archive: async (_key, name) => {
      jules.calls.push(`archive ${name}`);
      failIf('archive');
    },
    activities: async () => {
      jules.calls.push('activities');
      failIf('activities');
      return jules.news;
    },
  };
  return jules;
}
