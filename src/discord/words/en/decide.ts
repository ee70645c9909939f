import { termsOf } from '#discord/words/terms.ts';

const { count } = termsOf('en');

/** What somebody hears who confirms, rejects or cancels. */
export const decide = {
  /** What the task is by now, and who made it so. */
  tooLate: (number: number, now: string) => `Too late for task #${number}. ${now}`,
  now: {
    pending: 'It still waits for a decision.',
    startedAtOnce: 'It started at once, since its requester may confirm.',
    confirmed: (by: string, when: string) => `Already confirmed by ${by}${when && ` ${when}`}.`,
    completed: 'Jules has already finished it.',
    rejected: 'Already rejected.',
    rejectedBy: (by: string, when: string) => `Already rejected by ${by}${when && ` ${when}`}.`,
    failed: 'It has already failed; ask again with `/jules`.',
    cancelled: 'Already cancelled.',
    cancelledBy: (by: string) => `Already cancelled by ${by}.`,
    undecided: 'It has expired, since nobody decided in time; ask again with `/jules`.',
    tooFew: (approvals: number, of: number) =>
      `It has expired, since only ${approvals} of ${of} approvals came in time; ask again with \`/jules\`.`,
  },
  counts: (number: number, approvals: number, of: number) =>
    `✅ Your approval of task #${number} counts: ${approvals} of ${of}.`,
  startsAfterOne: 'It starts after one more, of somebody else.',
  startsAfter: (missing: number) => `It starts after ${count(missing)} more, of other people.`,
  edited: (number: number) =>
    `Task #${number} was edited since this button was shown, so nothing was confirmed. Read it again on its card, and press Confirm there.`,
  ownTask: (number: number) => `You asked for task #${number}, and this server wants somebody else to approve it.`,
  noReason: 'A rejection needs a reason, so nothing was decided. Press Reject again and write one.',
  cancelled: (number: number) => `🚫 Task #${number} is cancelled.`,
};
