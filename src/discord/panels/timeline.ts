import { isLink, type MessageBody, rowsOf } from '#discord/cards/body.ts';
import { faceOf } from '#discord/cards/face.ts';
import { messageLink } from '#discord/cards/notes.ts';
import { customId } from '#discord/custom-id.ts';
import { says } from '#discord/reply.ts';
import { code, inline } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import type { TaskHistory } from '#tasks/read-history.ts';
import { grey, person, when, wordFor } from './pager.ts';

type Entry = TaskHistory['entries'][number];

function line(entry: Entry): string {
  const { what: happened, said } = words().timeline;
  const who = entry.by === null ? null : person(entry.by);
  const what = wordFor<(who: string | null) => string>(happened, entry.what)?.(who) ?? inline(entry.what, 60);
  return `${when(entry.at)} ${entry.text ? said(what, inline(entry.text, 140)) : what}`;
}

function figures({ times, task }: TaskHistory): string[] {
  const { approval_s: approval, pr_s: pr, waited_s: waited } = times;
  const said = words().timeline;
  const isOpen = task.status === 'pending_confirmation' || task.status === 'in_progress';
  return [
    ...(approval === null ? [] : [said.decision(approval)]),
    ...(pr === null ? [] : [said.pr(pr)]),
    ...(waited < 1 ? [] : [isOpen ? said.waitedSoFar(waited) : said.waited(waited)]),
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
    ...(first > 0 ? [grey(words().timeline.earlier, to(Math.max(0, first - PAGE)))] : []),
    ...(has_more ? [grey(words().timeline.later, to(last))] : []),
    grey(words().timeline.toDelivery, customId('delivery', `${task.number}.-0`)),
  ]);
}

/** Everything that happened to a task; with its end, how long it took. */
export function timelinePanel(history: TaskHistory): MessageBody {
  const { task, entries, has_more: hasMore } = history;
  const description = [
    `${code(task.repo, 100)} @ ${code(task.branch, 50)}: ${inline(task.prompt, 200)}`,
    ...linksOf(history),
    '',
    ...entries.map(line),
    ...(entries.length === 0 ? [words().timeline.nothing] : []),
    ...(hasMore ? [words().timeline.goesOn] : ['', ...figures(history)]),
  ].join('\n');
  const title = `#${task.number} · ${faceOf(task).title}`;
  return {
    ...says('', pagerOf(history)),
    embeds: [{ color: faceOf(task).color, title, description }],
  };
}
