import { z } from 'zod';
import { code, hiddenCharacters, inline, markdown, quoteBlock, visible } from '#discord/text.ts';
import { capital } from '#discord/words.ts';
import type { TaskView } from '#tasks/task.ts';
import { ago, allow, isLink, type MessageBody, mentions, NOBODY, SILENT } from './body.ts';
import { clip, count, counted, restOf } from './clip.ts';
import { COLOR, whyExpired } from './face.ts';
import { KEY_FACTS, keyExhausted, keyLost, keyRefused } from './key-notes.ts';
import { type Link, person, plain, quiet, saying, withLinks } from './note-body.ts';
import { closingLine, outcomeLine } from './outcome.ts';
import { patchNote } from './patch.ts';
import { progressText } from './progress.ts';
import { suspicions } from './prompt.ts';
import { silenceNote } from './stuck.ts';
import { buttonsFor } from './task.ts';
import { toldNote, unheardNote, untoldNote } from './told.ts';

/**
 * A note says once what happened then, so it is made from its own facts; the task only lends its names. Those that wait
 * for a person, or bring a requester the result, ping them. What is only there to be followed makes no sound.
 */
export type Note = { readonly view: string; readonly facts: unknown };

export type NoteExtra = {
  /** The task's card: https://discord.com/channels/{guild}/{channel}/{message}. */
  readonly cardLink?: string | null;
};

/** The address of a message; `guild` is `@me` for a direct one. */
export const messageLink = (guild: string, channel: string, message: string) =>
  `https://discord.com/channels/${guild}/${channel}/${message}`;

const text = z.string().nullish();
const amount = z.number().nullish();
const FACTS = {
  outcome: z.object({ phase: text, pr_url: text, error: text, because: text }),
  rejection: z.object({ by: text, reason: text }),
  cancellation: z.object({ by: text }),
  expiry: z.object({}),
  approval: z.object({}),
  waiting: z.object({
    cards: z.array(z.object({ link: z.string() })),
    mention: z.object({ roles: z.array(z.string()), people: z.array(z.string()) }).nullish(),
  }),
  opened: z.object({ url: text, recreated: amount }),
  /** A long plan comes in several notes: `from` is where this one begins, `of` how many steps there are. What
   * the notes leave out of it is in the `file` of the first one; `chars` is how long the whole text is. */
  plan: z.object({ steps: z.array(z.string()), from: amount, of: amount, file: text, chars: amount }),
  /** `chars` is how long a text was before only its beginning was kept. */
  activity: z.object({ entries: z.array(z.object({ title: text, description: text, chars: amount })) }),
  message: z.object({ text, chars: amount }),
  question: z.object({ text, chars: amount }),
  resumed: z.object({}),
  reminder: z.object({
    what: z.enum(['decision', 'plan', 'plan_again', 'answer']),
    since: z.coerce.date(),
    mention: z.object({ roles: z.array(z.string()), people: z.array(z.string()) }),
  }),
  silence: z.object({
    phase: text,
    said_done: z.boolean().nullish(),
    last_sign: z.coerce.date().nullish(),
    since: z.coerce.date(),
    mention: z.object({ roles: z.array(z.string()), people: z.array(z.string()) }),
  }),
  patch: z.object({ by: text, chars: amount, base_commit: text, file: text }),
  told: z.object({ by: text, kind: text, text }),
  /** `about` names the words, for a button that takes them up. */
  untold: z.object({ by: text, kind: text, text, problem: text, about: text }),
  unheard: z.object({ sentence: text }),
  closing: z.object({ phase: text, pr_url: text, error: text, by: text }),
  ...KEY_FACTS,
};
type View = keyof typeof FACTS;
/** Those that are about no task. */
type Elsewhere = 'waiting' | 'key_refused' | 'key_exhausted' | 'key_lost';
type FactsOf<Name extends View> = z.output<(typeof FACTS)[Name]>;
const SCHEMAS: { readonly [Name in View]: z.ZodType<FactsOf<Name>> } = FACTS;

export const NOTE_VIEWS = Object.keys(FACTS) as readonly View[];
const isView = (view: string): view is View => Object.hasOwn(FACTS, view);

/** What a note is about, as far as it is about one task. */
type About = { readonly task: TaskView; readonly cardLink: string | null };

const placeOf = (task: TaskView) => `${code(task.repo, 145)} @ ${code(task.branch, 120)}`;
const nameOf = (task: TaskView) => `task #${task.number} (${placeOf(task)})`;
const linked = (link: string | null) => (isLink(link) ? `\n${link}` : '');

/** Where a note tells less than there is, a button leads to the rest. */
const ON_PAGE = 'on its page in Jules';
const toRest = ({ session }: TaskView, isCut: boolean): Link[] => (isCut ? [['Open in Jules', session?.url]] : []);

