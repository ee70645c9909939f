import type { APIEmbedField } from 'discord-api-types/v10';
import { code, inline } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import type { TaskView } from '#tasks/task.ts';
import { ago } from './body.ts';

const short = (name: string, value: string): APIEmbedField => ({ name, value, inline: true });

/** Git's own limit for a branch is 255 characters, GitHub's for owner and name 140: both are shown whole. */
const NAME_CHARS = 400;

/** A third of a card's width holds so much; what is longer gets the whole width. */
const COLUMN_CHARS = 40;

type Session = NonNullable<TaskView['session']>;

const MINUTE_MS = 60_000;

/** `1 hour 20 minutes`; how long it was must not need a clock that ticks. */
function lasted(from: Date, to: Date): string {
  const minutes = Math.round((to.getTime() - from.getTime()) / MINUTE_MS);
  const said = words().card.session;
  if (minutes < 1) return said.lessThanMinute;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [...(hours > 0 ? [said.hours(hours)] : []), ...(rest > 0 ? [said.minutes(rest)] : [])].join(' ');
}

function sessionLines({ opened_at: opened, moved_at: moved, ended_at: ended, recreated }: Session, isRunning: boolean) {
  const isOver = !isRunning && opened !== null && ended !== null;
  const said = words().card.session;
  return [
    ...(isOver ? [said.ran(lasted(opened, ended), ago(ended))] : []),
    ...(isRunning && opened ? [said.opened(ago(opened))] : []),
    ...(isRunning && moved ? [said.lastSign(ago(moved))] : []),
    ...(recreated > 0 ? [said.openedAgain(recreated)] : []),
  ];
}

/** Who approved stays for ever, each by name; how many are missing, as long as it waits. */
function approvalFields({ status, approvals, policy }: TaskView): APIEmbedField[] {
  if (policy.approvals === 1) return [];
  const { fields, moreNeeded, nobody } = words().card;
  const names = approvals.map(({ by, at }) => `<@${by}> ${ago(at)}`);
  const missing = policy.approvals - approvals.length;
  const left = status === 'pending_confirmation' && missing > 0 ? [moreNeeded(missing)] : [];
  return [short(fields.approvedBy, [...names, ...left].join('\n') || nobody)];
}

function policyFields({ status, policy, stands_still: isHeld }: TaskView): APIEmbedField[] {
  const { expires_at: at, self_approval: self } = policy;
  if (status !== 'pending_confirmation' || at === null) return [];
  const { fields, notByRequester, standsStill } = words().card;
  const lines = [isHeld ? standsStill : ago(at), ...(self ? [] : [`-# ${notByRequester}`])];
  return [short(fields.expires, lines.join('\n'))];
}

const quotaLine = ({ quota }: TaskView) => (quota ? `\n-# ${words().card.quota(quota)}` : '');

function decisionFields({ status, decided_by: by, decided_at: at, session, policy }: TaskView): APIEmbedField[] {
  if (policy.approvals > 1 && status !== 'rejected') return [];
  const { fields, notNeeded } = words().card;
  if (by !== null && at !== null) {
    return [short(status === 'rejected' ? fields.rejectedBy : fields.confirmedBy, `<@${by}>\n${ago(at)}`)];
  }
  return session && status !== 'pending_confirmation' ? [short(fields.confirmed, notNeeded)] : [];
}

/** What does not change and is looked up rather than read: it stands last. */
export function factFields(task: TaskView): APIEmbedField[] {
  const { requester, created_at: created, repo, branch, repo_from: from, key, session, status } = task;
  const { card, settings } = words();
  const lines = session ? sessionLines(session, status === 'in_progress') : [];
  return [
    {
      name: card.fields.repository,
      value: `${code(repo, NAME_CHARS)}\n${card.onBranch(code(branch, NAME_CHARS))}\n-# ${settings.chosen[from].all}`,
      inline: Math.max(repo.length, branch.length) <= COLUMN_CHARS,
    },
    short(card.fields.requestedBy, `<@${requester}>\n${ago(created)}`),
    ...decisionFields(task),
    ...approvalFields(task),
    ...policyFields(task),
    short(card.fields.key, `${card.keyOf[key.owner]}\n•••• ${inline(key.last4, 12)}${quotaLine(task)}`),
    ...(lines.length > 0 ? [short(card.fields.session, lines.join('\n'))] : []),
  ];
}
