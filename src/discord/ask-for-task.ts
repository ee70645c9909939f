import { Refusal } from '#kernel/errors.ts';
import { type RequestOutcome, requestTask, type TaskWish } from '#tasks/request-task.ts';
import type { TaskView } from '#tasks/task.ts';
import { ago } from './cards/body.ts';
import type { Context } from './command.ts';
import { preflight } from './commands/preflight.ts';
import { refusedByGate } from './refused.ts';
import { type Reply, refuse, tell } from './reply.ts';
import { code, inline } from './text.ts';
import { words } from './words/words.ts';
import { refuseTarget } from './wrong-target.ts';

type OverBudget = Extract<RequestOutcome, { kind: 'over_budget' }>;

function waitsFor({ policy, approvals }: TaskView): string {
  const { waitsFor: said } = words().ask;
  const missing = policy.approvals - approvals.length;
  if (approvals.length > 0) return said.besideYours(missing);
  return missing === 1 ? said.approver : said.approvals(missing);
}

/** A person who said that it may run unread hears that this server does not leave that to them. */
const overruled = ({ plan_review, plan_from }: TaskView, { planReview }: Pick<TaskWish, 'planReview'>) =>
  planReview === false && plan_review && plan_from === 'server' ? [words().ask.overruled] : [];

function recorded(task: TaskView, { warning, wish }: Asked): Reply {
  const { ask, settings } = words();
  const isWaiting = task.status === 'pending_confirmation';
  const place = `${code(task.repo)} @ ${code(task.branch)}`;
  const lines = [
    isWaiting ? ask.recorded(task.number, waitsFor(task)) : ask.starts(task.number),
    ask.works[task.key.owner](place, settings.chosen[task.repo_from].you, inline(task.key.last4, 12)),
    ...overruled(task, wish),
    ...(warning === null ? [] : [warning]),
  ];
  return tell(lines.join('\n'));
}

function roomAgain({ limit, allowed, again_at }: OverBudget): string[] {
  const { budget } = words().ask;
  if (limit === 'at_once') return [allowed === 1 ? budget.roomWhenItEnds : budget.roomWhenOneEnds];
  return again_at ? [budget.roomAgain(ago(again_at))] : [];
}

function overBudget(refused: OverBudget): string {
  const { whose, limit, allowed } = refused;
  const said = words().ask.budget[whose];
  const sentences =
    allowed === 0 ? [said.none, said.allowSome] : [said[limit](allowed), ...roomAgain(refused), said.allowMore];
  return sentences.join(' ');
}

type Unasked = Exclude<RequestOutcome, { kind: 'requested' }>;

/** Why it was not asked for: what failed, why, what to do next. */
export function refuseRequest(outcome: Unasked): Reply {
  switch (outcome.kind) {
    case 'no_key':
      return refuse(outcome.kind, words().ask.noKey);
    case 'no_repo':
      return refuse(outcome.kind, words().ask.noRepo);
    case 'unknown_repo':
    case 'unknown_branch':
      return refuseTarget(outcome, 'recorded');
    case 'unknown_task':
      return refuse(outcome.kind, words().ask.unknownTask);
    case 'parent_moved':
      return refuse(outcome.kind, words().ask.parentMoved(outcome.task.number));
    case 'over_budget':
      return refuse(outcome.kind, overBudget(outcome));
    default:
      return refusedByGate(outcome);
  }
}

/** What the bot lacks in this channel is said before anything is written or recorded; a warning is for later. */
export function checkedHere(context: Context): string | null {
  const { missing, warning } = preflight(context);
  if (missing.length > 0 && context.actor.guild !== null) {
    throw new Refusal('bot_lacks_permission', words().ask.botLacks(missing.join(', ')));
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
