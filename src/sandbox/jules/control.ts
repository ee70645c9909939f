import { z } from 'zod';
import { Refusal } from '#kernel/errors.ts';
import { instantOf } from './clock.ts';
import { type Faults, julesFaultSchema } from './faults.ts';
import { type JulesScript, julesScriptSchema, type Stories } from './scripts.ts';
import type { Deed } from './story.ts';
import {
  type AccountSpec,
  accountOf,
  type Effect,
  findSession,
  type Message,
  type Session,
  type World,
} from './world.ts';

export type SessionState = {
  readonly id: string;
  readonly account: string;
  readonly title: string;
  readonly prompt: string;
  readonly state: string;
  readonly source: string | null;
  readonly approved: boolean;
  readonly archived: boolean;
  readonly createdAt: string;
  readonly pullRequest: string | null;
  readonly messages: readonly Message[];
};

export type JulesControl = {
  /** Takes what `julesScriptSchema` takes; a Refusal says what is wrong. */
  script(body: unknown): void;
  /** Takes what `julesFaultSchema` takes; a Refusal says what is wrong. */
  fault(body: unknown): void;
  clearFaults(): void;
  /** Oldest first, of all accounts. */
  state(): readonly SessionState[];
  /** What took effect, in order; only ever longer. */
  readonly truth: readonly Effect[];
  /** An account by its key; a second key with the same label opens the same account. */
  addAccount(account: AccountSpec): void;
};

function read<Schema extends z.ZodType>(schema: Schema, body: unknown, code: string): z.output<Schema> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  throw new Refusal(code, z.prettifyError(read.error));
}

function pullOf({ outputs }: Session): string | null {
  const pull = z.looseObject({ pullRequest: z.looseObject({ url: z.string() }) });
  const urls = outputs.flatMap((output) => pull.safeParse(output).data?.pullRequest.url ?? []);
  return urls[0] ?? null;
}

function stateOf(session: Session): SessionState {
  const { id, account, title, prompt, state, source, approved, archived, createdAt, messages } = session;
  return {
    id,
    account,
    title,
    prompt,
    state,
    source: source?.name ?? null,
    approved,
    archived,
    createdAt: instantOf(createdAt),
    pullRequest: pullOf(session),
    messages: [...messages],
  };
}

const COMPLETE: readonly Deed[] = [{ do: 'complete', withPatch: true }, { do: 'patchOutput' }];

/** A push in the words of a story. */
function deedsOf({ do: push, text, title, description, reason, state, pr }: JulesScript): readonly Deed[] {
  switch (push) {
    case 'progress':
      return [
        { do: 'progress', ...((title ?? text) && { title: title ?? text ?? '' }), ...(description && { description }) },
      ];
    case 'ask':
      return [{ do: 'ask', text: text ?? 'Which of the two do you mean?' }];
    case 'say':
      return [{ do: 'say', text: text ?? 'Still working on it.' }];
    case 'complete':
      return pr === false ? COMPLETE : [...COMPLETE, { do: 'pullRequest' }];
    case 'pull_request':
      return [{ do: 'pullRequest' }];
    case 'fail':
      return [{ do: 'fail', reason: reason === undefined ? 'Something went wrong.' : reason }];
    case 'pause':
      return [{ do: 'halt', state: 'PAUSED' }];
    case 'state':
      return [{ do: 'halt', state: state ?? 'STATE_UNSPECIFIED' }];
    case 'reopen':
      return [{ do: 'resume' }];
    case undefined:
      return [];
  }
}

export type ControlDeps = { readonly world: World; readonly stories: Stories; readonly faults: Faults };

function push(world: World, script: JulesScript, name: string) {
  const session = findSession(world, name.replace(/^sessions\//, ''));
  if (!session) throw new Refusal('no_session', `There is no session ${name} in the simulated Jules.`);
  for (const deed of deedsOf(script)) session.life.push(deed);
}

/** Only what was named: an absent setting stays as it is. */
const named = (settings: object) => Object.entries(settings).filter(([, value]) => value !== undefined);

export function makeControl({ world, stories, faults }: ControlDeps): JulesControl {
  return {
    script: (body) => {
      const script = read(julesScriptSchema, body, 'bad_script');
      if (script.session !== undefined) push(world, script, script.session);
      else if (script.settings) Object.assign(world.settings, Object.fromEntries(named(script.settings)));
      else stories.add(script);
    },
    fault: (body) => faults.add(read(julesFaultSchema, body, 'bad_fault')),
    clearFaults: () => faults.clear(),
    state: () =>
      [...new Set(world.accounts.values())]
        .flatMap(({ sessions }) => [...sessions.values()])
        .sort((a, b) => a.createdAt - b.createdAt)
        .map(stateOf),
    truth: world.truth,
    addAccount: (spec) => {
      const known = [...world.accounts.values()].find(({ label }) => label === spec.label);
      world.accounts.set(spec.key, known ?? accountOf(spec));
      world.changed();
    },
  };
}
