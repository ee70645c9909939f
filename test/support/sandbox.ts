import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/sandbox/main.ts', import.meta.url));

export type Component = {
  custom_id?: string;
  label?: string;
  url?: string;
  components?: Component[];
  component?: Component;
};
export type Message = {
  readonly attachments: readonly { readonly filename: string }[];
  id: string;
  channel_id: string;
  author: { id: string; name: string; bot: boolean };
  content: string;
  embeds: { title?: string; description?: string; fields?: { name: string; value: string }[]; color?: number }[];
  components: Component[];
  flags: number;
  mentions: string[];
  mention_roles: string[];
  reference?: { message_id: string };
  visible_to?: string;
  reactions?: readonly { readonly emoji: { readonly name: string }; readonly count: number }[];
};
export type Option = { name: string; type: number; options?: Option[]; choices?: unknown[] };
export type Modal = { as: string; custom_id: string; title: string; components: Component[] };
type Request = {
  method: string;
  path: string;
  status: number;
  body?: unknown;
  verdict?: { ok: boolean; errors: string[] };
};
export type State = {
  bot: { http?: string };
  accounts: { id: string; name: string; roles: string[] }[];
  channels: { id: string; name: string; type: number; parent_id?: string }[];
  messages: Message[];
  modals: Modal[];
  interactions: { about: string; state: string }[];
  commands: { name: string; options?: Option[] }[];
  faults: { fault: string; says: string; left?: number }[];
  requests: Request[];
  /** By the judge, since the start of the sandbox. */
  refused: { count: number; first: Request[] };
  sessions: {
    id: string;
    title: string;
    state: string;
    approved: boolean;
    archived: boolean;
    pullRequest: string | null;
    messages: readonly { readonly from: string; readonly text: string }[];
  }[];
};
export type Answer = {
  reply?: Message;
  message?: Message;
  modal?: Modal;
  choices?: { name: string; value: string }[];
  error?: string;
};

export type SandboxFacts = {
  readonly speed?: number;
  readonly door?: 'gateway' | 'http';
  readonly workers?: number;
  /** `env`: the database that `env` names. */
  readonly database?: 'embedded' | 'env';
  readonly data?: string;
  readonly env?: Record<string, string>;
};

/** A process of the bot, and what it was started with. */
export type Process = { readonly pid: number; readonly roles: string; readonly env: Record<string, string> };

export type RunningSandbox = {
  readonly origin: string;
  readonly child: ChildProcess;
  drive(path: string, body: object): Promise<Answer>;
  state(): Promise<State>;
  /** The first answer of `look` that is neither null nor undefined nor false, within the deadline. */
  until<Found>(
    what: string,
    look: (state: State) => Found | null | undefined | false,
    withinMs?: number,
  ): Promise<Found>;
  botPid(): Promise<number | undefined>;
  /** The processes of the bot that live now, the one that keeps the doors first. */
  processes(): Promise<readonly Process[]>;
  stop(): Promise<void>;
};

/** Short leases and intents, so that what a killed bot left behind is taken up within a test's patience. */
export const IMPATIENT = {
  VERNE_LEASE_MS: '1000',
  VERNE_RENEW_MS: '250',
  VERNE_POLL_MS: '200',
  VERNE_DISCORD_INTENT_MS: '1500',
  VERNE_DISCORD_TIMEOUT_MS: '1000',
  VERNE_JULES_INTENT_MS: '2500',
  VERNE_JULES_CREATE_TIMEOUT_MS: '1500',
  VERNE_JULES_TIMEOUT_MS: '1500',
};

