import { hexId } from './ids.ts';
import type { PlanStep } from './plan.ts';

export const SCENARIOS = [
  'happy',
  'question',
  'fail',
  'no_pr',
  'patch_only',
  'slow',
  'hang',
  'paused',
  'unknown_state',
  'reopen',
  'odd',
] as const;

export type Story = {
  readonly scenario: (typeof SCENARIOS)[number];
  /** What Jules asks in `question`. */
  readonly question?: string | undefined;
  /** Why it fails in `fail`; '' is an event without a reason, null no event at all. */
  readonly reason?: string | null | undefined;
  /** The state of `unknown_state`. */
  readonly state?: string | undefined;
  /** How long the pull request comes after the end, in story time. */
  readonly prDelayMs?: number | undefined;
};

/** One thing that happens, so long after the one before. */
export type Beat = { readonly afterMs: number } & Deed;

export type Deed =
  /** Proto3 JSON: what is empty is not sent, so a progress may come without a word. */
  | { readonly do: 'progress'; readonly title?: string; readonly description?: string; readonly artifacts?: object[] }
  | { readonly do: 'say'; readonly text: string }
  /** Waits for a message. */
  | { readonly do: 'ask'; readonly text: string }
  | { readonly do: 'complete'; readonly withPatch: boolean }
  | { readonly do: 'pullRequest' }
  | { readonly do: 'patchOutput' }
  | { readonly do: 'fail'; readonly reason: string | null }
  /** The story stops in this state; a message takes it up again. */
  | { readonly do: 'halt'; readonly state: string }
  /** Goes on working by itself. */
  | { readonly do: 'resume' }
  | { readonly do: 'raw'; readonly activity: object }
  | { readonly do: 'rawOutput'; readonly output: object };

const COMMANDS = ['npm ci', 'git grep -n TODO', 'npm run check', 'npm test'];

function beatsOfStep({ title, description }: PlanStep, index: number): Beat[] {
  const command = COMMANDS[index % COMMANDS.length];
  const ran: Beat = {
    afterMs: 2000,
    do: 'progress',
    title: 'Ran bash command',
    description: `Command: ${command}\nOutput: ok\nExit Code: 0`,
    artifacts: [{ bashOutput: { command: `\n${command}`, output: 'ok\n' } }],
  };
  const silent: Beat = { afterMs: 1800, do: 'progress' };
  return [{ afterMs: 2200, do: 'progress', title, description }, index === 2 ? silent : ran];
}

const REVIEW: Beat = {
  afterMs: 2000,
  do: 'progress',
  title: 'Code reviewed',
  description: '#Correct# The change does what was asked and nothing else.',
};

const COMPLETE: Beat = { afterMs: 1500, do: 'complete', withPatch: true };
const PATCH: Beat = { afterMs: 0, do: 'patchOutput' };
/** A megabyte inline, as screenshots come. */
const SCREENSHOT_BYTES = 750_000;

function oddBeats(): Beat[] {
  return [
    { afterMs: 300, do: 'raw', activity: { originator: 'system', description: 'Session started' } },
    { afterMs: 300, do: 'raw', activity: { originator: 'agent', hologramProjected: { colour: 'blue' } } },
    { afterMs: 300, do: 'progress', title: 'Frontend verification', artifacts: [{}, { smell: { of: 'coffee' } }] },
    {
      afterMs: 300,
      do: 'progress',
      artifacts: [{ media: { mimeType: 'image/png', data: Buffer.alloc(SCREENSHOT_BYTES, 7).toString('base64') } }],
    },
    { afterMs: 300, do: 'progress', artifacts: [{ changeSet: { gitPatch: { baseCommitId: hexId(40) } } }] },
    { afterMs: 300, do: 'rawOutput', output: { hologram: { colour: 'blue' } } },
  ];
}

const REOPENED: readonly Beat[] = [
  { afterMs: 8000, do: 'resume' },
  { afterMs: 1000, do: 'say', text: 'A check of the pull request failed; I am looking into it.' },
  { afterMs: 2500, do: 'progress', title: 'Repair the failing check' },
  { afterMs: 2500, do: 'complete', withPatch: true },
];

/** What happens once the plan is approved; about half a minute at speed 1. */
export function workOf(story: Story, steps: readonly PlanStep[]): readonly Beat[] {
  const all = steps.flatMap(beatsOfStep);
  const start = all.slice(0, 3);
  const rest = all.slice(3);
  const end = [REVIEW, COMPLETE, PATCH];
  const pull: Beat = { afterMs: story.prDelayMs ?? 2500, do: 'pullRequest' };
  switch (story.scenario) {
    case 'happy':
      return [...all, ...end, pull];
    case 'slow':
      return [...all, ...end, pull].map((beat) => ({ ...beat, afterMs: beat.afterMs * 5 }));
    case 'question':
      return [...start, { afterMs: 1500, do: 'ask', text: story.question ?? QUESTION }, ...rest, ...end, pull];
    case 'fail':
      return [...start, { afterMs: 1500, do: 'fail', reason: story.reason === undefined ? REASON : story.reason }];
    case 'no_pr':
      return [...all, REVIEW, { ...COMPLETE, do: 'complete', withPatch: false }];
    case 'patch_only':
      return [...all, ...end];
    case 'hang':
      return start;
    case 'paused':
      return [...start, { afterMs: 1500, do: 'halt', state: 'PAUSED' }, ...rest, ...end, pull];
    case 'unknown_state':
      return [...start, { afterMs: 1500, do: 'halt', state: story.state ?? 'RETHINKING' }, ...rest, ...end, pull];
    case 'reopen':
      return [...all, ...end, pull, ...REOPENED];
    case 'odd':
      return [...start, ...oddBeats(), ...rest, ...end, pull];
  }
}

const QUESTION = 'There are two places where this could go. Shall I keep the old behaviour as the default?';
const REASON = 'The checks of the repository could not be made to pass.';

/** What a message after the end sets going; the pull request is the one that is there. */
export const WORK_ON_MESSAGE: readonly Beat[] = [
  { afterMs: 1000, do: 'say', text: 'I am on it.' },
  { afterMs: 3000, do: 'progress', title: 'Work on your message' },
  { afterMs: 3000, do: 'complete', withPatch: true },
  PATCH,
];
