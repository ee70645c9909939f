import { termsOf } from '#discord/words/terms.ts';

const { count, counted } = termsOf('en');

type Quota = {
  readonly today: number;
  readonly per_day: number;
  readonly running: number;
  readonly at_once: number;
};

/** What stands on a card below its face. */
export const card = {
  footer: (task: number) => `Verne · task #${task}`,
  waitsForYou: (who: string) => `${who} a task waits for your decision.`,
  noReason: 'No reason was given.',
  fields: {
    problem: 'What went wrong',
    asks: 'Jules asks',
    latest: 'Latest',
    reason: 'Reason',
    plan: 'Plan',
    prompt: 'Prompt',
    closely: '⚠️ Look closely before you confirm',
    repository: 'Repository',
    requestedBy: 'Requested by',
    confirmedBy: 'Confirmed by',
    rejectedBy: 'Rejected by',
    confirmed: 'Confirmed',
    approvedBy: 'Approved by',
    expires: 'Expires',
    key: 'Jules key',
    session: 'Session',
    thread: 'Thread',
    noThread: 'No thread',
  },
  onBranch: (branch: string) => `branch ${branch}`,
  keyOf: { server: 'The server key', person: "The requester's key" },
  nobody: 'nobody',
  moreNeeded: (left: number) => `${count(left)} more needed`,
  notNeeded: 'not needed:\nthe requester may confirm',
  standsStill: 'not while Verne is paused:\nthen its hours go on',
  notByRequester: 'its requester may not approve it',
  quota: ({ today, per_day: perDay, running, at_once: atOnce }: Quota) =>
    `${count(today)} of ${count(perDay)} in 24 hours, ${count(running)} of ${count(atOnce)} running`,
  session: {
    ran: (how: string, ended: string) => `ran ${how}\nended ${ended}`,
    opened: (when: string) => `opened ${when}`,
    lastSign: (when: string) => `last sign of life ${when}`,
    openedAgain: (times: number) => `opened again ${count(times)} ×, since a plan expired`,
    lessThanMinute: 'less than a minute',
    minutes: (minutes: number) => counted(minutes, 'minute', 'minutes'),
    hours: (hours: number) => counted(hours, 'hour', 'hours'),
  },
  plan: {
    unnamedStep: '(a step without a name)',
    before: (steps: number) => `… ${counted(steps, 'step', 'steps')} before`,
    more: (steps: number) => `and ${counted(steps, 'more step', 'more steps')}`,
    whole: { thread: 'the whole plan is in the thread', page: 'the whole plan is on its page in Jules' },
    done: (done: number, of: number) => `${count(done)} of ${count(of)} steps done`,
  },
  prompt: {
    shows: (shown: number, whole: number) =>
      `shows ${count(shown)} of ${count(whole)} characters; **Show prompt** has all of it`,
    hidden: (characters: number) => counted(characters, 'hidden character left out', 'hidden characters left out'),
    masked: (values: number) =>
      counted(values, 'value masked that looks like a secret', 'values masked that look like secrets'),
    maskedLinks: (links: number) =>
      counted(links, 'link that shows other words than its address', 'links that show other words than their address'),
    mentions: (mentions: number) =>
      counted(mentions, 'mention of people, roles or everyone', 'mentions of people, roles or everyone'),
    places: (addresses: string) => `addresses that are not shown as links: ${addresses}`,
    morePlaces: (left: number) => `${count(left)} more`,
    oddBranch: (letters: string) => `the branch has unusual letters: ${letters}`,
  },
  noThread: (why: string) => `${why} Progress is shown on this card only.`,
  exitCode: (command: string, code: number) => `${command} ended with exit code ${code}`,
  /** What can be done about a failure. */
  next: {
    mend: 'Nothing was run. Mend that, then ask again with `/jules`.',
    deleted:
      'Press Retry… on the card, or ask again with `/jules`. What Verne kept of its work can be taken there too.',
    failed:
      'Look at the card for what it had done, then ask again with `/jules`; say more in the prompt if it lost its way.',
    otherwise: 'Look at its page in Jules, which may tell more, then ask again with `/jules`.',
  },
};

/** What is said of a text that does not fit. */
export const clipped = {
  rest: (characters: number) => `… ${counted(characters, 'more character', 'more characters')}`,
  restAt: (characters: number, where: string) =>
    `… ${counted(characters, 'more character', 'more characters')} ${where}`,
  onPage: 'on its page in Jules',
  inFile: 'in the file',
};
