import { z } from 'zod';
import { code, cut, inline, markdown, quoteBlock, visible } from '#discord/text.ts';
import type { TaskView } from '#tasks/task.ts';
import { allow, isLink, linkButton, type Mention, type MessageBody, mentions, NOBODY, rowsOf, SILENT } from './body.ts';
import { nextStep, problemLines } from './problem.ts';
import { progressText } from './progress.ts';

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
const FACTS = {
  outcome: z.object({ phase: text, pr_url: text, error: text }),
  rejection: z.object({ by: text, reason: text }),
  cancellation: z.object({ by: text }),
  approval: z.object({}),
  waiting: z.object({
    cards: z.array(z.object({ link: z.string() })),
    mention: z.object({ roles: z.array(z.string()), people: z.array(z.string()) }).nullish(),
  }),
  opened: z.object({ url: text, recreated: z.number().nullish() }),
  plan: z.object({ steps: z.array(z.string()) }),
  activity: z.object({ entries: z.array(z.object({ title: text, description: text })) }),
  message: z.object({ text }),
  question: z.object({ text }),
  resumed: z.object({}),
  closing: z.object({ phase: text, pr_url: text, error: text, by: text }),
  key_refused: z.object({ last4: text, problem: text }),
};
type View = keyof typeof FACTS;
type FactsOf<Name extends View> = z.output<(typeof FACTS)[Name]>;
const SCHEMAS: { readonly [Name in View]: z.ZodType<FactsOf<Name>> } = FACTS;

export const NOTE_VIEWS = Object.keys(FACTS) as readonly View[];
const isView = (view: string): view is View => Object.hasOwn(FACTS, view);

/** What a note is about, as far as it is about one task. */
type About = { readonly task: TaskView; readonly cardLink: string | null };

const loud = (content: string, told: Mention): MessageBody => ({
  content: cut(content, 2000),
  allowed_mentions: allow(told),
});
const quiet = (content: string): MessageBody => ({
  content: cut(content, 2000),
  allowed_mentions: allow(NOBODY),
  flags: SILENT,
});
const plain = (content: string): MessageBody => ({ content: cut(content, 2000), allowed_mentions: allow(NOBODY) });

const person = (id: string): Mention => ({ roles: [], people: [id] });
const placeOf = (task: TaskView) => `${code(task.repo, 145)} @ ${code(task.branch, 120)}`;
const nameOf = (task: TaskView) => `task #${task.number} (${placeOf(task)})`;
const linked = (link: string | null) => (isLink(link) ? `\n${link}` : '');

function withLinks(body: MessageBody, buttons: readonly (readonly [string, string | null | undefined])[]): MessageBody {
  const links = buttons.flatMap(([label, url]) => (isLink(url) ? [linkButton(label, url)] : []));
  return links.length > 0 ? { ...body, components: rowsOf(links) } : body;
}

function outcomeLine({ task }: About, { phase, pr_url: url, error }: FactsOf<'outcome'>): string {
  if (url) return `✅ PR ready: ${url}`;
  if (phase === 'done_patch') {
    return '📦 Jules finished with a patch, but opened no pull request. Publish it from its page in Jules.';
  }
  if (phase === 'unsure') {
    return `❔ Verne tried three times and does not know whether Jules made a session. ${inline(error ?? '', 700)}\nNothing that Verne did not approve can open a pull request. Cancel the task on its card and ask again, or look at jules.google.com first.`;
  }
  if (phase === 'failed' || error) {
    const why = error ?? task.last_error ?? '';
    return [`⛔ Task failed: ${problemLines(why, 900) || 'it gave no reason.'}`, nextStep(task, why)]
      .filter(Boolean)
      .join('\n');
  }
  return '📭 Jules finished without changes: no pull request, no patch. Its page says what it found.';
}

/** The last line of a thread: those who follow it there need not look into the channel. */
function closingLine({ phase, pr_url: url, error, by }: FactsOf<'closing'>): string {
  if (url) return `✅ Finished. PR ready: ${url}`;
  if (phase === 'stopped')
    return `🚫 Cancelled${by ? ` by <@${by}>` : ''}. What Jules still does is not told here any more.`;
  if (phase === 'done_patch') return '📦 Finished with a patch, without a pull request.';
  if (phase === 'failed' || error) return `⛔ Failed: ${problemLines(error ?? '', 600) || 'it gave no reason.'}`;
  return '📭 Finished without changes: no pull request, no patch.';
}

