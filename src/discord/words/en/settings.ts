import { termsOf } from '#discord/words/terms.ts';

const { count, counted, plural } = termsOf('en');

/** What the settings of a server are, and what was just changed in them. */
export const settings = {
  roles: {
    mayStart: (roles: string) => `**May start tasks:** ${roles}`,
    mayConfirm: (roles: string) => `**May confirm and reject:** ${roles}`,
    nobodyStarts: 'nobody but Manage Server and those who may confirm',
    nobodyConfirms: 'nobody but Manage Server',
    confirmersStart: 'Whoever may confirm may also start tasks, and theirs start at once.',
    replacesAll: (most: number) => `⚠️ A select holds ${count(most)} roles: what you choose replaces all that are set.`,
    select: { create: 'Who may start tasks', confirm: 'Who may confirm and reject tasks' },
  },
  notices: {
    when: {
      role: '**When a task waits for a decision:** mention the confirm roles.',
      people: '**When a task waits for a decision:** mention the people below.',
      dm: '**When a task waits for a decision:** direct message to the people below.',
      nobody: '**When a task waits for a decision:** tell nobody.',
    },
    options: {
      role: { label: 'Mention the confirm roles', description: 'On the card, in the channel' },
      people: { label: 'Mention the people below', description: 'On the card, in the channel' },
      dm: { label: 'Direct message to the people below', description: 'With a link to the card' },
      nobody: { label: 'Tell nobody', description: 'The card stands in the channel, without a mention' },
    },
    people: (people: string) => `**People:** ${people}`,
    noPeople: '**People:** none chosen',
    choosePeople: 'People who approve',
    moreDropped: (left: number) => `and ${count(left)} more, who are dropped when you choose anew`,
    noRolesSet: '⚠️ No confirm roles are set, so nobody is mentioned. Set them with `/config roles`.',
    noPeopleChosen: '⚠️ No people are chosen, so nobody is told.',
    unknownChoice: 'Verne does not know this choice. Open `/config notices` again.',
  },
  approval: {
    startsAfter: (approvals: number) =>
      `**A task starts after ${plural(approvals, 'one approval', `${count(approvals)} approvals of different people`)}.**`,
    ownStartsAtOnce: 'Whoever may confirm starts their own tasks at once.',
    ownCounts: 'Their own approval counts for those who may confirm.',
    ownCountsNot: 'Nobody approves what they asked for themselves.',
    expiresAfter: (hours: number) => `A task that nobody decides expires after ${counted(hours, 'hour', 'hours')}.`,
    plansAreRead: 'An approver reads each plan before Jules works on it.',
    plansRun: 'Plans are approved by Verne; name `plan: read` with `/jules` to read one first.',
    refusedKey: {
      wait: 'Tasks whose server key Jules refuses wait for it.',
      move: 'Tasks whose server key Jules refuses, and that have not begun, move to another key of the server.',
    },
    change:
      'Change it with the options of this command. Tasks that wait already keep what held when they were asked for.',
  },
  plans: {
    yours: {
      read: '**An approver reads the plans of your tasks before they run.**',
      run: '**The plans of your tasks run at once, where this server lets you say so.**',
      usual: '**Plans of your tasks are read or run as this server has it.**',
    },
    serverReads: 'This server has each plan read; only who may approve their own tasks may have theirs run unread.',
    serverRuns: 'This server lets plans run.',
    change: 'The option `plan` of `/jules` overrules it for one task. Change it with the option of this command.',
  },
  repo: {
    at: (repo: string, branch: string) => `${repo} @ ${branch}`,
    atDefault: (repo: string) => `${repo} @ its default branch`,
    notSet: 'not set',
    order: 'Without the option `repo`, the first of these that is set is used:',
    yours: (choice: string) => `1. **Yours:** ${choice}`,
    channels: (choice: string) => `2. **This channel's:** ${choice}`,
    servers: (choice: string) => `3. **The server's:** ${choice}`,
    used: (choice: string) => `So a task of yours here works on ${choice}.`,
    noneUsed: 'None is set, so a task must name one.',
    bothNamed: 'Either name a repository or forget the one that is set, not both. Nothing was changed.',
    branchAlone: 'A branch needs its repository: name both. Nothing was changed.',
    forMe: ' Or set one for yourself alone, with the option `scope: me`.',
    channelsWith: 'Channels with a repository of their own:',
    noChannel: 'No channel has a repository of its own.',
  },
  /** Whose choice a task's repository and branch were: to the person themselves, and where everybody reads it. */
  chosen: {
    option: { you: 'as you named it', all: 'as the requester named it' },
    person: { you: 'your default', all: "the requester's default" },
    channel: { you: "this channel's default", all: "this channel's default" },
    server: { you: "the server's default", all: "the server's default" },
  },
  pause: {
    begun: (who: string, since: string) =>
      `⏸️ ${who} has paused Verne in this server${since && ` ${since}`}. Nothing new begins at Jules and no plan is approved; what Jules is already working on goes on there, and Cancel still stops it. End it with \`/config pause resume:True\`.`,
    everywhere: '⏸️ Those who run Verne have paused it everywhere, so nothing new begins until they end that too.',
    overHere: 'The pause of this server is over.',
    over: '▶️ Verne works again in this server. What waited goes on.',
  },
};
