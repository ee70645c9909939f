/** What a card says of its thread. */
export const thread = {
  /** Why there is none. */
  forbidden:
    'Verne may not create threads in this channel (it needs Create Public Threads and Send Messages in Threads).',
  too_many_threads: 'This server has as many active threads as Discord allows.',
  refused: 'Discord refused to make one.',
  /** What befell one that there was; it may be open again, a day was lost, it is no more. */
  locked:
    'It is locked or closed to Verne: what Jules does is on its page in Jules, and is told in the thread when it is open again.',
  lost: 'It was locked or closed to Verne for a day, so a part of what Jules did is missing there; all of it is on its page in Jules.',
  gone: 'It was deleted: what Jules did is on its page in Jules.',
};
