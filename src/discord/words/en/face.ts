import { termsOf } from '#discord/words/terms.ts';

const { count } = termsOf('en');

const MAY_APPEAR = 'a pull request that was nearly made may still appear.';
const PLAN_EXPIRED = 'The plan of the last session expired before Verne could approve it';

/** How a task looks at a glance: titles and sentences of its card. `who` asked for it. */
export const face = {
  pending: {
    title: '🧠 New Jules Task Requested',
    one: '⏳ Waiting for admin confirmation… Nothing runs until an approver presses Confirm.',
    noneYet: (needed: number) =>
      `⏳ Waiting for admin confirmation… Nothing runs until ${count(needed)} different approvers press Confirm; none has so far.`,
    oneSoFar: (needed: number) =>
      `⏳ Waiting for admin confirmation… Nothing runs until ${count(needed)} different approvers press Confirm; one has so far.`,
    moreSoFar: (needed: number, given: number) =>
      `⏳ Waiting for admin confirmation… Nothing runs until ${count(needed)} different approvers press Confirm; ${count(given)} have so far.`,
  },
  paused: {
    confirmed: '⏸️ Confirmed, but Verne is paused',
    queued: 'It waits without a place in the queue and goes on when the pause is over.',
    opensNothing: {
      here: 'Verne is paused in this server, so nothing is opened at Jules. It goes on by itself when the pause is over.',
      everywhere:
        'Verne is paused everywhere by those who run it, so nothing is opened at Jules. It goes on by itself when the pause is over.',
    },
    planReady: '⏸️ Plan ready, but Verne is paused',
    approvesLater: {
      here: 'Verne is paused in this server, so it approves the plan when the pause is over; where Jules has dropped it by then, in a new session.',
      everywhere:
        'Verne is paused everywhere by those who run it, so it approves the plan when the pause is over; where Jules has dropped it by then, in a new session.',
    },
  },
  queued: {
    title: '⏳ Confirmed, waiting for its turn',
    again: `${PLAN_EXPIRED}.`,
    place: (place: number) => `Place ${count(place)} in the queue.`,
    placeAndWait: (place: number, wait: string) => `Place ${count(place)} in the queue, about ${wait} to go.`,
    starts: {
      at_once: 'It starts by itself when one of the sessions that run with this Jules key ends.',
      per_day: 'It starts by itself when one of the tasks that this Jules key may start in 24 hours comes back.',
      key: 'It starts by itself when Jules takes its key again.',
    },
    startsOtherwise: 'It starts by itself as soon as the limits of the Jules key allow it.',
  },
  opening: {
    title: '🛠 Development started… opening a session',
    first: 'Verne is opening a session at Jules.',
    again: `${PLAN_EXPIRED}, so Verne opens another session at Jules.`,
  },
  unsure: {
    title: '⚠️ Not sure whether Jules began',
    why: {
      attempts: 'Three attempts to open a session had no clear answer, and no session of this task was found.',
      key: 'An attempt to open a session had no clear answer, and its Jules key is gone since, so that Verne cannot look for the session.',
    },
    sentence: (who: string) =>
      `Nothing is repeated by itself. ${who} or an approver: look at jules.google.com; if nothing runs there, press Cancel and ask again with \`/jules\`.`,
  },
  planning: {
    title: '🛠 Development started… planning',
    sentence: 'Jules is reading the repository and making a plan.',
  },
  planReview: {
    title: '📝 The plan waits for you',
    there:
      'Jules goes on once an approver has read the plan and presses Approve plan; or ask for changes. It keeps a plan for about ten minutes; after that it has to plan again.',
    fetched: 'Jules has a plan, which Verne is fetching.',
  },
  planExpired: {
    title: '⌛ The plan was not approved in time',
    late: (approver: string) =>
      `${approver} approved it, but Jules keeps a plan for about ten minutes and had dropped it by then. Nothing was run. Press Plan again when somebody is there to read the next one soon, or Cancel.`,
    never:
      'Jules keeps a plan for about ten minutes, and nobody approved this one. Nothing was run. Press Plan again when somebody is there to read it, or Cancel.',
  },
  approving: {
    title: '🛠 Development started… plan ready',
    sentence: 'Jules has a plan; Verne is approving it.',
  },
  working: {
    title: '🛠 Development started… working',
    titleAt: (step: number, of: number) => `🛠 Development started… working, step ${count(step)} of ${count(of)}`,
    sentence: (who: string) => `Jules works on the plan. ${who} is told in this channel what comes of it.`,
  },
  resumed: {
    title: '▶️ Jules came back to work',
    titleAt: (step: number, of: number) => `▶️ Jules came back to work, step ${count(step)} of ${count(of)}`,
    sentence: (who: string) =>
      `Jules had finished and goes on in the same session. ${who} is told in this channel what comes of it.`,
  },
  needsInput: {
    title: '❓ Jules has a question',
    sentence: (who: string) =>
      `Jules waits for an answer and does nothing until then. ${who}: press Answer…, or answer on its page in Jules.`,
  },
  stopped: {
    title: '⏸️ Jules has paused',
    sentence: (who: string) =>
      `Jules stopped without saying why. ${who}: look at its page in Jules. If it does not go on there, press Cancel and ask again with \`/jules\`.`,
    withButton: (who: string) =>
      `Jules stopped without saying why. ${who}: look at its page in Jules (button “Open in Jules”). If it does not go on there, press Cancel and ask again with \`/jules\`.`,
  },
  finishing: {
    title: '🏁 Jules says it is done',
    sentence: 'Verne waits a little longer for the pull request, which may still be on its way.',
  },
  unknown: {
    title: '❔ Jules is in a state that Verne does not know',
    sentence: (state: string) =>
      `Jules calls it “${state}”. Verne keeps looking, and goes on when it is one that it knows. Its page in Jules may tell more.`,
    nameless: 'nothing',
  },
  ending: {
    title: '🛠 Development started… ending',
    sentence: 'Jules has ended its session; Verne is writing down what came of it.',
  },
  heldUp: {
    title: '⚠️ Development is held up',
    sentence:
      'Something stands in the way; what it is, and what helps, is told below. The task is kept, and goes on as soon as it can.',
  },
  pr: {
    title: (pull: string) => `✅ PR ready: ${pull}`,
    byJules: (url: string) =>
      `Jules finished and opened a pull request: ${url}\nReview it there; Verne merges nothing.`,
    byReport: (url: string) =>
      `A report to Verne named the pull request: ${url}\nReview it there; Verne merges nothing.`,
  },
  patch: {
    title: '📦 Finished with a patch, without a pull request',
    sentence: (who: string, ways: string) => `Jules made changes but opened no pull request. ${who}: ${ways}.`,
    ways: {
      ask: 'press Ask for the PR',
      publish: 'publish them from its page in Jules',
      publishByButton: 'publish them from its page in Jules (button “Open in Jules”)',
      take: 'press Get the patch and apply it yourself',
      takeThere: 'take the patch there',
    },
    or: (one: string, other: string) => `${one}, or ${other}`,
  },
  nothing: {
    title: '📭 Finished without changes',
    sentence:
      'Jules ended its session without a pull request and without a patch. Its page in Jules says what it found.',
  },
  rejected: {
    title: '❌ Task rejected by Admin.',
    sentence: (who: string) => `Nothing was run. ${who} may ask again with \`/jules\`.`,
  },
  cancelled: {
    title: '🚫 Task cancelled',
    by: (by: string) => `Cancelled by ${by}.`,
    byNobody: 'Cancelled.',
    archives: `Verne archives its session, which is the only way to stop Jules; ${MAY_APPEAR}`,
    archived: `Its session is archived, which is the only way to stop Jules; ${MAY_APPEAR}`,
    unrun: 'Nothing was run.',
  },
  failed: {
    title: '⛔ Task failed',
    underWay:
      'It did not come to an end. Look at its page in Jules, which may tell more, then ask again with `/jules`. A pull request that turns up later is still shown here.',
    unbegun: 'Jules never began, so nothing was run. Mend what is told below, then ask again with `/jules`.',
  },
  deleted: {
    title: '🗑️ The session was deleted at Jules',
    kept: 'Somebody deleted it there, or Jules forgot it, so nobody works on the task any more. Its last patch is kept: press Get the patch.',
    lost: 'Somebody deleted it there, or Jules forgot it, so nobody works on the task any more. No patch of its work was kept.',
  },
  expired: {
    title: '⌛ Task expired',
    nobody: (who: string) => `Nobody decided in time; nothing was run. ${who} may ask again with \`/jules\`.`,
    tooFew: ({ given, needed }: { readonly given: number; readonly needed: number }, who: string) =>
      `Only ${count(given)} of ${count(needed)} approvals came in time; nothing was run. ${who} may ask again with \`/jules\`.`,
  },
  /** Main clauses, which other sentences end with. */
  whyExpired: {
    nobody: 'nobody decided in time',
    tooFew: (given: number, needed: number) => `only ${count(given)} of ${count(needed)} approvals came in time`,
  },
};

