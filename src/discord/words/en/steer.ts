import { termsOf } from '#discord/words/terms.ts';

const { count } = termsOf('en');

/** What somebody hears who tells Jules something, or decides on its plan. */
export const steer = {
  kept: (number: number) =>
    `📨 Kept for Jules, which is told as soon as it takes it. The thread of task #${number} shows when it was.`,
  /** Each says what became of the words that were written: nobody may think that Jules was told what it was not. */
  untold: {
    over: 'The task is over, so Jules was told nothing. Ask again with `/jules`.',
    notStarted: 'The task was not confirmed yet, so there is nobody to tell. Try again once it runs.',
    answered: (by: string) => `${by} was quicker and has answered it; Jules was told their answer, not yours.`,
    staleQuestion: 'Jules does not wait for this answer any more, so it was not told. Its card shows what it asks now.',
    stalePlan: 'This is not the plan that waits now, so Jules was told nothing. Its card shows the newest one.',
    planApproved: (by: string) => `${by} has approved this plan already, so no changes were asked for.`,
    movedOn: 'Jules has moved on since, so it was told nothing. Its card shows what it does now.',
    tooMany: 'Twenty messages already wait until Jules takes them, so this one was not kept. Try again later.',
  },
  plan: {
    over: 'The task is over, so nothing was approved.',
    stale: 'This is not the plan that waits now, so nothing was approved. Read the newest one on its card.',
    approved: (by: string) => `${by} has approved this plan already.`,
    changesAsked: (by: string) =>
      `${by} has asked Jules for changes of this plan, so nothing was approved. The new plan comes on its card.`,
    ownTask: (number: number) =>
      `You asked for task #${number}, and this server wants somebody else to approve its plan.`,
    notRenewed: 'Its plan does not wait to be made again. Its card shows what it does now.',
  },
  patch: {
    posted: (number: number) => `📦 The patch of task #${number} comes as a file, in its thread.`,
    tooLarge: (number: number, chars: number) =>
      `The patch of task #${number} has ${count(chars)} characters, which is more than Verne keeps. Its page in Jules has it.`,
    none: 'There is no patch of this task any more: Jules made none, or it was kept for 90 days and is gone.',
  },
};
