import type { APIEmbedField } from 'discord-api-types/v10';
import { code, inline } from '#discord/text.ts';
import { CHOSEN, capital, KEY } from '#discord/words.ts';
import type { TaskView } from '#tasks/task.ts';
import { ago } from './body.ts';
import { counted } from './clip.ts';

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
  if (minutes < 1) return 'less than a minute';
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [...(hours > 0 ? [counted(hours, 'hour')] : []), ...(rest > 0 ? [counted(rest, 'minute')] : [])].join(' ');
}

function sessionLines({ opened_at: opened, moved_at: moved, ended_at: ended, recreated }: Session, isRunning: boolean) {
  const isOver = !isRunning && opened !== null && ended !== null;
  return [
    ...(isOver ? [`ran ${lasted(opened, ended)}\nended ${ago(ended)}`] : []),
    ...(isRunning && opened ? [`opened ${ago(opened)}`] : []),
    ...(isRunning && moved ? [`last sign of life ${ago(moved)}`] : []),
    ...(recreated > 0 ? [`opened again ${recreated} ×, since a plan expired`] : []),
  ];
}

/** Who approved stays for ever, each by name; how many are missing, as long as it waits. */
function approvalFields({ status, approvals, policy }: TaskView): APIEmbedField[] {
  if (policy.approvals === 1) return [];
  const names = approvals.map(({ by, at }) => `<@${by}> ${ago(at)}`);
  const missing = policy.approvals - approvals.length;
  const left = status === 'pending_confirmation' && missing > 0 ? [`${missing} more needed`] : [];
  return [short('Approved by', [...names, ...left].join('\n') || 'nobody')];
}

function policyFields({ status, policy, stands_still: isHeld }: TaskView): APIEmbedField[] {
  const { expires_at: at, self_approval: self } = policy;
  if (status !== 'pending_confirmation' || at === null) return [];
  const when = isHeld ? 'not while Verne is paused:\nthen its hours go on' : ago(at);
  return [short('Expires', [when, ...(self ? [] : ['-# its requester may not approve it'])].join('\n'))];
}

function quotaLine({ quota }: TaskView): string {
  return quota
    ? `\n-# ${quota.today} of ${quota.per_day} in 24 hours, ${quota.running} of ${quota.at_once} running`
    : '';
}

function decisionFields({ status, decided_by: by, decided_at: at, session, policy }: TaskView): APIEmbedField[] {
  if (policy.approvals > 1 && status !== 'rejected') return [];
  if (by !== null && at !== null)
    return [short(status === 'rejected' ? 'Rejected by' : 'Confirmed by', `<@${by}>\n${ago(at)}`)];
  return session && status !== 'pending_confirmation'
    ? [short('Confirmed', 'not needed:\nthe requester may confirm')]
    : [];
}

/** What does not change and is looked up rather than read: it stands last. */
export function factFields(task: TaskView): APIEmbedField[] {
  const { requester, created_at: created, repo, branch, repo_from: from, key, session, status } = task;
  const lines = session ? sessionLines(session, status === 'in_progress') : [];
  return [
    {
      name: 'Repository',
      value: `${code(repo, NAME_CHARS)}\nbranch ${code(branch, NAME_CHARS)}\n-# ${CHOSEN[from].all}`,
      inline: Math.max(repo.length, branch.length) <= COLUMN_CHARS,
    },
    short('Requested by', `<@${requester}>\n${ago(created)}`),
    ...decisionFields(task),
    ...approvalFields(task),
    ...policyFields(task),
    short('Jules key', `${capital(KEY[key.owner].all)}\n•••• ${inline(key.last4, 12)}${quotaLine(task)}`),
    ...(lines.length > 0 ? [short('Session', lines.join('\n'))] : []),
  ];
}
