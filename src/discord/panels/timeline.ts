import { isLink, type MessageBody, rowsOf } from '#discord/cards/body.ts';
import { faceOf } from '#discord/cards/face.ts';
import { messageLink } from '#discord/cards/notes.ts';
import { customId } from '#discord/custom-id.ts';
import { says } from '#discord/reply.ts';
import { inline } from '#discord/text.ts';
import type { TaskHistory } from '#tasks/read-history.ts';
import { grey, person, span, when } from './pager.ts';

type Entry = TaskHistory['entries'][number];

const by = ({ by: who }: Entry) => (who === null ? '' : ` by ${person(who)}`);
const quoted = ({ text }: Entry) => (text ? `: ${inline(text, 140)}` : '');

/** What happened, as one reads it after its time. */
const WORDS: Readonly<Record<string, (entry: Entry) => string>> = {
  'task.asked': (entry) => `🧠 asked for${by(entry)}`,
  'task.approved': (entry) => `👍 approved${by(entry)}`,
  'task.confirmed': (entry) => `✅ confirmed${by(entry)}`,
  'task.rejected': (entry) => `❌ rejected${by(entry)}`,
  'task.cancelled': (entry) => `🚫 cancelled${by(entry)}`,
  'task.expired': () => '⌛ expired, since nobody decided in time',
  'task.completed': () => '🏁 finished',
  'task.failed': () => '⛔ failed',
  'task.resumed': () => '▶️ Jules came back to it',
  'task.pull_request': () => '🔗 the pull request is there',
  'session.queued': () => '⏳ waits for its turn',
  'session.opening': () => '🎟️ got its turn; Verne opens a session',
  'session.unsure': () => '⚠️ not sure whether Jules began',
  'session.planning': () => '🛠 session open; Jules plans',
  'session.plan_review': () => '📝 the plan waits to be read',
  'session.plan_expired': () => '⌛ the plan was not approved in time',
  'session.approving': (entry) => `👌 plan approved${by(entry) || ' by Verne, as this task wants no review'}`,
  'session.working': () => '🛠 Jules works',
  'session.needs_input': () => '❓ Jules asks something',
  'session.paused': () => '⏸️ Jules paused',
  'session.finishing': () => '🏁 Jules says it is done',
  'session.unknown': () => '❔ Jules is in a state that Verne does not know',
  'plan.made': () => '📋 Jules made a plan',
  'instruction.answer': (entry) => `💬 answered${by(entry)}${quoted(entry)}`,
  'instruction.changes': (entry) => `✏️ changes of the plan asked for${by(entry)}${quoted(entry)}`,
  'instruction.steer': (entry) => `💬 told${by(entry)}${quoted(entry)}`,
  'instruction.follow_up': (entry) => `➕ asked to go on${by(entry)}${quoted(entry)}`,
  'instruction.delivered': () => '📨 Jules was told',
};

const line = (entry: Entry) => `${when(entry.at)} ${(WORDS[entry.what] ?? (() => inline(entry.what, 60)))(entry)}`;

function figures({ times, task }: TaskHistory): string[] {
  const { approval_s: approval, pr_s: pr, waited_s: waited } = times;
  const so = task.status === 'pending_confirmation' || task.status === 'in_progress' ? ' so far' : '';
  return [
    ...(approval === null ? [] : [`from the request to its decision: **${span(approval)}**`]),
    ...(pr === null ? [] : [`from its confirmation to the pull request: **${span(pr)}**`]),
    ...(waited < 1 ? [] : [`it waited for people${so}: **${span(waited)}**`]),
  ];
}

function linksOf({ task, card, guild_id: guild }: TaskHistory): string[] {
  const links = [
    ...(card ? [messageLink(guild, card.channel_id, card.message_id)] : []),
    ...(task.pr_url !== null && isLink(task.pr_url) ? [task.pr_url] : []),
  ];
  return links.length > 0 ? [links.join(' · ')] : [];
}

const PAGE = 12;

function pagerOf({ task, entries, has_more }: TaskHistory) {
  const first = (entries[0]?.nth ?? 1) - 1;
  const last = entries.at(-1)?.nth ?? 0;
  const to = (after: number) => customId('timeline', `${task.number}.${after}`);
  return rowsOf([
    ...(first > 0 ? [grey('◀ Earlier', to(Math.max(0, first - PAGE)))] : []),
    ...(has_more ? [grey('Later ▶', to(last))] : []),
    grey('What was sent', customId('delivery', `${task.number}.-0`)),
  ]);
}

/** Everything that happened to a task; with its end, how long it took. */
export function timelinePanel(history: TaskHistory): MessageBody {
  const { task, entries, has_more: hasMore } = history;
  const description = [
    ...linksOf(history),
    ...entries.map(line),
    ...(entries.length === 0 ? ['Nothing more happened.'] : []),
    ...(hasMore ? ['-# … goes on'] : ['', ...figures(history)]),
  ].join('\n');
  const title = `#${task.number} · ${faceOf(task).title}`;
  return {
    ...says('', pagerOf(history)),
    embeds: [{ color: faceOf(task).color, title, description }],
  };
}
