import { Refusal } from '#kernel/errors.ts';
import { type RequestOutcome, requestTask, type TaskWish } from '#tasks/request-task.ts';
import type { TaskView } from '#tasks/task.ts';
import { ago } from './cards/body.ts';
import { count, counted } from './cards/clip.ts';
import type { Context } from './command.ts';
import { preflight } from './commands/preflight.ts';
import { refusedByGate } from './refused.ts';
import { type Reply, refuse, tell } from './reply.ts';
import { code, inline } from './text.ts';
import { CHOSEN, KEY } from './words.ts';
import { refuseTarget } from './wrong-target.ts';

type OverBudget = Extract<RequestOutcome, { kind: 'over_budget' }>;

function waitsFor({ policy, approvals }: TaskView): string {
  const [missing, own] = [policy.approvals - approvals.length, approvals.length > 0 ? ' beside yours' : ''];
  return `It waits for ${missing === 1 && own === '' ? 'an approver' : `${counted(missing, 'approval')}${own}`}.`;
}

/** A person who said that it may run unread hears that this server does not leave that to them. */
const overruled = ({ plan_review, plan_from }: TaskView, { planReview }: Pick<TaskWish, 'planReview'>) =>
  planReview === false && plan_review && plan_from === 'server'
    ? ['This server has each plan read, so an approver reads this one before it runs.']
    : [];

function recorded(task: TaskView, { warning, wish }: Asked): Reply {
  const isWaiting = task.status === 'pending_confirmation';
  const lines = [
    isWaiting ? `🧠 Task #${task.number} recorded. ${waitsFor(task)}` : `🛠 Task #${task.number} starts.`,
    `${code(task.repo)} @ ${code(task.branch)} (${CHOSEN[task.repo_from].you}), with ${KEY[task.key.owner].you} •••• ${inline(task.key.last4, 12)}. Its card follows in this channel.`,
    ...overruled(task, wish),
    ...(warning === null ? [] : [warning]),
  ];
  return tell(lines.join('\n'));
}

function spentBudget({ limit, allowed, again_at }: OverBudget): [spent: string, when: string] {
  if (limit === 'at_once') {
    const open = counted(allowed, 'task');
    return [
      `${open} open, which is the most`,
      `There is room again when ${allowed === 1 ? 'it' : 'one of them'} ends. `,
    ];
  }
  const all = allowed === 1 ? 'the one task' : `all ${count(allowed)} tasks`;
  return [`used ${all} of 24 hours`, again_at ? `There is room again ${ago(again_at)}. ` : ''];
}

function overBudget(refused: OverBudget): string {
  const isOwn = refused.whose === 'person';
  const raise = `${isOwn ? 'An approver' : 'Somebody with Manage Server'} can allow`;
  if (refused.allowed === 0) {
    const nothing = isOwn ? 'You may ask for no tasks here' : 'This server may ask for no tasks';
    return `${nothing}, so nothing was recorded. ${raise} some for a day with \`/limits raise\`.`;
  }
  const [spent, when] = spentBudget(refused);
  return `${isOwn ? 'You have' : 'This server has'} ${spent}, so nothing was recorded. ${when}${raise} more for a day with \`/limits raise\`.`;
}

type Unasked = Exclude<RequestOutcome, { kind: 'requested' }>;

/** Why it was not asked for: what failed, why, what to do next. */
export function refuseRequest(outcome: Unasked): Reply {
  switch (outcome.kind) {
    case 'no_key':
      return refuse(
        'no_key',
        'There is no Jules key to work with, so nothing was recorded. Enter your own with `/config key`, or ask somebody with Manage Server to enter one for the server there.',
      );
    case 'no_repo':
      return refuse(
        'no_repo',
        'No repository is named and none is set, so nothing was recorded. Name one with the option `repo`, or set your own with `/config repo`.',
      );
    case 'unknown_repo':
    case 'unknown_branch':
      return refuseTarget(outcome, 'recorded');
    case 'unknown_task':
      return refuse(outcome.kind, 'There is no such task in this server. It may belong to another one.');
    case 'parent_moved':
      return refuse(
        outcome.kind,
        `Task #${outcome.task.number} has moved on since, so nothing was recorded. Its card shows what it does now.`,
      );
    case 'over_budget':
      return refuse('over_budget', overBudget(outcome));
    default:
      return refusedByGate(outcome);
  }
}

/** What the bot lacks in this channel is said before anything is written or recorded; a warning is for later. */
export function checkedHere(context: Context): string | null {
  const { missing, warning } = preflight(context);
  if (missing.length > 0 && context.actor.guild !== null) {
    throw new Refusal(
      'bot_lacks_permission',
      `I cannot show a task in this channel, so nothing was recorded: I lack ${missing.join(', ')}. Ask somebody who manages the channel to allow it, or use another channel.`,
    );
  }
  return warning;
}

type Asked = { readonly warning: string | null; readonly wish: Pick<TaskWish, 'planReview'> };

/** A person asks for a task, by a command or a dialog: every outcome has its sentence. */
export async function askForTask(context: Context, wish: Omit<TaskWish, 'requestKey'>): Promise<Reply> {
  const warning = checkedHere(context);
  const outcome = await requestTask(context.rpc, context.actor, { ...wish, requestKey: context.interactionId });
  return outcome.kind === 'requested' ? recorded(outcome.task, { warning, wish }) : refuseRequest(outcome);
}
