import { termsOf } from '#discord/words/terms.ts';

const { counted } = termsOf('en');
const away = 'the database did not answer in time.';

/** What the door itself says: of what nobody can read any more, of the wrong place, of a database that is silent. */
export const door = {
  noPerson: 'Discord did not say who asks. Try again.',
  notHere:
    'What you named is not in this server, so nothing was done. Choose a role, a channel or a person from the list.',
  unknownCommand:
    'Verne does not know this command any more. Reload Discord (Ctrl+R, or restart the app) and try again.',
  unknownButton:
    'Verne does not know this button any more; it belongs to another version. Use the newest message, or ask again with `/jules`.',
  outdatedCommand:
    'Discord sent another version of this command. Reload Discord (Ctrl+R, or restart the app) and try again.',
  secretInOption:
    'What you typed looks like a key or a password, so nothing was done and it was not kept. If it is one, revoke it where it was made. A Jules key is entered in the dialog of `/config key`, nowhere else.',
  serviceAway: (service: string) => `Not done: ${service} did not answer. Try again in a minute.`,
  defect: (reference: string) =>
    `Something broke in Verne, nothing you did. Try again; if it stays, tell its operator the reference ${reference}.`,
  whatYouWrote: 'This is what you wrote:',
  doesNotFit: (chars: number) => `… ${counted(chars, 'more character', 'more characters')} than a message can hold`,
  noText:
    'This message holds no text that could be sent to Jules, so nothing was recorded. Describe what it shows with `/jules`.',
  /** Where it shows whether something counted, and how to begin anew: a press has its card, a panel is opened again. */
  notRecorded: {
    commands: {
      'task.create': `Not recorded: ${away} Ask again in a minute; if a card appears after all, it counts.`,
      'settings.read': `Not shown: ${away} Ask again in a minute.`,
      'settings.change': `Not recorded: ${away} Ask again in a minute; without options, the command shows what is set.`,
    },
    presses: {
      'task.confirm': `Not recorded: ${away} Press again in a minute; the card shows whether it counted.`,
      'task.cancel': `Not recorded: ${away} Press again in a minute; the card shows whether it counted.`,
      'task.read': `Not shown: ${away} Press again in a minute.`,
      'settings.read': `Not shown: ${away} Press again in a minute.`,
      'settings.change': `Not recorded: ${away} Open this panel again with \`/config\` in a minute; it shows what counted.`,
    },
    modals: {
      'task.confirm': `Not recorded: ${away} Press Reject again in a minute and write the reason anew; the card shows whether it counted.`,
      'settings.change': `Not recorded: ${away} Look with \`/config key\` in a minute: it shows which key is stored. Enter yours again if it is another one.`,
    },
    others: `Not recorded: ${away} Try again in a minute.`,
  },
  target: {
    noBranch: {
      changed: (repo: string, branch: string) => `${repo} has no branch ${branch}, so nothing was changed.`,
      recorded: (repo: string, branch: string) => `${repo} has no branch ${branch}, so nothing was recorded.`,
    },
    branches: (some: string) => `It has, for example: ${some}.`,
    chooseBranch: 'Choose one from the list, or leave the branch out.',
    noRepo: {
      changed: (repo: string) => `The Jules key in use cannot reach ${repo}, so nothing was changed.`,
      recorded: (repo: string) => `The Jules key in use cannot reach ${repo}, so nothing was recorded.`,
    },
    repos: (some: string) => `It can reach, for example: ${some}.`,
    noRepos: 'It can reach none at all.',
    chooseRepo: 'Choose one from the list, or connect the repository at jules.google.com and try again in a minute.',
  },
  place: {
    permissions: {
      see: 'View Channel',
      send: 'Send Messages',
      sendInThreads: 'Send Messages in Threads',
      embed: 'Embed Links',
      makeThreads: 'Create Public Threads',
    },
    noThreadHere: (missing: string) =>
      `⚠️ I cannot open a thread here (missing: ${missing}), so progress is shown on the card only.`,
  },
};