async function readOrigin(child: ChildProcess): Promise<string> {
  let out = '';
  const found = Promise.withResolvers<string>();
  const read = (text: Buffer) => {
    out += text;
    const origin = /Verne sandbox: (http:\/\/\S+)/.exec(out)?.[1];
    if (origin) found.resolve(origin);
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  child.once('exit', () => found.reject(new Error(`the sandbox ended before it was ready:\n${out}`)));
  return found.promise;
}

const fileOf = (pid: number, name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');

async function processOf(pid: number): Promise<Process[]> {
  if (!(await fileOf(pid, 'cmdline')).includes('/src/main.ts')) return [];
  const pairs = (await fileOf(pid, 'environ')).split('\0').filter(Boolean);
  const env = Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.split('=').slice(1).join('=')]),
  );
  return [{ pid, roles: env['VERNE_ROLES'] ?? '', env }];
}

/** The bot is those of the sandbox's children that run `src/main.ts`. */
async function processesOf(sandbox: number): Promise<readonly Process[]> {
  const children = await readFile(`/proc/${sandbox}/task/${sandbox}/children`, 'utf8');
  const found = await Promise.all(children.trim().split(' ').filter(Boolean).map(Number).map(processOf));
  return found.flat().sort((one, other) => Number(one.roles === 'worker') - Number(other.roles === 'worker'));
}

/** Starts the sandbox as a person would, on a free port. */
export async function startSandbox(facts: SandboxFacts = {}): Promise<RunningSandbox> {
  const { speed = 40, door = 'gateway', workers = 0, database = 'embedded', data, env = {} } = facts;
  const options = { speed, door, workers, database, ...(data && { data }) };
  const args = [MAIN, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const origin = await readOrigin(child);
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${origin}/sandbox/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await response.json()) as Answer;
  };
  const state = async () => (await (await fetch(`${origin}/sandbox/state`)).json()) as State;
  return {
    origin,
    child,
    drive: post,
    state,
    until: async (what, look, withinMs = 20_000) => {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const now = await state();
        const found = look(now);
        if (found) return found;
        if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}\n${summary(now)}`);
        await new Promise((resume) => setTimeout(resume, 30));
      }
    },
    botPid: async () => (await processesOf(child.pid ?? 0))[0]?.pid,
    processes: () => processesOf(child.pid ?? 0),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      let judged: State;
      try {
        judged = await state();
      } finally {
        child.kill('SIGTERM');
        await gone;
      }
      expectNothingRefused(judged);
    },
  };
}

/** Whatever a story is about: the bot sends nothing that Discord would not take. */
function expectNothingRefused({ refused: { count, first } }: State) {
  const lines = first.map(
    ({ method, path, body, verdict }) => `${method} ${path} ${JSON.stringify(body)}\n  ${verdict?.errors.join('\n  ')}`,
  );
  if (count > 0) throw new Error(`the judge refused ${count} requests of the bot:\n${lines.join('\n')}`);
}

const summary = ({ messages, sessions }: State) =>
  [
    ...messages.map(
      (message) => `${message.channel_id} ${message.flags} ${message.content || message.embeds[0]?.title}`,
    ),
    ...sessions.map((session) => `${session.id} ${session.state}`),
  ].join('\n');

const flat = (components: readonly Component[]): Component[] =>
  components.flatMap((one) => [one, ...flat(one.components ?? []), ...flat(one.component ? [one.component] : [])]);

/** The id of a button of a message, or of a field of a modal. */
export function idOf({ components }: { components: Component[] }, matches: RegExp): string {
  const found = flat(components).find((one) => one.custom_id && matches.test(`${one.custom_id} ${one.label ?? ''}`));
  if (!found?.custom_id) throw new Error(`nothing matches ${matches} in ${JSON.stringify(components)}`);
  return found.custom_id;
}

const EPHEMERAL = 64;
/** The task cards of a state, oldest first: what the bot posted in a channel with an embed, for everybody. */
export const cardsOf = ({ messages, channels }: State) =>
  messages.filter(
    (message) =>
      message.author.bot &&
      !(message.flags & EPHEMERAL) &&
      message.embeds.length > 0 &&
      channels.some((channel) => channel.id === message.channel_id && channel.type === 0),
  );
