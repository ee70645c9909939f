import { termsOf } from '#discord/words/terms.ts';

const { count } = termsOf('en');

/** What `/can-i`, `/config grant` and `/config allow` say. */
export const access = {
  canI: {
    onlyIn: (deed: string, places: string) => `❌ ${deed}: only ${places}`,
    takes: (deed: string, roles: string) => `❌ ${deed}: takes ${roles}`,
    may: (deed: string, by: string) => `✅ ${deed} (by ${by})`,
    mayIn: (deed: string, by: string, places: string) => `✅ ${deed} (by ${by}; only ${places})`,
    inChannel: (channel: string) => `in ${channel}`,
    morePlaces: (left: number) => `${count(left)} more`,
    youAre: (roles: string) => `You are here: ${roles}.`,
    youMay: (where: string) => `You may here${where}:`,
    budget: (limits: string) => `Your budget of tasks here: ${limits}.`,
    noBudget: 'No budget of tasks binds you here.',
    perDay: (tasks: number) => `${count(tasks)} in 24 hours`,
    atOnce: (tasks: number) => `${count(tasks)} open at once`,
    paused: (who: string, since: string) =>
      `⏸️ ${who} has paused Verne here${since && ` ${since}`}: nothing new begins.`,
    pausedEverywhere: '⏸️ Those who run Verne have paused it everywhere: nothing new begins.',
    outOfBounds: {
      repo: '⚠️ No tasks from here: this repo is not among those that the server allows.',
      branch: '⚠️ No tasks from here: this branch is not among those that the server allows.',
      channel: '⚠️ No tasks from here: this channel is not among those that the server allows.',
    },
  },
  grants: {
    to: (role: string, may: string) => `• ${role}: ${may}`,
    onRepo: (repo: string) => `on ${repo}`,
    onBranch: (branch: string) => `branch ${branch}`,
    inChannel: (channel: string) => `in ${channel}`,
    head: 'Beside the roles of `/config roles` may act here:',
    nobodyElse: '• nobody else',
    whatRolesMay:
      '`admin` may everything; `release_mgr` starts, confirms and cancels tasks and raises limits; `developer` starts tasks; `viewer` looks. What is limited to a place gives only tasks there.',
    noSuchOperation: (known: string) => `There is no such operation, so nothing was changed. There are: ${known}.`,
    notLimited:
      'That acts on the whole server, so it cannot be granted for a repository, a branch or a channel alone. Leave those options out. Nothing was changed.',
    half: 'Name both the role and what it may. Nothing was changed.',
    wasNotGranted: 'That was not granted just so; nothing was changed.',
    wasGranted: 'That was granted already.',
  },
  full: (most: number) =>
    `A server has room for ${count(most)} of these, so nothing was changed. Take one back with \`take_back\` first.`,
  bounds: {
    head: 'Whoever asks, tasks of this server keep to:',
    all: { repo: '**Repositories:** all', branch: '**Branches:** all', channel: '**Channels:** all' },
    only: {
      repo: (allowed: string) => `**Repositories:** only ${allowed}`,
      branch: (allowed: string) => `**Branches:** only ${allowed}`,
      channel: (allowed: string) => `**Channels:** only ${allowed}`,
    },
    nothingNamed: 'Name what to take away: a repository, a branch or a channel.',
    wasNotListed: 'That was not on the list; nothing was changed.',
    wasListed: 'That was so already.',
  },
};
