import { ago, isLink, type MessageBody, rowsOf } from '#discord/cards/body.ts';
import { counted } from '#discord/cards/clip.ts';
import { COLOR, faceOf } from '#discord/cards/face.ts';
import { messageLink } from '#discord/cards/notes.ts';
import { customId, LIST_TARGET } from '#discord/custom-id.ts';
import { says } from '#discord/reply.ts';
import { code, cutWritten, inline } from '#discord/text.ts';
import { LISTED, type ListWish, SHOWS, type TaskList } from '#tasks/list-tasks.ts';
import { grey, span } from './pager.ts';

type Listed = TaskList['tasks'][number];

/** What people choose, in their words. */
export const STATUS_WORDS = {
  'waits for confirmation': 'pending_confirmation',
  'in progress': 'in_progress',
  'PR ready': 'pr',
  'finished without PR': 'no_pr',
  rejected: 'rejected',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'expired',
} as const satisfies Record<string, (typeof LISTED)[number]>;

const WAITS: Readonly<Record<string, string>> = {
  decision: 'confirm or reject it',
  plan: 'read its plan and approve it',
  plan_again: 'its plan expired: have it planned again, or cancel',
  answer: 'answer Jules',
  paused: 'Jules stopped without saying why: look at its page',
  unsure: 'look whether Jules began',
  untold: 'Jules could not be told what you wrote: say it again',
};

export function listTarget({ show, status, repo_ref, before, after }: ListWish): string {
  const cursor = before !== undefined ? `b${before}` : after !== undefined ? `a${after}` : '-0';
  return [show, status ?? 'any', repo_ref ?? 'any', cursor].join('.');
}

/** The wish that a target was made of; the schema of custom ids lets no other text pass. */
export function readListTarget(target: string): ListWish {
  const [, show, status, repo, side, number] = LIST_TARGET.exec(target) ?? [];
  return {
    show: SHOWS.find((one) => one === show) ?? 'mine',
    status: LISTED.find((one) => one === status),
    repo_ref: repo === 'any' ? undefined : repo,
    ...(side === 'b' && { before: Number(number) }),
    ...(side === 'a' && { after: Number(number) }),
  };
}

/** A card's title says that a task was requested; here it is of interest what it waits for. */
const faceLine = (task: Listed['task']) =>
  task.status === 'pending_confirmation' ? '⏳ Waiting for confirmation' : faceOf(task).title;

function linksOf({ task, card }: Listed, guild: string): string {
  const links = [
    card ? messageLink(guild, card.channel_id, card.message_id) : 'no card',
    ...(task.pr_url !== null && isLink(task.pr_url) ? [task.pr_url] : []),
  ];
  return links.join(' · ');
}

function entry(listed: Listed, guild: string): string {
  const { task, waits } = listed;
  const words = WAITS[waits?.what ?? ''];
  return [
    `**#${task.number}** · ${cutWritten(inline(faceLine(task), 160), 160)} · ${ago(task.created_at)}`,
    `${code(task.repo, 100)} @ ${code(task.branch, 50)}: ${inline(task.prompt, 90)}`,
    ...(waits && words ? [`👉 ${words} (since ${ago(waits.since)})`] : []),
    linksOf(listed, guild),
  ].join('\n');
}

const TITLE = { mine: 'Your tasks', all: 'Tasks here', waiting: 'Waiting for you' } as const;

const NOTHING = {
  mine: 'You have asked for nothing here yet. Ask with `/jules`.',
  all: 'No task here that you may see. You see those of this channel and your own; who may confirm tasks sees all of them.',
  waiting: 'Nothing waits for you.',
} as const;
const NOTHING_SUCH = 'No such task. Leave the options out to see the others.';

/** `Last 30 days, median: decided after 12 min (of 14), PR after 1 hr, 5 min (of 9)`. */
function timesLine({ times }: TaskList): string {
  const { approval_s: approval, decided, pr_s: pr, prs } = times;
  const parts = [
    ...(approval === null ? [] : [`decided after ${span(approval)} (${counted(decided, 'task')})`]),
    ...(pr === null ? [] : [`PR after ${span(pr)} (${counted(prs, 'task')})`]),
  ];
  return parts.length > 0 ? `Median of the last 30 days: ${parts.join(', ')}` : '';
}

function titleOf({ show, status }: ListWish, list: TaskList): string {
  const word = Object.entries(STATUS_WORDS).find(([, one]) => one === status)?.[0];
  const parts = [TITLE[show], ...(list.repo === null ? [] : [inline(list.repo, 170)]), ...(word ? [word] : [])];
  return parts.join(' · ');
}

function pagerOf(wish: ListWish, { tasks, has_newer, has_older, repo_ref }: TaskList) {
  const filters = { show: wish.show, status: wish.status, repo_ref: repo_ref ?? undefined };
  const [first, last] = [tasks[0]?.task.number, tasks.at(-1)?.task.number];
  const to = (cursor: Partial<ListWish>) => customId('tasks', listTarget({ ...filters, ...cursor }));
  return rowsOf([
    ...(has_newer && first !== undefined ? [grey('◀ Newer', to({ after: first }))] : []),
    ...(has_older && last !== undefined ? [grey('Older ▶', to({ before: last }))] : []),
  ]);
}

/** A page of tasks, with the buttons to its neighbours. */
export function taskListPanel(wish: ListWish, list: TaskList): MessageBody {
  const isFiltered = wish.status !== undefined || wish.repo !== undefined || wish.repo_ref !== undefined;
  const lines = list.tasks.map((listed) => entry(listed, list.guild_id));
  const footer = timesLine(list);
  return {
    ...says('', pagerOf(wish, list)),
    embeds: [
      {
        color: COLOR.going,
        title: titleOf(wish, list),
        description: lines.length > 0 ? lines.join('\n\n') : isFiltered ? NOTHING_SUCH : NOTHING[wish.show],
        ...(footer && { footer: { text: footer } }),
      },
    ],
  };
}
