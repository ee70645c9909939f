import { termsOf } from '#discord/words/terms.ts';

const { duration } = termsOf('en');

/** What people hear who may not do something. */
export const gate = {
  notInServer: 'This works only in a server that has added Verne. Use it in a channel there, not in a direct message.',
  /** In the order in which people ask; what is for later capabilities comes as it is. */
  deeds: {
    'task.create': 'start tasks',
    'task.confirm': 'confirm or reject tasks',
    'task.cancel': "cancel somebody else's task",
    'task.steer': "tell Jules anything in somebody else's task",
    'task.steer_own': 'tell Jules anything in your own tasks',
    'settings.change': 'change the settings of this server',
    'guild.pause': 'pause Verne in this server',
    'limits.raise': 'raise limits for others',
    'audit.read': 'read the audit',
  },
  anyDeed: 'do this',
  notPermitted: (deed: string, where: string) =>
    `You may not ${deed}${where || (deed.includes('this server') ? '' : ' here')}`,
  onRepo: (place: string) => ` on ${place}`,
  takesManageServer: 'that takes the permission Manage Server. Ask somebody who has it.',
  noRoles:
    'no roles are set for it yet, so only people with the permission Manage Server may. One of them can name roles with `/config roles`.',
  takesRoles: (roles: string) =>
    `that takes one of these roles: ${roles}. Ask somebody who has one, or somebody with Manage Server to change it with \`/config roles\`, also where one of them was deleted.`,
  pausedBy: (who: string, since: string) =>
    `${who} has paused Verne in this server${since && ` ${since}`}, so nothing new begins and nothing was recorded. Try again when the pause is over; somebody with Manage Server ends it with \`/config pause resume:True\`.`,
  pausedEverywhere:
    'Verne is paused everywhere by those who run it, so nothing new begins and nothing was recorded. Try again when the pause is over.',
  outOfBounds: {
    repo: (allowed: string) => `This server lets Jules work only with some repositories: ${allowed}.`,
    branch: (allowed: string) => `This server lets Jules work only with some branches: ${allowed}.`,
    channel: (allowed: string) => `This server lets Jules work only with some channels: ${allowed}.`,
  },
  chooseInBounds: 'Nothing was recorded. Choose one of them, or ask somebody with Manage Server.',
  andMore: (left: number) => `and ${left} more`,
  tooFast: {
    person: (waitMs: number) => `That was too fast, so nothing was done. Try again in ${duration(waitMs)}.`,
    server: (waitMs: number) =>
      `Too much is asked in this server at once, so nothing was done. Try again in ${duration(waitMs)}.`,
  },
};
