import { termsOf } from '#discord/words/terms.ts';

const { count } = termsOf('en');

/** What many answers share. */
export const common = {
  saved: 'Saved.',
  manageServer: 'Manage Server',
  more: (left: number) => `… and ${count(left)} more`,
  savedAtOnce: 'What you choose below is saved at once.',
  onlyManagers: 'Only people with Manage Server may change this; ask one of them.',
};
