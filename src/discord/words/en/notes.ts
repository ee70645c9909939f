import { termsOf } from '#discord/words/terms.ts';

const { count, counted, plural } = termsOf('en');

/** How a note names its task; `place` is its repository and branch. */
export type Named = { readonly number: number; readonly place: string };
const named = ({ number, place }: Named) => `task #${number} (${place})`;

const more = (cards: number) =>
  plural(cards, 'One more task waits for a decision:', `${count(cards)} more tasks wait for a decision:`);

/** What is said once, in a channel, a thread or a direct message. `who` is mentioned. */
export const notes = {
  named,
  links: { card: 'Card', toCard: 'To the card' },
  says: '🤖 Jules says:',
  question: {
    asked: (who: string, number: number) =>
      `❓ ${who} Jules asks about task #${number}, and waits. Answer with the buttons of its card, or on its page:`,
    unsaid: 'It did not say what. Its page may tell.',
  },
  plan: {
    title: '📝 The plan',
    titleRange: (from: number, to: number, of: number) =>
      `📝 The plan, ${count(from)} to ${count(to)} of ${counted(of, 'step', 'steps')}`,
    unnamed: '(a step without a name)',
    none: 'The plan names no steps.',
    more: (steps: number) => `… and ${counted(steps, 'more step', 'more steps')}`,
    inFile: (file: string) => `Every word of it is in the file ${file}.`,
    inFileOf: (file: string, chars: number) =>
      `Every word of it (${counted(chars, 'character', 'characters')}) is in the file ${file}.`,
    hidden: (chars: number) => `${counted(chars, 'character', 'characters')} that nobody would see left out.`,
    shortened: (file: string) => `Some steps are shortened; they stand in full in the file ${file} above.`,
  },
  approval: {
    asks: (who: string, { number, place }: Named) =>
      `🧠 ${who} asks Jules to work on ${place}: task #${number} waits for your decision.`,
    shows: (shown: number, whole: number) => `shows ${count(shown)} of ${count(whole)} characters`,
    closely: (found: string) => `⚠️ Look closely: ${found}`,
    onCardAt: (link: string) => `Confirm or reject it on its card: ${link}`,
    onCard: 'Confirm or reject it on its card in the server.',
  },
  rejection: {
    head: (task: Named) => `❌ Your ${named(task)} was rejected.`,
    headBy: (task: Named, by: string) => `❌ Your ${named(task)} was rejected by ${by}.`,
    noReason: 'No reason was given.',
    next: 'Nothing was run. Talk to them, or ask again with `/jules`.',
  },
  cancelled: ({ number, place }: Named, whose: string) => `🚫 Task #${number} (${place}) of ${whose} was cancelled.`,
  cancelledBy: ({ number, place }: Named, whose: string, by: string) =>
    `🚫 Task #${number} (${place}) of ${whose} was cancelled by ${by}.`,
  /** `why` is a main clause. */
  expired: (who: string, task: Named, why: string) =>
    `⌛ ${who} your ${named(task)} expired: ${why}. Nothing was run. Ask again with \`/jules\`.`,
  opened: (place: string) => `🛠 Development started… Jules works on ${place}. What it does is told here.`,
  openedAgain: (place: string) =>
    `🔁 Jules begins again on ${place}: its plan had expired before Verne could approve it.`,
  wentOn: 'Jules went on.',
  cameBack: (number: number) => `▶️ Jules came back to task #${number} and works again.`,
  reminder: {
    decision: (who: string, task: Named, since: string) =>
      `⏰ ${who} ${named(task)} waits for a decision. It began to wait ${since}.`,
    plan: (who: string, task: Named, since: string) =>
      `⏰ ${who} ${named(task)} has a plan that waits to be read. It began to wait ${since}.`,
    plan_again: (who: string, task: Named, since: string) =>
      `⏰ ${who} ${named(task)} has no plan any more, since nobody approved it in time: press Plan again or Cancel. It began to wait ${since}.`,
    answer: (who: string, task: Named, since: string) =>
      `⏰ ${who} ${named(task)} waits for an answer to what Jules asks. It began to wait ${since}.`,
  },
  waiting: (who: string, tasks: number) => `${who} ${more(tasks)}`,
  moreCards: (cards: number) => `… and ${counted(cards, 'more card', 'more cards')} above in this channel`,
};