function message({ task }: About, { text: said, chars }: FactsOf<'message'>): MessageBody {
  const told = clip(said ?? '', { write: markdown, room: 1700, chars });
  const lines = ['🤖 Jules says:', told.text || '…', ...restOf(told, ON_PAGE)];
  return withLinks(quiet(lines.join('\n')), toRest(task, told.shown < told.whole));
}

function question({ task, cardLink }: About, { text: asked, chars }: FactsOf<'question'>): MessageBody {
  const told = clip(asked ?? '', { write: markdown, room: 1600, chars });
  const lines = [
    `❓ <@${task.requester}> Jules asks about task #${task.number}, and waits. Answer with the buttons of its card, or on its page:`,
    told.text || 'It did not say what. Its page may tell.',
    ...restOf(told, ON_PAGE),
  ];
  return withLinks(saying(lines.join('\n'), person(task.requester)), [
    ['Answer in Jules', task.session?.url],
    ['To the card', cardLink],
  ]);
}

const PLAN_FILE = 'plan.md';

/** Twenty of them fit into one embed, also where every character has to be escaped. */
const STEP_CHARS = 190;

function plan({ task }: About, { steps, from, of, file, chars }: FactsOf<'plan'>): MessageBody {
  const first = from ?? 0;
  const all = Math.max(of ?? 0, first + steps.length);
  const titles = steps.slice(0, 20).map((title) => clip(title, { write: inline, room: STEP_CHARS }));
  const lines = titles.map((title, at) => `${first + at + 1}. ${title.text || '(a step without a name)'}`);
  const left = all - first - titles.length;
  const isCut = titles.some(({ shown, whole }) => shown < whole);
  const hidden = hiddenCharacters(file ?? steps.join('\n'));
  const range =
    all > steps.length ? `, ${count(first + 1)} to ${count(first + titles.length)} of ${counted(all, 'step')}` : '';
  const description = [
    ...lines,
    ...(left > 0 ? [`-# … and ${counted(left, 'more step')}`] : []),
    ...(file
      ? [`-# Every word of it${chars ? ` (${counted(chars, 'character')})` : ''} is in the file ${PLAN_FILE}.`]
      : []),
    ...(hidden > 0 ? [`-# ⚠️ ${counted(hidden, 'character')} that nobody would see left out.`] : []),
    ...(isCut && !file ? [`-# Some steps are shortened; they stand in full in the file ${PLAN_FILE} above.`] : []),
  ].join('\n');
  const embed = {
    color: COLOR.going,
    title: `📝 The plan${range}`,
    description: description || 'The plan names no steps.',
  };
  const files = file ? [{ name: PLAN_FILE, text: visible(file) }] : undefined;
  const body = { embeds: [embed], allowed_mentions: allow(NOBODY), flags: SILENT, ...(files && { files }) };
  return withLinks(body, toRest(task, isCut));
}

function approval({ task, cardLink }: About): MessageBody {
  const { text: shown, ...sizes } = clip(task.prompt, { write: quoteBlock, room: 900, most: 300, lines: 8 });
  const cutLine =
    sizes.shown < sizes.whole ? [`-# shows ${count(sizes.shown)} of ${count(sizes.whole)} characters`] : [];
  const found = suspicions(task);
  const lines = [
    `🧠 <@${task.requester}> asks Jules to work on ${placeOf(task)}: task #${task.number} waits for your decision.`,
    shown,
    ...cutLine,
    ...(found.length > 0 ? [`⚠️ Look closely: ${found.join(' · ')}`] : []),
    isLink(cardLink)
      ? `Confirm or reject it on its card: ${cardLink}`
      : 'Confirm or reject it on its card in the server.',
  ];
  return plain(lines.filter(Boolean).join('\n'));
}

function rejection({ task, cardLink }: About, { by, reason }: FactsOf<'rejection'>): MessageBody {
  const why = clip(reason ?? '', { write: quoteBlock, room: 1200 });
  const head = `❌ Your ${nameOf(task)} was rejected${by ? ` by <@${by}>` : ''}.`;
  const said = why.text ? [head, why.text, ...restOf(why)] : [`${head} No reason was given.`];
  return plain(`${said.join('\n')}\nNothing was run. Talk to them, or ask again with \`/jules\`.${linked(cardLink)}`);
}

const WAITS = {
  decision: 'waits for a decision',
  plan: 'has a plan that waits to be read',
  plan_again: 'has no plan any more, since nobody approved it in time: press Plan again or Cancel',
  answer: 'waits for an answer to what Jules asks',
} as const;