const ABOUT_TASK: {
  [Name in Exclude<View, 'waiting' | 'key_refused'>]: (about: About, facts: FactsOf<Name>) => MessageBody;
} = {
  outcome: (about, facts) => {
    const { task, cardLink } = about;
    const line = `${outcomeLine(about, facts)}\n<@${task.requester}> ${nameOf(task)}`;
    return withLinks(loud(line, person(task.requester)), [
      ['Pull request', facts.pr_url],
      ['Open in Jules', task.session?.url],
      ['Card', cardLink],
    ]);
  },
  rejection: ({ task, cardLink }, { by, reason }) => {
    const why = reason?.trim() ? `\n${quoteBlock(reason, 1000)}` : ' No reason was given.';
    return plain(
      `❌ Your ${nameOf(task)} was rejected${by ? ` by <@${by}>` : ''}.${why}\nNothing was run. Talk to them, or ask again with \`/jules\`.${linked(cardLink)}`,
    );
  },
  cancellation: ({ task, cardLink }, { by }) =>
    plain(`🚫 ${nameOf(task)} of <@${task.requester}> was cancelled${by ? ` by <@${by}>` : ''}.${linked(cardLink)}`),
  approval: ({ task, cardLink }) =>
    plain(
      `🧠 <@${task.requester}> asks Jules to work on ${placeOf(task)}: task #${task.number} waits for your decision.\n${quoteBlock(cut(visible(task.prompt), 300), 900)}\n${isLink(cardLink) ? `Confirm or reject it on its card: ${cardLink}` : 'Confirm or reject it on its card in the server.'}`,
    ),
  opened: ({ task }, { url, recreated }) => {
    const line = recreated
      ? `🔁 Jules begins again on ${placeOf(task)}: its plan had expired before Verne could approve it.`
      : `🛠 Development started… Jules works on ${placeOf(task)}. What it does is told here.`;
    return withLinks(quiet(line), [['Open in Jules', url ?? task.session?.url]]);
  },
  plan: (_about, { steps }) => ({
    embeds: [{ color: 0x3498db, title: '📝 The plan', description: planText(steps) }],
    allowed_mentions: allow(NOBODY),
    flags: SILENT,
  }),
  activity: (_about, { entries }) => quiet(progressText(entries, 1900) || 'Jules went on.'),
  message: (_about, { text: said }) => quiet(`🤖 Jules says:\n${markdown(said ?? '', 1900) || '…'}`),
  question: ({ task }, { text: asked }) =>
    withLinks(
      loud(
        `❓ <@${task.requester}> Jules asks about task #${task.number}, and waits:\n${markdown(asked ?? '', 1700) || 'It did not say what. Its page may tell.'}`,
        person(task.requester),
      ),
      [['Answer in Jules', task.session?.url]],
    ),
  closing: ({ task }, facts) =>
    withLinks(quiet(closingLine(facts)), [
      ['Pull request', facts.pr_url],
      ['Open in Jules', task.session?.url],
    ]),
  resumed: ({ task }) => quiet(`▶️ Jules came back to task #${task.number} and works again.`),
};

function planText(steps: FactsOf<'plan'>['steps']): string {
  const lines = steps.slice(0, 25).map((title, at) => `${at + 1}. ${inline(title, 140)}`);
  const more = steps.length > 25 ? [`… and ${steps.length - 25} more`] : [];
  return [...lines, ...more].join('\n') || 'The plan names no steps.';
}

/** Several cards of a channel, announced by one message. */
function waiting({ cards, mention }: FactsOf<'waiting'>): MessageBody {
  const told = mention ?? NOBODY;
  const links = cards.flatMap(({ link }) => (isLink(link) ? [link] : [])).slice(0, 10);
  const count = cards.length === 1 ? 'One more task waits' : `${cards.length} more tasks wait`;
  const more = cards.length > links.length ? [`… and ${cards.length - links.length} more`] : [];
  return loud([`${mentions(told)} ${count} for a decision:`.trim(), ...links, ...more].join('\n'), told);
}

function keyRefused({ last4, problem }: FactsOf<'key_refused'>): MessageBody {
  return plain(
    `🔑 Jules refuses the key •••• ${inline(last4 ?? '', 12)} that you entered, so no task can run with it. Make a new one at jules.google.com/settings#api and enter it with \`/config key\`.\n-# ${inline(problem ?? '', 500)}`,
  );
}

function write<Name extends Exclude<View, 'waiting' | 'key_refused'>>(
  view: Name,
  facts: unknown,
  about: About,
): MessageBody {
  return ABOUT_TASK[view](about, SCHEMAS[view].parse(facts));
}

/** The message of a note. `task` is null only where it is about a channel (`waiting`) or a key (`key_refused`). */
export function renderNote({ view, facts }: Note, task: TaskView | null, extra: NoteExtra = {}): MessageBody {
  if (!isView(view)) throw new TypeError(`No note is called ${view}.`);
  if (view === 'waiting') return waiting(FACTS.waiting.parse(facts ?? {}));
  if (view === 'key_refused') return keyRefused(FACTS.key_refused.parse(facts ?? {}));
  if (task === null) throw new TypeError(`A note called ${view} is about a task.`);
  return write(view, facts ?? {}, { task, cardLink: extra.cardLink ?? null });
}
