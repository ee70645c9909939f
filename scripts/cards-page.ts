import type { MessageBody } from '#discord/cards/body.ts';
import { COLOR } from '#discord/cards/face.ts';
import { renderTaskCard } from '#discord/cards/task.ts';
import { GALLERY } from '../test/support/card-gallery.ts';
import { NOTE_GALLERY } from '../test/support/note-gallery.ts';

export type Picture = { readonly name: string; readonly body: MessageBody };

const CARDS = GALLERY.map(([name, exhibit]) => ({
  name,
  ...exhibit,
  body: renderTaskCard(exhibit.task, exhibit.extra),
}));
const NOTES = NOTE_GALLERY.map(([name, exhibit]) => ({ name, ...exhibit }));

export const PICTURES: readonly Picture[] = [...CARDS, ...NOTES].map(({ name, body }) => ({ name, body }));

const HEAD = `# Cards and notes

What people see of a task in Discord. The **card** is one message, edited in place, that always shows the newest state; a
**note** is sent once. Every picture here was made by \`npm run cards\`, which also writes this page: each message is posted
to the simulated Discord as the bot would post it, and refused there if Discord would refuse it. The tasks are those of
\`test/support/card-gallery.ts\`, whose type asks for one as soon as there is a new status or phase.

## How a card is read

1. **Colour, sign and word**, always together: a colour alone tells nothing to many, and a phone shows the title first.
2. **One sentence**: what happens now, and who has to do what. Where nobody is named, nobody has to do anything.
3. **What matters in this state**: a problem, a question, the plan with a bar only where Jules named its step, the reason.
4. **The prompt**, for who decides as much of it as there is room for, later its beginning.
5. **What is looked up**: repository and branch and whose choice they were, people and times, the Jules key, the session.
   Times are Discord's own and tick in the reader's client and time zone.
6. **Buttons**: the verbs that the database allows now, links, and **Show prompt** where the card shows less than there is.

`;

const COLORS: Readonly<Record<keyof typeof COLOR, string>> = {
  waiting: 'somebody has to look, decide or answer',
  going: 'it goes on by itself',
  done: 'Jules has finished',
  failed: 'it failed',
  over: 'it was ended by people, or ran out of time',
};

const colorTable = () =>
  [
    '| Colour | Meaning |',
    '| --- | --- |',
    ...Object.entries(COLORS).map(
      ([name, meaning]) => `| \`#${COLOR[name as keyof typeof COLOR].toString(16)}\` | ${meaning} |`,
    ),
  ].join('\n');

const RULES = `
## Nothing is cut silently

A prompt that does not fit says how much of it is shown, and **Show prompt** shows the whole of it to whoever presses it.
Steps of a plan that are left out are counted; the whole plan is in the thread, in as many notes as it takes. Whatever Jules,
an approver or a service wrote and does not fit ends in "… 2,300 more characters", with a button that leads to the rest where
there is one. Characters that nobody would see are left out and counted, values that look like secrets are masked and counted.
The title of a single step may end in "…"; its full words are on its page in Jules.

While a task waits, **Look closely before you confirm** names what an approver may overlook: hidden characters, masked
secrets, links that show other words than their address, mentions, addresses of other hosts than GitHub, Jules and Discord,
and letters of a branch that look like others. It is no proof of bad will; nor is its absence a proof of good.

## Why embeds

Discord also has containers (components V2), which look much alike. Cards stay embeds: a card that waits mentions approvers
in the message's own text, which a container forbids beside itself; a message of unknown outcome is found again by the footer
that names its task; and a message that was once a container can never be anything else, so a card that is out there could
not be edited by an older version of Verne. An embed also shows three short facts side by side where there is room.

## The card, state by state
`;

const section = (facts: { readonly heading: string; readonly name: string; readonly lines: readonly string[] }) =>
  `### ${facts.heading}\n\n${facts.lines.join('\n\n')}\n\n![${facts.heading}](images/cards/${facts.name}.png)\n`;

export function cardsPage(): string {
  const cards = CARDS.map(({ heading, name, when, who }) =>
    section({ heading, name, lines: [when, `*Who can do what:* ${who}`] }),
  );
  const notes = NOTES.map(({ heading, name, when }) => section({ heading, name, lines: [when] }));
  return [
    `${HEAD}${colorTable()}\n${RULES}`,
    ...cards,
    '## Notes\n\nA note that brings somebody a result, or waits for them, mentions them; all others make no sound.\n',
    ...notes,
  ].join('\n');
}
