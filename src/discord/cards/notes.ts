import { z } from 'zod';
import { code, hiddenCharacters, inline, markdown, quoteBlock, visible } from '#discord/text.ts';
import { unheard } from '#discord/unheard.ts';
import { words } from '#discord/words/words.ts';
import type { TaskView } from '#tasks/task.ts';
import { ago, allow, isLink, type MessageBody, mentions, NOBODY, SILENT } from './body.ts';
import { clip, restOf } from './clip.ts';
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
  /** An older version kept the sentence itself. */
  unheard: z.object({ why: unheard.optional().catch(undefined), sentence: text }),
  closing: z.object({ phase: text, pr_url: text, error: text, by: text }),
  ...KEY_FACTS,
};
type View = keyof typeof FACTS;
/** Those that are about no task. */
type Elsewhere = 'waiting' | 'key_refused' | 'key_exhausted' | 'key_lost';
type FactsOf<Name extends View> = z.output<(typeof FACTS)[Name]>;
const SCHEMAS: { readonly [Name in View]: z.ZodType<FactsOf<Name>> } = FACTS;

export const NOTE_VIEWS = Object.keys(FACTS) as readonly View[];
export const isView = (view: string): view is View => Object.hasOwn(FACTS, view);

/** What a note is about, as far as it is about one task. */
type About = { readonly task: TaskView; readonly cardLink: string | null };

const placeOf = (task: TaskView) => `${code(task.repo, 145)} @ ${code(task.branch, 120)}`;
const named = (task: TaskView) => ({ number: task.number, place: placeOf(task) });
const requesterOf = ({ requester }: TaskView) => `<@${requester}>`;
const linked = (link: string | null) => (isLink(link) ? `\n${link}` : '');

const toPage = ({ session }: TaskView): Link => [words().buttons.openInJules, session?.url];
const toCard = (link: string | null): Link => [words().notes.links.toCard, link];
const toPull = (url: string | null | undefined): Link => [words().buttons.pullRequest, url];

/** Where a note tells less than there is, a button leads to the rest. */
const toRest = (task: TaskView, isCut: boolean): Link[] => (isCut ? [toPage(task)] : []);

function message({ task }: About, { text: said, chars }: FactsOf<'message'>): MessageBody {
  const told = clip(said ?? '', { write: markdown, room: 1700, chars });
  const lines = [words().notes.says, told.text || '…', ...restOf(told, words().clipped.onPage)];
  return withLinks(quiet(lines.join('\n')), toRest(task, told.shown < told.whole));
}

function question({ task, cardLink }: About, { text: asked, chars }: FactsOf<'question'>): MessageBody {
  const told = clip(asked ?? '', { write: markdown, room: 1600, chars });
  const lines = [
    words().notes.question.asked(requesterOf(task), task.number),
    told.text || words().notes.question.unsaid,
    ...restOf(told, words().clipped.onPage),
  ];
  return withLinks(saying(lines.join('\n'), person(task.requester)), [
    [words().buttons.answerInJules, task.session?.url],
    toCard(cardLink),
  ]);
}

const PLAN_FILE = 'plan.md';

/** Twenty of them fit into one embed, also where every character has to be escaped. */
const STEP_CHARS = 190;

/** Beneath the steps: how many more there are, and where all of it stands in full. */
function belowPlan({ file, chars, steps }: FactsOf<'plan'>, left: number, isCut: boolean): string[] {
  const { more, inFile, inFileOf, hidden, shortened } = words().notes.plan;
  const unseen = hiddenCharacters(file ?? steps.join('\n'));
  const where = chars ? inFileOf(PLAN_FILE, chars) : inFile(PLAN_FILE);
  return [
    ...(left > 0 ? [`-# ${more(left)}`] : []),
    ...(file ? [`-# ${where}`] : []),
    ...(unseen > 0 ? [`-# ⚠️ ${hidden(unseen)}`] : []),
    ...(isCut && !file ? [`-# ${shortened(PLAN_FILE)}`] : []),
  ];
}

function plan({ task }: About, facts: FactsOf<'plan'>): MessageBody {
  const says = words().notes.plan;
  const { steps, from, of, file } = facts;
  const first = from ?? 0;
  const all = Math.max(of ?? 0, first + steps.length);
  const titles = steps.slice(0, 20).map((title) => clip(title, { write: inline, room: STEP_CHARS }));
  const lines = titles.map((title, at) => `${first + at + 1}. ${title.text || says.unnamed}`);
  const isCut = titles.some(({ shown, whole }) => shown < whole);
  const last = first + titles.length;
  const embed = {
    color: COLOR.going,
    title: all > steps.length ? says.titleRange(first + 1, last, all) : says.title,
    description: [...lines, ...belowPlan(facts, all - last, isCut)].join('\n') || says.none,
  };
  const files = file ? [{ name: PLAN_FILE, text: visible(file) }] : undefined;
  const body = { embeds: [embed], allowed_mentions: allow(NOBODY), flags: SILENT, ...(files && { files }) };
  return withLinks(body, toRest(task, isCut));
}

