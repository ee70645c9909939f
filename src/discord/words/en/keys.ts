import { termsOf } from '#discord/words/terms.ts';

const { count, counted } = termsOf('en');

/** Jules keys: what is stored, and what was just done with one. */
export const keys = {
  /** How a key is called: to the person themselves, and where everybody reads it. */
  called: {
    server: { you: 'the server key', all: 'the server key' },
    person: { you: 'your key', all: "the requester's key" },
  },
  /** The same where it stands alone, as on a card. */
  alone: { server: 'The server key', person: "The requester's key" },
  one: {
    server: (facts: string) => `**The server key:** ${facts}`,
    person: (facts: string) => `**Your key:** ${facts}`,
  },
  none: { server: '**The server key:** none', person: '**Your key:** none' },
  several: '**The server keys:**',
  forWhom: (place: string) => `for ${place}`,
  limits: {
    free: (perDay: number, atOnce: number) =>
      `free plan: ${counted(perDay, 'task', 'tasks')} a day, ${count(atOnce)} at once`,
    pro: (perDay: number, atOnce: number) =>
      `Pro plan: ${counted(perDay, 'task', 'tasks')} a day, ${count(atOnce)} at once`,
    ultra: (perDay: number, atOnce: number) =>
      `Ultra plan: ${counted(perDay, 'task', 'tasks')} a day, ${count(atOnce)} at once`,
    custom: (perDay: number, atOnce: number) => `${counted(perDay, 'task', 'tasks')} a day, ${count(atOnce)} at once`,
  },
  entered: (when: string) => `entered ${when}`,
  used: (when: string) => `used ${when}`,
  unused: 'not used yet',
  refused: (why: string) => `⚠️ Jules refuses it: ${why}`,
  yourTasksUse: { server: 'Your tasks use the server key.', person: 'Your tasks use your key.' },
  noneForYou: 'Without a key no task of yours can start.',
  whereMade: 'Keys are made at jules.google.com/settings#api. They are stored sealed and never shown again.',
  onlyManagers: 'Only people with Manage Server may change the server key.',
  buttons: {
    enter: { server: 'Server key…', person: 'My key…' },
    remove: { server: 'Remove server key…', person: 'Remove my key…' },
    doRemove: 'Remove',
    keep: 'Keep',
  },
  askRemoval: {
    server: (key: string) => `Remove the server key ${key}? No task can start with it any more.`,
    person: (key: string) => `Remove your key ${key}? No task can start with it any more.`,
  },
  dialog: {
    title: {
      server: 'Jules key of this server',
      person: 'Your own Jules key',
      beside: 'One more Jules key of this server',
    },
    label: 'Jules API key',
    about: 'From jules.google.com/settings#api. Stored sealed; only its last four characters are shown.',
    placeholder: 'Paste the key',
  },
  stored: {
    server: (key: string) =>
      `🔑 The server key is stored: ${key}. One that was there before is revoked. Jules is asked for its repositories now; try \`/jules\` in a few seconds. Should Jules refuse the key, you hear it by direct message.`,
    person: (key: string) =>
      `🔑 Your key is stored: ${key}. One that was there before is revoked. Jules is asked for its repositories now; try \`/jules\` in a few seconds. Should Jules refuse the key, you hear it by direct message.`,
  },
  storedBeside: (key: string) => `🔑 The key ${key} is stored beside the others.`,
  limitsKept:
    'Its Jules account is in use elsewhere too, so it keeps the limits that it has; whoever runs Verne can change them.',
  notThere: {
    server: 'The server key was not there, so nothing was removed.',
    person: 'Your key was not there, so nothing was removed.',
  },
  removed: { server: 'The server key is removed.', person: 'Your key is removed.' },
  kept: { server: 'The server key stays.', person: 'Your key stays.' },
  notLastFour: 'Name the key by its last four characters, as `/config key` shows them.',
  noSuchKey: 'The server has no key with these last four characters, so nothing was removed.',
  revoked: (key: string) => `The key ${key} is revoked: no new call is made with it.`,
};
