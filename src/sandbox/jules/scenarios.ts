import { hexId } from './ids.ts';
import { keysOf } from './keys.ts';
import type { PlanStep } from './plan.ts';
import type { Beat, Details } from './story.ts';

type Telling = {
  /** The steps of the plan at work, and those that come after what the scenario is about. */
  readonly start: readonly Beat[];
  readonly rest: readonly Beat[];
  readonly story: Details;
};

type Script = {
  /** One line for people. */
  readonly does: string;
  /** What becomes of the plan before anybody can approve it. */
  readonly plan?: 'never' | 'expires' | 'drops';
  /** What happens once the plan is approved; about half a minute at speed 1. */
  readonly work: (telling: Telling) => readonly Beat[];
};

const REVIEW: Beat = {
  afterMs: 2000,
  do: 'progress',
  title: 'Code reviewed',
  description: '#Correct# The change does what was asked and nothing else.',
};
const COMPLETE: Beat = { afterMs: 1500, do: 'complete', withPatch: true };
const PATCH: Beat = { afterMs: 0, do: 'patchOutput' };
const END = [REVIEW, COMPLETE, PATCH];
const LATE_MS = 30_000;

const pull = ({ prDelayMs = 2500 }: Telling['story']): Beat => ({ afterMs: prDelayMs, do: 'pullRequest' });
const happyEnd = ({ rest, story }: Telling) => [...rest, ...END, pull(story)];

/** The usual way, with these in the midst of it. */
const midway = (telling: Telling, ...beats: readonly Beat[]) => [...telling.start, ...beats, ...happyEnd(telling)];

const raw = (activity: object, afterMs = 300): Beat => ({ afterMs, do: 'raw', activity });
const shown = (...artifacts: object[]): Beat => ({ afterMs: 300, do: 'progress', artifacts });

/** A megabyte inline, as screenshots come. */
const SCREENSHOT = { mimeType: 'image/png', data: Buffer.alloc(750_000, 7).toString('base64') };
const SCREENSHOTS = 12;

const BARE = raw({ originator: 'system', description: 'Session started' });
const STRANGE = raw({ originator: 'agent', hologramProjected: { colour: 'blue' } });
const ODD: readonly Beat[] = [
  BARE,
  STRANGE,
  { afterMs: 300, do: 'progress', title: 'Frontend verification', artifacts: [{}, { smell: { of: 'coffee' } }] },
  shown({ media: SCREENSHOT }),
  shown({ changeSet: { gitPatch: { baseCommitId: hexId(40) } } }),
  { afterMs: 300, do: 'rawOutput', output: { hologram: { colour: 'blue' } } },
];

const REOPENED: readonly Beat[] = [
  { afterMs: 8000, do: 'resume' },
  { afterMs: 1000, do: 'say', text: 'A check of the pull request failed; I am looking into it.' },
  { afterMs: 2500, do: 'progress', title: 'Repair the failing check' },
  { afterMs: 2500, do: 'complete', withPatch: true },
];

const QUESTION = 'There are two places where this could go. Shall I keep the old behaviour as the default?';
const REASON = 'The checks of the repository could not be made to pass.';

