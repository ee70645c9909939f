import { z } from 'zod';
import { SCENARIOS, type Story } from './story.ts';

const PUSHES = ['progress', 'ask', 'say', 'complete', 'fail', 'pause', 'state', 'reopen', 'pull_request'] as const;

/** What differs between observers of the real service; see `Settings`. */
const settings = z.strictObject({
  activities404Ms: z.number().min(0).optional(),
  planExpiresMs: z.number().min(0).optional(),
  echoInputOnly: z.boolean().optional(),
  emptyReplies: z.boolean().optional(),
  equalTimes: z.boolean().optional(),
  approveNothing: z.enum(['ignore', 'refuse']).optional(),
  approveExpired: z.enum(['ignore', 'resume']).optional(),
});

/**
 * One of three: a `scenario` for sessions to come (`next`, `match` or `default`; `next` where nothing is said), a push of
 * a `session` that is there, or `settings`.
 */
export const julesScriptSchema = z
  .strictObject({
    scenario: z.enum(SCENARIOS).optional(),
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
    do: z.enum(PUSHES).optional(),
    text: z.string().optional(),
    title: z.string().optional(),
    description: z.string().optional(),
    /** With `complete`: false leaves out the pull request. */
    pr: z.boolean().optional(),

    settings: settings.optional(),
  })
  .check(({ value, issues }) => {
    const complain = (message: string) => issues.push({ code: 'custom', input: value, message });
    const kinds = [value.scenario, value.session, value.settings].filter((kind) => kind !== undefined);
    if (kinds.length !== 1) complain('give exactly one of scenario, session (with do) or settings');
    if ((value.session === undefined) !== (value.do === undefined)) complain('session and do belong together');
    const targets = [value.next, value.match, value.default].filter((target) => target !== undefined);
    if (targets.length > 1) complain('next, match and default exclude each other');
    if (value.do === 'state' && value.state === undefined) complain('do: state needs a state');
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
    const named = SCENARIOS.find((scenario) => scenario === IN_PROMPT.exec(prompt)?.[1]);
    return named ? { scenario: named } : this.#byDefault;
  }
}
