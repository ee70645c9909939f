import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

/**
 * Serves the sandbox page with a state that the test holds in its hand and drivers that only write down what was posted.
 * It imitates no Discord: what the real drivers do is shown by the flows.
 */
export type PageFixture = {
  readonly url: string;
  readonly posts: { path: string; body: Record<string, unknown> }[];
  readonly answers: Map<string, (body: Record<string, unknown>) => { status?: number; body: unknown }>;
  state: State;
  /** Changes the state and tells the page. */
  set: (patch: Partial<State>) => void;
  /** How many pages listen to the events. */
  listening: () => number;
  /** The sandbox dies, and comes back on the same port. */
  pause: () => void;
  resume: () => Promise<void>;
  stop: () => Promise<void>;
};

export type State = Record<string, unknown> & { messages: readonly object[] };

const PAGE = new URL('../../src/sandbox/page/', import.meta.url).pathname;
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'";

const OFFERS = {
  scenarios: ['happy', 'question', 'fail', 'slow'].map((name) => ({ name, does: `Does ${name}` })),
  pushes: ['progress', 'message', 'delete'].map((name) => ({ name, does: `Does ${name}` })),
  settings: [{ name: 'emptyReplies', does: 'Answers nothing', value: false }],
};

export async function startPageFixture(state: State): Promise<PageFixture> {
  const listeners = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (request.method === 'POST') {
      let text = '';
      request.on('data', (chunk) => {
        text += String(chunk);
      });
      request.on('end', () => {
        const body = JSON.parse(text) as Record<string, unknown>;
        fixture.posts.push({ path, body });
        const answer = fixture.answers.get(path)?.(body) ?? { body: {} };
        response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(answer.body));
      });
    } else if (path === '/sandbox/state') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(fixture.state));
    } else if (path === '/sandbox/jules') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(OFFERS));
    } else if (path === '/sandbox/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('retry: 100\n\n');
      listeners.add(response);
      request.on('close', () => listeners.delete(response));
    } else servePage(path, response);
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const fixture: PageFixture = {
    url: `http://127.0.0.1:${port}/`,
    posts: [],
    answers: new Map(),
    state,
    set(patch) {
      fixture.state = { ...fixture.state, ...patch } as State;
      for (const one of listeners) one.write('data: {}\n\n');
    },
    listening: () => listeners.size,
    pause() {
      server.close();
      server.closeAllConnections();
    },
    resume: () => listen(port),
    stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
  return fixture;
}

function servePage(path: string, response: ServerResponse): void {
  const name = path === '/' ? 'index.html' : path.slice(1);
  readFile(join(PAGE, name)).then(
    (body) => {
      response.writeHead(200, {
        'content-type': TYPES[extname(name)] ?? 'text/plain',
        'content-security-policy': POLICY,
      });
      response.end(body);
    },
    () => response.writeHead(404).end(),
  );
}

const EPOCH_MS = 1_420_070_400_000n;
let counter = 0n;

/** A snowflake of the given moment. */
export function snowflake(atMs: number): string {
  counter += 1n;
  return (((BigInt(atMs) - EPOCH_MS) << 22n) | counter).toString();
}

export const BOT = { id: '1190000000000000001', name: 'Verne', bot: true };
export const PEOPLE = {
  approver: { id: '41', name: 'approver', bot: false },
  requester: { id: '42', name: 'requester', bot: false },
  outsider: { id: '43', name: 'outsider', bot: false },
};

export function aMessage(facts: Record<string, unknown> = {}) {
  return {
    id: snowflake(Date.now()),
    channel_id: '31',
    author: BOT,
    content: '',
    embeds: [],
    components: [],
    flags: 0,
    attachments: [],
    ...facts,
  };
}

export function aState(facts: Record<string, unknown> = {}): State {
  return {
    accounts: [
      { ...PEOPLE.approver, roles: ['21'] },
      { ...PEOPLE.requester, roles: ['22'] },
      { ...PEOPLE.outsider, roles: [] },
    ],
    guilds: [
      {
        id: '10',
        name: 'Verne sandbox',
        roles: [
          { id: '10', name: '@everyone', color: 0 },
          { id: '21', name: 'Release approver', color: 0x2ecc71 },
          { id: '22', name: 'Developer', color: 0x3498db },
        ],
      },
    ],
    channels: [
      { id: '31', name: 'jules', type: 0 },
      { id: '32', name: 'general', type: 0 },
    ],
    messages: [],
    modals: [],
    requests: [],
    interactions: [],
    sessions: [],
    commands: [
      {
        name: 'jules',
        description: 'Ask Jules for a change',
        type: 1,
        options: [
          { name: 'prompt', description: 'What should be done?', type: 3, required: true },
          { name: 'repo', description: 'owner/name', type: 3, autocomplete: true },
          { name: 'branch', description: 'Where to start from', type: 3, autocomplete: true },
        ],
      },
      {
        name: 'config',
        description: 'Settings of this server',
        type: 1,
        options: [
          { name: 'roles', description: 'Who may ask and who may confirm', type: 1 },
          {
            name: 'repo',
            description: 'Default repository',
            type: 1,
            options: [{ name: 'repo', type: 3, required: true }],
          },
        ],
      },
    ],
    ...facts,
  };
}
