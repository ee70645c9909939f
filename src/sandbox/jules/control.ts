import { z } from 'zod';
import { Refusal } from '#kernel/errors.ts';
import { instantOf } from './clock.ts';
import { type ArmedFault, type Faults, faultList, julesFaultSchema } from './faults.ts';
import { keysOf } from './keys.ts';
import { push } from './push.ts';
import { scenarioList } from './scenarios.ts';
import { julesScriptSchema, pushList, type Stories } from './scripts.ts';
import { useOf } from './sessions.ts';
import { settings } from './settings.ts';
import {
  type AccountSpec,
  accountOf,
  type Effect,
  type Limits,
  limitsOf,
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

type Offers = {
  readonly scenarios: readonly { readonly name: string; readonly does: string }[];
  readonly pushes: readonly { readonly name: string; readonly does: string }[];
  readonly settings: readonly { readonly name: string; readonly does: string; readonly value: unknown }[];
  readonly faults: readonly { readonly kind: string; readonly does: string; readonly needs: readonly string[] }[];
  readonly on: readonly string[];
  readonly accounts: readonly AccountFacts[];
};

/** What an account may do and does, and what its limits met so far. */
type AccountFacts = {
  readonly name: string;
  readonly perDay: number;
  readonly atOnce: number;
  readonly today: number;
  readonly running: number;
  readonly refused: number;
  readonly mostAtOnce: number;
  readonly mostPerDay: number;
};

export type JulesControl = {
  /** Takes what `julesScriptSchema` takes; a Refusal says what is wrong. */
  script(body: unknown): void;
  /** Takes what `julesFaultSchema` takes; a Refusal says what is wrong. */
  fault(body: unknown): void;
  clearFaults(): void;
  /** Those that still wait for their call, oldest first. */
  armed(): readonly ArmedFault[];
  /** What scripts and faults can name, each with a line for people, and what is set now. */
  offers(): Offers;
  /** So much time passes at once; to the next thing that is due, false where nothing is. */
  advance(ms: number): void;
  step(): boolean;
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

export type ControlDeps = { readonly world: World; readonly stories: Stories; readonly faults: Faults };

/** Limits are of an account, whichever of its keys asks. */
function limit(world: World, label: string, limits: Limits) {
  const account = [...world.accounts.values()].find((candidate) => candidate.label === label);
  if (!account) throw new Refusal('no_account', `There is no account ${label} in the simulated Jules.`);
  account.limits = limitsOf(limits);
}

/** Only what was named: an absent setting stays as it is. */
const named = (settings: object) => Object.entries(settings).filter(([, value]) => value !== undefined);

export function makeControl({ world, stories, faults }: ControlDeps): JulesControl {
  return {
    script: (body) => {
      const script = read(julesScriptSchema, body, 'bad_script');
      if (script.session !== undefined) push(world, script, script.session);
      else if (script.account !== undefined) limit(world, script.account, script);
      else if (script.advanceMs !== undefined) world.clock.advance(script.advanceMs);
      else if (script.settings) Object.assign(world.settings, Object.fromEntries(named(script.settings)));
      else stories.add(script);
    },
    fault: (body) => faults.add(read(julesFaultSchema, body, 'bad_fault')),
    clearFaults: () => faults.clear(),
    armed: () => faults.armed(),
    offers: () => ({
      scenarios: scenarioList(),
      pushes: pushList(),
      settings: keysOf(world.settings).map((name) => ({
        name,
        does: settings.shape[name].description ?? '',
        value: world.settings[name],
      })),
      faults: faultList(),
      on: julesFaultSchema.shape.on.options,
      accounts: [...new Set(world.accounts.values())].map((account) => ({
        name: account.label,
        ...account.limits,
        ...useOf(world, account),
        ...account.met,
      })),
    }),
    advance: (ms) => world.clock.advance(ms),
    step: () => world.clock.step(),
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