/** What is said where Jules hangs, and what can be done about it: each names only buttons that are there. */
export const stuck = {
  title: '🔇 Jules is silent',
  titlePlanning: '🔇 Jules is silent, and has no plan yet',
  titlePaused: '⏸️ Jules has paused',
  titleDone: '🏁 Jules looks finished, without a pull request',
  since: {
    planning: (since: string) => `Jules gave its last sign of life ${since}, though it should be making its plan.`,
    working: (since: string) => `Jules gave its last sign of life ${since}, though it should be at work.`,
    unknown: (since: string) =>
      `Jules gave its last sign of life ${since}, and is in a state that Verne does not know.`,
    paused: (since: string) => `Jules stopped ${since} without saying why, and has not gone on by itself.`,
    done: (since: string) =>
      `Jules said ${since} that it is done, but its session does not end and there is no pull request.`,
  },
  /** With its page in Jules, and where there is none. */
  nudge: {
    page: (who: string) =>
      `${who} or an approver: press Nudge to ask whether it is still at work, look at its page in Jules, or press Cancel.`,
    noPage: (who: string) => `${who} or an approver: press Nudge to ask whether it is still at work, or press Cancel.`,
  },
  nudged: {
    page: (who: string) =>
      `It was asked whether it is still at work, and has not answered yet. ${who} or an approver: wait a little, look at its page in Jules, or press Cancel.`,
    noPage: (who: string) =>
      `It was asked whether it is still at work, and has not answered yet. ${who} or an approver: wait a little, or press Cancel.`,
  },
  publish: {
    page: (who: string) => `${who} or an approver: press Ask for the PR, look at its page in Jules, or press Cancel.`,
    noPage: (who: string) => `${who} or an approver: press Ask for the PR, or press Cancel.`,
  },
  published: {
    page: (who: string) =>
      `It was asked for the pull request, and has not answered yet. ${who} or an approver: wait a little, look at its page in Jules, or press Cancel.`,
    noPage: (who: string) =>
      `It was asked for the pull request, and has not answered yet. ${who} or an approver: wait a little, or press Cancel.`,
  },
  /** In the channel, of a task by its name. */
  told: {
    silent: (task: string, since: string) => `🔇 Jules is silent about ${task}: its last sign of life was ${since}.`,
    planning: (task: string, since: string) =>
      `🔇 Jules is silent about ${task}: its last sign of life was ${since}, and there is no plan yet.`,
    paused: (task: string, since: string) =>
      `⏸️ Jules stopped work on ${task} ${since} without saying why, and has not gone on by itself.`,
    done: (task: string, since: string) =>
      `🏁 Jules said ${since} that it is done with ${task}, but its session does not end and there is no pull request.`,
  },
};
