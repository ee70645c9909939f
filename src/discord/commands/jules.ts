import { ago } from '#discord/cards/body.ts';
import { counted } from '#discord/cards/clip.ts';
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

function overBudget({ whose, limit, allowed, again_at }: Extract<RequestOutcome, { kind: 'over_budget' }>): string {
  const who = whose === 'person' ? 'You have' : 'This server has';
  const spent =
    limit === 'per_day' ? `used all ${allowed} tasks of 24 hours` : `${allowed} tasks open, which is the most`;
  const when =
    limit === 'at_once'
      ? 'There is room again when one of them ends'
      : again_at
        ? `There is room again ${ago(again_at)}`
        : 'There is none to be had';
  const raise = whose === 'person' ? 'An approver' : 'Somebody with Manage Server';
  return `${who} ${spent}, so nothing was recorded. ${when}. ${raise} can allow more for a day with \`/limits raise\`.`;
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
    prompt: { kind: 'string', description: 'What Jules should do', required: true, maxLength: PROMPT_LIMIT },
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