const ABOUT_TASK: {
  [Name in Exclude<View, Elsewhere>]: (about: About, facts: FactsOf<Name>) => MessageBody;
} = {
  outcome: ({ task, cardLink }, facts) => {
    const line = `${outcomeLine(task, facts)}\n<@${task.requester}> ${nameOf(task)}`;
    return withLinks(
      saying(line, person(task.requester)),
      [
        ['Pull request', facts.pr_url],
        ['Open in Jules', task.session?.deleted ? null : task.session?.url],
        ['Card', cardLink],
      ],
      buttonsFor(task, ['publish', 'get_patch']),
    );
  },
  rejection,
  cancellation: ({ task, cardLink }, { by }) =>
    plain(
      `🚫 ${capital(nameOf(task))} of <@${task.requester}> was cancelled${by ? ` by <@${by}>` : ''}.${linked(cardLink)}`,
    ),
  expiry: ({ task, cardLink }) =>
    withLinks(
      saying(
        `⌛ <@${task.requester}> your ${nameOf(task)} expired: ${whyExpired(task)}. Nothing was run. Ask again with \`/jules\`.`,
        person(task.requester),
      ),
      [['Card', cardLink]],
    ),
  approval,
  opened: ({ task }, { url, recreated }) => {
    const line = recreated
      ? `🔁 Jules begins again on ${placeOf(task)}: its plan had expired before Verne could approve it.`
      : `🛠 Development started… Jules works on ${placeOf(task)}. What it does is told here.`;
    return withLinks(quiet(line), [['Open in Jules', url ?? task.session?.url]]);
  },
  plan,
  activity: (_about, { entries }) => quiet(progressText(entries, 1800) || 'Jules went on.'),
  message,
  question,
  closing: ({ task }, facts) =>
    withLinks(quiet(closingLine(facts)), [
      ['Pull request', facts.pr_url],
      ['Open in Jules', task.session?.url],
    ]),
  reminder: ({ task, cardLink }, { what, since, mention }) =>
    withLinks(
      saying(
        `⏰ ${mentions(mention)} ${nameOf(task)} ${WAITS[what]}. It began to wait ${ago(since)}.`.replace('  ', ' '),
        mention,
      ),
      [['To the card', cardLink]],
    ),
  told: (_about, facts) => toldNote(facts),
  untold: ({ task }, facts) => untoldNote(facts, task),
  unheard: (_about, facts) => unheardNote(facts),
  silence: ({ task, cardLink }, facts) =>
    withLinks(
      silenceNote(nameOf(task), facts),
      [
        ['Open in Jules', task.session?.url],
        ['To the card', cardLink],
      ],
      buttonsFor(task, ['nudge', 'publish', 'reply', 'get_patch', 'cancel']),
    ),
  patch: ({ task }, facts) => withLinks(patchNote(task, facts), [['Open in Jules', task.session?.url]]),
  resumed: ({ task, cardLink }) =>
    withLinks(quiet(`▶️ Jules came back to task #${task.number} and works again.`), [
      ['Open in Jules', task.session?.url],
      ['To the card', cardLink],
    ]),
};

/** Several cards of a channel, announced by one message. */
function waiting({ cards, mention }: FactsOf<'waiting'>): MessageBody {
  const told = mention ?? NOBODY;
  const links = cards.flatMap(({ link }) => (isLink(link) ? [link] : [])).slice(0, 10);
  const many = cards.length === 1 ? 'One more task waits' : `${count(cards.length)} more tasks wait`;
  const left = cards.length - links.length;
  const more = left > 0 ? [`-# … and ${counted(left, 'more card')} above in this channel`] : [];
  return saying([`${mentions(told)} ${many} for a decision:`.trim(), ...links, ...more].join('\n'), told);
}

function write<Name extends Exclude<View, Elsewhere>>(view: Name, facts: unknown, about: About): MessageBody {
  return ABOUT_TASK[view](about, SCHEMAS[view].parse(facts));
}

/** The message of a note. `task` is null only where it is about a channel (`waiting`) or a key (`key_…`). */
export function renderNote({ view, facts }: Note, task: TaskView | null, extra: NoteExtra = {}): MessageBody {
  if (!isView(view)) throw new TypeError(`No note is called ${view}.`);
  if (view === 'waiting') return waiting(FACTS.waiting.parse(facts ?? {}));
  if (view === 'key_refused') return keyRefused(FACTS.key_refused.parse(facts ?? {}));
  if (view === 'key_exhausted') return keyExhausted(FACTS.key_exhausted.parse(facts ?? {}));
  if (view === 'key_lost') return keyLost(FACTS.key_lost.parse(facts ?? {}));
  if (task === null) throw new TypeError(`A note called ${view} is about a task.`);
  return write(view, facts ?? {}, { task, cardLink: extra.cardLink ?? null });
}
