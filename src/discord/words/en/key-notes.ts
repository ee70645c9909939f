import { termsOf } from '#discord/words/terms.ts';

const { count, counted } = termsOf('en');

type Use = { readonly used: number; readonly limit: number };
const taken = ({ used, limit }: Use) =>
  `${count(used)} of the ${counted(limit, 'task', 'tasks')} that it may start in 24 hours`;

const gone = (last4: string, why: string) =>
  `🔑 The Jules key •••• ${last4} that you entered is gone: ${why}, so that it cannot be opened any more. Nobody can read it. Enter it again with \`/config key\`; if you do not have it any more, make a new one at jules.google.com/settings#api.`;

/** What the owner of a key is told of it. */
export const keyNotes = {
  refused: (last4: string) =>
    `🔑 Jules refuses the key •••• ${last4} that you entered, so no task can run with it. Make a new one at jules.google.com/settings#api and enter it with \`/config key\`.`,
  usedUp: (last4: string, use: Use) =>
    `🔑 The key •••• ${last4} that you entered has nothing left for today: ${taken(use)} are started, and more wait.`,
  saidUsedUp: (last4: string, use: Use) =>
    `🔑 Jules says that the key •••• ${last4} that you entered is used up, although Verne counts ${taken(use)}: perhaps its account is used elsewhere too. Tasks wait, and are tried again by themselves.`,
  comesBack: (when: string) => `The next place comes back ${when}, and they start by themselves.`,
  staysSo: 'They start only if its limit is raised.',
  letMore:
    'To let more through, enter a key of another Jules account: for a server `/config add-key`, for yourself `/config key`.',
  broken: (last4: string) => gone(last4, 'its stored form was changed'),
  lost: (last4: string) => gone(last4, 'the master key that sealed it is lost'),
};
