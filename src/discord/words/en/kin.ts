import { termsOf } from '#discord/words/terms.ts';

const { count, counted, plural } = termsOf('en');

/** What a card says of other tasks, of words that were edited, and of who reads its plan. */
export const kin = {
  title: 'Belongs to',
  parent: {
    retry: (task: string) => `retry of ${task}`,
    follow_up: (task: string) => `follow-up on ${task}`,
  },
  child: {
    retry: (task: string) => `retried as ${task}`,
    follow_up: (task: string) => `followed up by ${task}`,
  },
  before: (left: number) => `… and ${count(left)} before`,
  edited: '✏️ Edited',
  editedAfter: (when: string, approvals: number) =>
    `${when}, after ${counted(approvals, 'approval', 'approvals')}, which no longer ${plural(approvals, 'counts', 'count')}`,
  plan: {
    title: 'Its plan',
    isRead: 'is read by an approver\nbefore it runs',
    /** Whose wish that is. */
    option: (who: string) => `as ${who} asked for`,
    person: (who: string) => `as ${who} has it`,
    server: 'as this server has it',
  },
};