function approval({ task, cardLink }: About): MessageBody {
  const says = words().notes.approval;
  const { text: shown, ...sizes } = clip(task.prompt, { write: quoteBlock, room: 900, most: 300, lines: 8 });
  const found = suspicions(task);
  const lines = [
    says.asks(requesterOf(task), named(task)),
    shown,
    ...(sizes.shown < sizes.whole ? [`-# ${says.shows(sizes.shown, sizes.whole)}`] : []),
    ...(found.length > 0 ? [says.closely(found.join(' · '))] : []),
    isLink(cardLink) ? says.onCardAt(cardLink) : says.onCard,
  ];
  return plain(lines.filter(Boolean).join('\n'));
}

function rejection({ task, cardLink }: About, { by, reason }: FactsOf<'rejection'>): MessageBody {
  const says = words().notes.rejection;
  const why = clip(reason ?? '', { write: quoteBlock, room: 1200 });
  const head = by ? says.headBy(named(task), `<@${by}>`) : says.head(named(task));
  const said = why.text ? [head, why.text, ...restOf(why)] : [`${head} ${says.noReason}`];
  return plain(`${said.join('\n')}\n${says.next}${linked(cardLink)}`);
}

function cancellation({ task, cardLink }: About, { by }: FactsOf<'cancellation'>): MessageBody {
  const { cancelled, cancelledBy } = words().notes;
  const whose = requesterOf(task);
  const said = by ? cancelledBy(named(task), whose, `<@${by}>`) : cancelled(named(task), whose);
  return plain(`${said}${linked(cardLink)}`);
}

function reminder({ task, cardLink }: About, { what, since, mention }: FactsOf<'reminder'>): MessageBody {
  // Nobody to mention leaves a gap.
  const said = words().notes.reminder[what](mentions(mention), named(task), ago(since)).replace('  ', ' ');
  return withLinks(saying(said, mention), [toCard(cardLink)]);
}

const ABOUT_TASK: {
  [Name in Exclude<View, Elsewhere>]: (about: About, facts: FactsOf<Name>) => MessageBody;
} = {
  outcome: ({ task, cardLink }, facts) => {
    const line = `${outcomeLine(task, facts)}\n${requesterOf(task)} ${words().notes.named(named(task))}`;
    return withLinks(
      saying(line, person(task.requester)),
      [toPull(facts.pr_url), ...(task.session?.deleted ? [] : [toPage(task)]), [words().notes.links.card, cardLink]],
      buttonsFor(task, ['publish', 'get_patch']),
    );
  },
  rejection,
  cancellation,
  expiry: ({ task, cardLink }) =>
    withLinks(saying(words().notes.expired(requesterOf(task), named(task), whyExpired(task)), person(task.requester)), [
      [words().notes.links.card, cardLink],
    ]),
  approval,
  opened: ({ task }, { url, recreated }) => {
    const { opened, openedAgain } = words().notes;
    const line = (recreated ? openedAgain : opened)(placeOf(task));
    return withLinks(quiet(line), [[words().buttons.openInJules, url ?? task.session?.url]]);
  },
  plan,
  activity: (_about, { entries }) => quiet(progressText(entries, 1800) || words().notes.wentOn),
  message,
  question,
  closing: ({ task }, facts) => withLinks(quiet(closingLine(facts)), [toPull(facts.pr_url), toPage(task)]),
  reminder,
  told: (_about, facts) => toldNote(facts),
  untold: ({ task }, facts) => untoldNote(facts, task),
  unheard: (_about, facts) => unheardNote(facts),
  silence: ({ task, cardLink }, facts) =>
    withLinks(
      silenceNote(words().notes.named(named(task)), facts),
      [toPage(task), toCard(cardLink)],
      buttonsFor(task, ['nudge', 'publish', 'reply', 'get_patch', 'cancel']),
    ),
  patch: ({ task }, facts) => withLinks(patchNote(task, facts), [toPage(task)]),
  resumed: ({ task, cardLink }) =>
    withLinks(quiet(words().notes.cameBack(task.number)), [toPage(task), toCard(cardLink)]),
};

/** Several cards of a channel, announced by one message. */
function waiting({ cards, mention }: FactsOf<'waiting'>): MessageBody {
  const told = mention ?? NOBODY;
  const links = cards.flatMap(({ link }) => (isLink(link) ? [link] : [])).slice(0, 10);
  const left = cards.length - links.length;
  const says = words().notes;
  const more = left > 0 ? [`-# ${says.moreCards(left)}`] : [];
  return saying([says.waiting(mentions(told), cards.length).trim(), ...links, ...more].join('\n'), told);
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
