import { ago } from '#discord/cards/body.ts';
import { count, counted } from '#discord/cards/clip.ts';
import { type Context, defineCommand } from '#discord/command.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse, tell } from '#discord/reply.ts';
import { code, inline } from '#discord/text.ts';
import { CHOSEN, KEY } from '#discord/words.ts';
import { refuseTarget } from '#discord/wrong-target.ts';
import { Refusal } from '#kernel/errors.ts';
import { PROMPT_LIMIT, type RequestOutcome, requestTask } from '#tasks/request-task.ts';
import type { TaskView } from '#tasks/task.ts';
import { preflight } from './preflight.ts';
import { suggestBranch, suggestRepo } from './suggest.ts';

type OverBudget = Extract<RequestOutcome, { kind: 'over_budget' }>;

function waitsFor({ policy, approvals }: TaskView): string {
  const [missing, own] = [policy.approvals - approvals.length, approvals.length > 0 ? ' beside yours' : ''];
  return `It waits for ${missing === 1 && own === '' ? 'an approver' : `${counted(missing, 'approval')}${own}`}.`;
}

function recorded(task: TaskView, warning: string | null): Reply {
  const isWaiting = task.status === 'pending_confirmation';
  const lines = [
    isWaiting ? `🧠 Task #${task.number} recorded. ${waitsFor(task)}` : `🛠 Task #${task.number} starts.`,
    `${code(task.repo)} @ ${code(task.branch)} (${CHOSEN[task.repo_from].you}), with ${KEY[task.key.owner].you} •••• ${inline(task.key.last4, 12)}. Its card follows in this channel.`,
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

/** Every outcome has its sentence: what failed, why, what to do next. */
function answer(outcome: RequestOutcome, warning: string | null): Reply {
  switch (outcome.kind) {
    case 'requested':
      return recorded(outcome.task, warning);
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
      return refuseTarget(outcome, 'nothing was recorded');
    case 'over_budget':
      return refuse('over_budget', overBudget(outcome));
    default:
      return refusedByGate(outcome);
  }
}

function checked(context: Context): string | null {
  const { missing, warning } = preflight(context);
  if (missing.length > 0 && context.actor.guild !== null) {
    throw new Refusal(
      'bot_lacks_permission',
      `I cannot show a task in this channel, so nothing was recorded: I lack ${missing.join(', ')}. Ask somebody who manages the channel to allow it, or use another channel.`,
    );
  }
  return warning;
}

export const jules = defineCommand({
  name: 'jules',
  description: 'Ask Jules to work on a repository and open a pull request',
  operation: 'task.create',
  options: {
    prompt: {
      kind: 'string',
      description: 'What Jules should do',
      required: true,
      maxLength: PROMPT_LIMIT,
      isProse: true,
    },
    repo: {
      kind: 'string',
      description: 'owner/name; left out: yours, the channel’s or the server’s',
      suggest: suggestRepo,
    },
    branch: { kind: 'string', description: 'The branch to start from; left out: the default', suggest: suggestBranch },
  },
  async run(context, { prompt, repo, branch }) {
    const warning = checked(context);
    const wish = { requestKey: context.interactionId, prompt, repo, branch };
    return answer(await requestTask(context.rpc, context.actor, wish), warning);
  },
});
