import { termsOf } from '#discord/words/terms.ts';

const { count, counted, plural } = termsOf('en');

/** What somebody hears who asks for a task, or edits one. */
export const ask = {
  recorded: (number: number, waits: string) => `🧠 Task #${number} recorded. ${waits}`,
  waitsFor: {
    approver: 'It waits for an approver.',
    approvals: (missing: number) => `It waits for ${counted(missing, 'approval', 'approvals')}.`,
    besideYours: (missing: number) => `It waits for ${counted(missing, 'approval', 'approvals')} beside yours.`,
  },
  starts: (number: number) => `🛠 Task #${number} starts.`,
  /** Where it works, whose choice that was, and with whose key. */
  works: {
    server: (place: string, from: string, last4: string) =>
      `${place} (${from}), with the server key •••• ${last4}. Its card follows in this channel.`,
    person: (place: string, from: string, last4: string) =>
      `${place} (${from}), with your key •••• ${last4}. Its card follows in this channel.`,
  },
  overruled: 'This server has each plan read, so an approver reads this one before it runs.',
  /** A budget that is spent: what it was, when there is room again, who can allow more. */
  budget: {
    person: {
      none: 'You may ask for no tasks here, so nothing was recorded.',
      at_once: (allowed: number) =>
        `You have ${counted(allowed, 'task', 'tasks')} open, which is the most, so nothing was recorded.`,
      per_day: (allowed: number) =>
        `You have used ${plural(allowed, 'the one task', `all ${count(allowed)} tasks`)} of 24 hours, so nothing was recorded.`,
      allowSome: 'An approver can allow some for a day with `/limits raise`.',
      allowMore: 'An approver can allow more for a day with `/limits raise`.',
    },
    server: {
      none: 'This server may ask for no tasks, so nothing was recorded.',
      at_once: (allowed: number) =>
        `This server has ${counted(allowed, 'task', 'tasks')} open, which is the most, so nothing was recorded.`,
      per_day: (allowed: number) =>
        `This server has used ${plural(allowed, 'the one task', `all ${count(allowed)} tasks`)} of 24 hours, so nothing was recorded.`,
      allowSome: 'Somebody with Manage Server can allow some for a day with `/limits raise`.',
      allowMore: 'Somebody with Manage Server can allow more for a day with `/limits raise`.',
    },
    roomWhenItEnds: 'There is room again when it ends.',
    roomWhenOneEnds: 'There is room again when one of them ends.',
    roomAgain: (when: string) => `There is room again ${when}.`,
  },
  noKey:
    'There is no Jules key to work with, so nothing was recorded. Enter your own with `/config key`, or ask somebody with Manage Server to enter one for the server there.',
  noRepo:
    'No repository is named and none is set, so nothing was recorded. Name one with the option `repo`, or set your own with `/config repo`.',
  unknownTask: 'There is no such task in this server. It may belong to another one.',
  parentMoved: (number: number) =>
    `Task #${number} has moved on since, so nothing was recorded. Its card shows what it does now.`,
  botLacks: (missing: string) =>
    `I cannot show a task in this channel, so nothing was recorded: I lack ${missing}. Ask somebody who manages the channel to allow it, or use another channel.`,
  nothingInIt: 'There is nothing in it, so nothing was recorded. Write what else is to be done.',
  edited: {
    done: (number: number) => `✏️ Task #${number} is edited.`,
    approvalsGone: (gone: number) =>
      `${plural(gone, 'The approval', `The ${gone} approvals`)} of the old words no longer count.`,
    waits: 'It waits for a decision on what its card shows now.',
    unchanged: (number: number) => `Task #${number} says what it said before.`,
    before: (number: number) =>
      `Task #${number} was edited in another dialog since you opened this one, so nothing was changed. Press Edit… again.`,
    notRequester: (by: string) =>
      `Only ${by}, who asked for it, may edit this task. Approvers can reject it and say what to change.`,
    noKey: 'There is no Jules key to work with any more, so nothing was changed.',
    noRepo: 'No repository is named, so nothing was changed.',
  },
  prompt: {
    whole: (number: number, chars: number) => `The prompt of task #${number} (${chars} characters):`,
    hidden: (number: number, chars: number, hidden: number) =>
      `The prompt of task #${number} (${chars} characters, ${hidden} of them hidden and left out here):`,
  },
};
