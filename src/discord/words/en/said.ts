/** What people hear of what they wrote in a task's thread, where Jules was not told it, or not all of it. */
export const said = {
  untold: 'Jules was not told this.',
  nothing: 'There is nothing in it that Jules can be told: it is told text, and text files.',
  planExpired:
    'Jules dropped its plan, since nobody approved it in time, so there is nobody to tell. Press Plan again on the card, then write it once more.',
  leftThread:
    'The card of this task was sent again elsewhere and has its thread there, so nothing from here is told. Write it in the thread below the card.',
  leftOut: {
    large: (files: string) => `Jules was not sent ${files}: text files may have 100 KB together.`,
    not_text: (files: string) => `Jules was not sent ${files}: it is told text files only (UTF-8).`,
    unread: (files: string) => `Jules was not sent ${files}: Discord did not hand it out. Send it again.`,
  },
};
