import { termsOf } from '#discord/words/terms.ts';

const { count, counted } = termsOf('en');

/** What `/limits` says. */
export const limits = {
  none: 'No budgets are set: only the limits of the Jules keys hold.',
  head: "Budgets of tasks here; a person's own entry counts before that of their roles, that before everybody's:",
  wholeServer: '**The whole server**',
  everybodyElse: '**Everybody else**',
  line: (whose: string, limits: string) => `• ${whose}: ${limits}`,
  perDay: (tasks: number) => `${counted(tasks, 'task', 'tasks')} in 24 hours`,
  perDayUsed: (tasks: number, used: number) => `${counted(tasks, 'task', 'tasks')} in 24 hours (${count(used)} used)`,
  atOnce: (tasks: number) => `${count(tasks)} open at once`,
  atOnceNow: (tasks: number, now: number) => `${count(tasks)} open at once (${count(now)} now)`,
  amount: (used: number) => count(used),
  amountOf: (used: number, most: number) => `${count(used)} of ${count(most)}`,
  you: (day: string, open: string) => `**You** have used ${day} in 24 hours; ${open} open now.`,
  raised: {
    server: (extra: number, until: string) =>
      `• raised for the whole server: ${count(extra)} more, which ends ${until}`,
    person: (extra: number, until: string, who: string) =>
      `• raised for ${who}: ${count(extra)} more, which ends ${until}`,
  },
  mayAskMore: {
    server: (extra: number, until: string) =>
      `This server may ask for ${counted(extra, 'task', 'tasks')} more; that ends ${until}.`,
    person: (extra: number, until: string, who: string) =>
      `${who} may ask for ${counted(extra, 'task', 'tasks')} more; that ends ${until}.`,
  },
  twoTargets: 'Name one of `person`, `role` and `server`, or none for everybody. Nothing was changed.',
  setsOwn:
    'Nobody sets their own budget, nor any other so that they may ask for more themselves. Nothing was changed; somebody else with Manage Server must do it.',
  raisesOwn: 'Nobody raises their own budget, so nothing was changed. Ask somebody else who may.',
  setAndRemoved: 'The same limit is set and removed. Nothing was changed.',
  nothingNamed: 'Name `per_day` or `at_once`, or take one away with `remove`. Nothing was changed.',
};
