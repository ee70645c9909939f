import { ago, isLink, type MessageBody, rowsOf } from '#discord/cards/body.ts';
import { COLOR, faceOf } from '#discord/cards/face.ts';
import { messageLink } from '#discord/cards/notes.ts';
import { customId, LIST_TARGET } from '#discord/custom-id.ts';
import { says } from '#discord/reply.ts';
import { code, cutWritten, inline } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import { LISTED, type ListWish, SHOWS, type TaskList } from '#tasks/list-tasks.ts';
import { grey, wordFor } from './pager.ts';

type Listed = TaskList['tasks'][number];

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
  task.status === 'pending_confirmation' ? words().tasks.pending : faceOf(task).title;

/** How much of what may be long is shown; the pull request, which cannot be shortened, only where its address has room. */
type Room = Readonly<Record<'title' | 'repo' | 'branch' | 'prompt' | 'pr', number>>;

const DESCRIPTION_LIMIT = 4096;
const LINK = 512;
const ROOMY: Room = { title: 160, repo: 100, branch: 50, prompt: 90, pr: LINK };
/** The last one fits eight times, with the longest of our own words: 450 of 510 characters. */
const TIGHTER: readonly Room[] = [
  { title: 80, repo: 60, branch: 30, prompt: 60, pr: LINK },
  { title: 40, repo: 30, branch: 16, prompt: 24, pr: LINK },
  { title: 60, repo: 60, branch: 30, prompt: 50, pr: 0 },
];

function linksOf({ task, card }: Listed, { guild, room }: Place): string {
  const links = [
    card ? messageLink(guild, card.channel_id, card.message_id) : words().tasks.noCard,
    ...(task.pr_url !== null && isLink(task.pr_url) && task.pr_url.length <= room.pr ? [task.pr_url] : []),
  ];
  return links.join(' · ');
}

type Place = { readonly guild: string; readonly room: Room };

function entry(listed: Listed, place: Place): string {
  const { title, repo, branch, prompt } = place.room;
  const { task, waits } = listed;
  const said = words().tasks;
  return [
    `**#${task.number}** · ${cutWritten(inline(faceLine(task), title), title)} · ${ago(task.created_at)}`,
    `${code(task.repo, repo)} @ ${code(task.branch, branch)}: ${inline(task.prompt, prompt)}`,
    ...(waits ? [(wordFor(said.waits, waits.what) ?? said.waitsOtherwise)(ago(waits.since))] : []),
    linksOf(listed, place),
  ].join('\n');
}

/** All entries of a page, with as much of each as an embed holds. */
function entries({ tasks, guild_id: guild }: TaskList): string {
  const written = (room: Room) => tasks.map((listed) => entry(listed, { guild, room })).join('\n\n');
  const roomy = written(ROOMY);
  return TIGHTER.reduce((text, room) => (text.length > DESCRIPTION_LIMIT ? written(room) : text), roomy);
}

/** `Median of the last 30 days: decided after 12 min (14 tasks), PR after 1 hr, 5 min (9 tasks)` */
function timesLine({ times }: TaskList): string {
  const { approval_s: approval, decided, pr_s: pr, prs } = times;
  const { median, decidedAfter, prAfter } = words().tasks;
  const parts = [
    ...(approval === null ? [] : [decidedAfter(approval, decided)]),
    ...(pr === null ? [] : [prAfter(pr, prs)]),
  ];
  return parts.length > 0 ? `${median} ${parts.join(', ')}` : '';
}

function titleOf({ show, status }: ListWish, list: TaskList): string {
  const { titles, statuses } = words().tasks;
  const parts = [
    titles[show],
    ...(list.repo === null ? [] : [inline(list.repo, 170)]),
    ...(status ? [statuses[status]] : []),
  ];
  return parts.join(' · ');
}

function pagerOf(wish: ListWish, { tasks, has_newer, has_older, repo_ref }: TaskList) {
  const filters = { show: wish.show, status: wish.status, repo_ref: repo_ref ?? undefined };
  const [first, last] = [tasks[0]?.task.number, tasks.at(-1)?.task.number];
  const to = (cursor: Partial<ListWish>) => customId('tasks', listTarget({ ...filters, ...cursor }));
  return rowsOf([
    ...(has_newer && first !== undefined ? [grey(words().tasks.newer, to({ after: first }))] : []),
    ...(has_older && last !== undefined ? [grey(words().tasks.older, to({ before: last }))] : []),
  ]);
}

/** A page of tasks, with the buttons to its neighbours. */
export function taskListPanel(wish: ListWish, list: TaskList): MessageBody {
  const isFiltered = wish.status !== undefined || wish.repo !== undefined || wish.repo_ref !== undefined;
  const footer = timesLine(list);
  return {
    ...says('', pagerOf(wish, list)),
    embeds: [
      {
        color: COLOR.going,
        title: titleOf(wish, list),
        description:
          list.tasks.length > 0
            ? entries(list)
            : isFiltered
              ? words().tasks.nothingSuch
              : words().tasks.nothing[wish.show],
        ...(footer && { footer: { text: footer } }),
      },
    ],
  };
}