const noSession = 'Verne tried three times and does not know whether Jules made a session.';
const noKey =
  'Verne had asked Jules for a session without a clear answer, and the key is gone since, so that it cannot look for it.';

/** What came of a task, for who asked; and the last line of its thread, for who followed it there. */
export const outcome = {
  ready: (url: string) => `✅ PR ready: ${url}`,
  patch:
    '📦 Jules finished with a patch, but opened no pull request. Ask for it with the button, publish it from its page in Jules, or take the patch.',
  unsure: { attempts: `❔ ${noSession}`, key: `❔ ${noKey}` },
  unsureNext:
    'Nothing that Verne did not approve can open a pull request. Look at jules.google.com; if nothing runs there, press Cancel on the card and ask again with `/jules`.',
  failed: (why: string) => `⛔ Task failed: ${why}`,
  noReason: 'it gave no reason.',
  nothing:
    '📭 Jules finished without changes: no pull request, no patch. Its page in Jules says what it found; ask again with `/jules` if that is not what you meant.',
  closing: {
    ready: (url: string) => `✅ Finished. PR ready: ${url}`,
    cancelled: '🚫 Cancelled. What Jules still does is not told here any more.',
    cancelledBy: (by: string) => `🚫 Cancelled by ${by}. What Jules still does is not told here any more.`,
    patch: '📦 Finished with a patch, without a pull request.',
    failed: (why: string) => `⛔ Failed: ${why}`,
    nothing: '📭 Finished without changes: no pull request, no patch.',
  },
};

/** What Jules was told, and was not. */
export const told = {
  somebody: 'Somebody',
  did: {
    answer: (who: string) => `✅ ${who} answered Jules:`,
    changes: (who: string) => `✅ ${who} asked Jules for changes of the plan:`,
    steer: (who: string) => `✅ ${who} told Jules:`,
    follow_up: (who: string) => `✅ ${who} had Jules go on:`,
    nudge: (who: string) => `✅ ${who} asked Jules whether it is still at work:`,
    publish: (who: string) => `✅ ${who} asked Jules for the pull request:`,
  },
  untold: (why: string) => `⚠️ Jules was not told this: ${why}`,
  untoldTo: (who: string, why: string) => `⚠️ ${who}, Jules was not told this: ${why}`,
  patch: {
    head: (number: number, chars: number) =>
      `📦 The last patch of task #${number}, ${counted(chars, 'character', 'characters')}. To go on from it:`,
    headTo: (who: string, number: number, chars: number) =>
      `📦 ${who} The last patch of task #${number}, ${counted(chars, 'character', 'characters')}. To go on from it:`,
    noBase: 'Jules did not say which commit it began from: apply it on the branch of the task.',
    masked: (values: number) =>
      `⚠️ ${counted(values, 'value is', 'values are')} masked in it, which look like secrets: it does not apply there as it is. Its page in Jules has it whole.`,
  },
};

const lost = (number: number, channel: string, why: string) =>
  `⚠️ The card of your task #${number} could not be posted in ${channel}: ${why}. So nobody can see or decide it there. Have that mended, then ask again with \`/jules\`.`;
const why = {
  forbidden: 'Verne lacks the permission to write there (View Channel, Send Messages, Embed Links)',
  channel_gone: 'that channel is gone',
  refused: 'Discord refused it',
};

/** What comes to another place than it was meant for, and why. */
export const redirected = {
  card: {
    forbidden: (number: number, channel: string) => lost(number, channel, why.forbidden),
    channel_gone: (number: number, channel: string) => lost(number, channel, why.channel_gone),
    refused: (number: number, channel: string) => lost(number, channel, why.refused),
  },
  note: {
    forbidden: (channel: string) => `Meant for ${channel}, but ${why.forbidden}.`,
    channel_gone: (channel: string) => `Meant for ${channel}, but ${why.channel_gone}.`,
    refused: (channel: string) => `Meant for ${channel}, but ${why.refused}.`,
  },
};
