import { z } from 'zod';
import { keysOf } from './keys.ts';
import { SCENARIO_NAMES, type Story } from './scenarios.ts';
import { settings } from './settings.ts';
import { PLANS } from './world.ts';

const PUSHES = {
  progress: 'Jules tells progress: `title`, `description`',
  say: 'Jules says `text`',
  ask: 'Jules asks `text`, and waits',
  replan: 'Jules makes another plan, and carries it out without asking',
  pause: 'PAUSED, without a word',
  state: 'Any `state`',
  complete: 'Done with a pull request; `pr: false` with a patch only',
  pull_request: 'The pull request is opened',
  fail: 'FAILED with `reason`; "" is an event without a reason, null no event',
  reopen: 'Jules goes back to work',
  message: 'Somebody writes `text` on the page of Jules',
  approve: 'Somebody approves the plan on the page of Jules',
  archive: 'Somebody archives the session there',
  unarchive: 'Somebody takes it out of the archive',
  delete: 'Somebody deletes it there',
} as const;

/** What people choose from. */
export const pushList = () => keysOf(PUSHES).map((name) => ({ name, does: PUSHES[name] }));

/** Which fields belong to which kind of script, so that a field that would change nothing is refused. */
const KINDS = {
  scenario: ['next', 'match', 'default', 'question', 'reason', 'state', 'prDelayMs'],
  session: ['do', 'text', 'title', 'description', 'reason', 'state', 'pr'],
  settings: [],
  account: ['plan', 'perDay', 'atOnce'],
  advanceMs: [],
} as const;

/**
 * One of five: a `scenario` for sessions to come (`next`, `match` or `default`; `next` where nothing is said), a push of
 * a `session` that is there, `settings`, the limits of an `account`, or time that passes at once.
 */
export const julesScriptSchema = z
  .strictObject({
    scenario: z.enum(SCENARIO_NAMES).optional(),
    /** For the next session that is created; several form a queue. */
    next: z.literal(true).optional(),
    /** For every session whose prompt holds this text. */
    match: z.string().min(1).optional(),
    /** For every session that nothing else chooses. */
    default: z.literal(true).optional(),
    question: z.string().min(1).optional(),
    /** '' is an event without a reason, null no event at all. */
    reason: z.string().nullable().optional(),
    state: z.string().min(1).optional(),
    /** Story time from the end to the pull request. */
    prDelayMs: z.number().min(0).optional(),

    /** Id or name of a session. */
    session: z.string().min(1).optional(),
    do: z.enum(keysOf(PUSHES)).optional(),
    text: z.string().min(1).optional(),
    title: z.string().optional(),
    description: z.string().optional(),
    /** With `complete`: false leaves out the pull request. */
    pr: z.boolean().optional(),

    settings: settings.partial().optional(),

    /** Label of an account, and what it may have from now on. */
    account: z.string().min(1).optional(),
    plan: z.enum(keysOf(PLANS)).optional(),
    perDay: z.number().int().min(0).optional(),
    atOnce: z.number().int().min(0).optional(),

    /** So much time passes for Jules at once, in real milliseconds. */
    advanceMs: z.number().min(0).max(3_000_000_000).optional(),
  })
  .check(({ value, issues }) => {
    const complain = (message: string) => issues.push({ code: 'custom', input: value, message });
    const given = keysOf(value).filter((name) => value[name] !== undefined);
    const [kind, ...others] = keysOf(KINDS).filter((name) => given.includes(name));
    if (kind === undefined || others.length > 0) {
      complain('give exactly one of scenario, session (with do), settings, account or advanceMs');
      return;
    }
    const known: readonly string[] = KINDS[kind];
    const strange = given.filter((name) => name !== kind && !known.includes(name));
    if (strange.length > 0) complain(`${strange.join(', ')} cannot stand beside ${kind}`);
    if (kind === 'session' && value.do === undefined) complain('session and do belong together');
    const targets = [value.next, value.match, value.default].filter((target) => target !== undefined);
    if (targets.length > 1) complain('next, match and default exclude each other');
    if (value.do === 'state' && value.state === undefined) complain('do: state needs a state');
    if (value.do === 'message' && value.text === undefined) complain('do: message needs a text');
  });

export type JulesScript = z.output<typeof julesScriptSchema>;

/** In a prompt, `sandbox:question` chooses a scenario: for people at the page. */
const IN_PROMPT = /\bsandbox:([a-z_]+)/;

/** Which story a new session gets: the queue, then a text in the prompt, then the default. */
export class Stories {
  readonly #queue: Story[] = [];
  readonly #matching: { readonly text: string; readonly story: Story }[] = [];
  #byDefault: Story = { scenario: 'happy' };

  add(script: JulesScript) {
    const { scenario = 'happy', question, reason, state, prDelayMs } = script;
    const story: Story = { scenario, question, reason, state, prDelayMs };
    if (script.default) this.#byDefault = story;
    else if (script.match !== undefined) this.#matching.unshift({ text: script.match, story });
    else this.#queue.push(story);
  }

  for(prompt: string): Story {
    const queued = this.#queue.shift();
    if (queued) return queued;
    const matched = this.#matching.find(({ text }) => prompt.includes(text));
    if (matched) return matched.story;
    const named = SCENARIO_NAMES.find((scenario) => scenario === IN_PROMPT.exec(prompt)?.[1]);
    return named ? { scenario: named } : this.#byDefault;
  }
}