/** Everything that a session is known to do, or might. */
const SCENARIOS = {
  happy: { does: 'Plan, work, pull request', work: (telling) => midway(telling) },
  slow: {
    does: 'Works five times slower',
    work: (telling) => midway(telling).map((beat) => ({ ...beat, afterMs: beat.afterMs * 5 })),
  },
  question: {
    does: 'Asks `question`, and waits for an answer',
    work: (telling) => midway(telling, { afterMs: 1500, do: 'ask', text: telling.story.question ?? QUESTION }),
  },
  replan: {
    does: 'Makes another plan in the midst of the work, and carries it out without asking again',
    work: (telling) => midway(telling, { afterMs: 1500, do: 'replan', why: 'Two more files are concerned' }),
  },
  fail: {
    does: 'Fails with `reason`; "" is an event without a reason, null no event',
    work: ({ start, story }) => [
      ...start,
      { afterMs: 1500, do: 'fail', reason: story.reason === undefined ? REASON : story.reason },
    ],
  },
  fail_first_told: {
    does: 'Tells its failure with `reason`, and reads FAILED only half a minute later',
    work: ({ start, story }) => [
      ...start,
      raw({ originator: 'system', sessionFailed: { reason: story.reason ?? REASON } }, 1500),
      { afterMs: LATE_MS, do: 'fail', reason: null },
    ],
  },
  hang: {
    does: 'Begins, stays IN_PROGRESS and says nothing more',
    work: (telling) => midway(telling, { afterMs: 0, do: 'halt' }),
  },
  done_stays: {
    does: 'Says that it is complete, with its patch, and stays IN_PROGRESS without a word until it is told something',
    work: ({ start, rest, story }) => [
      ...start,
      ...rest,
      REVIEW,
      { ...COMPLETE, do: 'complete', withPatch: true, stays: true },
      { afterMs: 0, do: 'halt' },
      COMPLETE,
      PATCH,
      pull(story),
    ],
  },
  stuck_planning: {
    does: 'Stays in PLANNING: its plan does not come until it is told something',
    plan: 'never',
    work: (telling) => midway(telling),
  },
  paused: {
    does: 'Stops in PAUSED, without a word',
    work: (telling) => midway(telling, { afterMs: 1500, do: 'halt', state: 'PAUSED' }),
  },
  unknown_state: {
    does: 'Stops in `state`, a word that nobody knows',
    work: (telling) => midway(telling, { afterMs: 1500, do: 'halt', state: telling.story.state ?? 'RETHINKING' }),
  },
  plan_only: {
    does: 'Reads COMPLETED as soon as its plan is there: not approved, no outputs',
    plan: 'expires',
    work: (telling) => midway(telling),
  },
  dropped_plan: {
    does: 'Drops its plan in the moment of its approval, which is answered as if it had taken effect',
    plan: 'drops',
    work: (telling) => midway(telling),
  },
  no_pr: {
    does: 'Ends without changes',
    work: ({ start, rest }) => [...start, ...rest, REVIEW, { ...COMPLETE, do: 'complete', withPatch: false }],
  },
  patch_only: {
    does: 'Ends with a patch, without a pull request',
    work: ({ start, rest }) => [...start, ...rest, ...END],
  },
  hidden_patch: {
    does: 'Ends with a patch in its last activity and no outputs',
    work: ({ start, rest }) => [...start, ...rest, REVIEW, COMPLETE],
  },
  repoless: {
    does: 'Ends with a patch that names no repository',
    work: ({ start, rest }) => [...start, ...rest, REVIEW, COMPLETE, { ...PATCH, do: 'patchOutput', repoless: true }],
  },
  late_pr: {
    does: 'The pull request comes half a minute after the end, or after `prDelayMs`',
    work: ({ story, ...telling }) => midway({ ...telling, story: { prDelayMs: story.prDelayMs ?? LATE_MS } }),
  },
  completed_twice: {
    does: 'Says that it is complete, works on, and says it again at its end',
    work: (telling) => midway(telling, raw({ originator: 'agent', sessionCompleted: {} }, 1500)),
  },
  reopen: {
    does: 'Goes back to work by itself after the pull request',
    work: (telling) => [...midway(telling), ...REOPENED],
  },
  large_media: {
    does: 'Twelve megabytes of screenshots among its activities',
    work: (telling) => midway(telling, ...Array.from({ length: SCREENSHOTS }, () => shown({ media: SCREENSHOT }))),
  },
  bare_activity: { does: 'An activity without an event', work: (telling) => midway(telling, BARE) },
  unknown_activity: { does: 'An activity that nobody knows', work: (telling) => midway(telling, STRANGE) },
  empty_artifact: { does: 'An artifact with nothing in it', work: (telling) => midway(telling, shown({})) },
  odd: { does: 'Activities, artifacts and outputs of unknown shapes', work: (telling) => midway(telling, ...ODD) },
} as const satisfies Record<string, Script>;

type Scenario = keyof typeof SCENARIOS;
export type Story = Details & { readonly scenario: Scenario };
export const SCENARIO_NAMES = keysOf(SCENARIOS);

const scriptOf = (scenario: Scenario): Script => SCENARIOS[scenario];

/** What people choose from. */
export const scenarioList = () => SCENARIO_NAMES.map((name) => ({ name, does: SCENARIOS[name].does }));

export const planOf = ({ scenario }: Story) => scriptOf(scenario).plan;

const COMMANDS = ['npm ci', 'git grep -n TODO', 'npm run check', 'npm test'];

function beatsOfStep({ title, description }: PlanStep, index: number): Beat[] {
  const command = COMMANDS[index % COMMANDS.length];
  const ran: Beat = {
    afterMs: 2000,
    do: 'progress',
    title: 'Ran bash command',
    description: `Command: ${command}\nOutput: ok\nExit Code: 0`,
    artifacts: [{ bashOutput: { command: `\n${command}`, output: 'ok\n', exitCode: 0 } }],
  };
  const silent: Beat = { afterMs: 1800, do: 'progress' };
  return [{ afterMs: 2200, do: 'progress', title, description }, index === 2 ? silent : ran];
}

/** What happens once the plan is approved. */
export function workOf({ scenario, ...story }: Story, steps: readonly PlanStep[]): readonly Beat[] {
  const all = steps.flatMap(beatsOfStep);
  return scriptOf(scenario).work({ start: all.slice(0, 3), rest: all.slice(3), story });
}
