import { openAskDialog } from '#discord/ask-dialog.ts';
import { askForTask } from '#discord/ask-for-task.ts';
import { defineCommand } from '#discord/command.ts';
import { PROMPT_LIMIT } from '#tasks/request-task.ts';
import { suggestBranch, suggestRepo } from './suggest.ts';

export const jules = defineCommand({
  name: 'jules',
  description: 'Ask Jules to work on a repository and open a pull request',
  operation: 'task.create',
  options: {
    prompt: {
      kind: 'string',
      description: 'What Jules should do; left out: a larger field opens for it',
      maxLength: PROMPT_LIMIT,
      isProse: true,
    },
    repo: {
      kind: 'string',
      description: 'owner/name; left out: yours, the channel’s or the server’s',
      suggest: suggestRepo,
    },
    branch: { kind: 'string', description: 'The branch to start from; left out: the default', suggest: suggestBranch },
    plan: {
      kind: 'string',
      choices: ['read', 'run'],
      description: 'read: an approver reads the plan before it runs; left out: as you have it, or this server',
    },
  },
  async run(context, { prompt, repo, branch, plan }) {
    const wish = { repo, branch, planReview: plan && plan === 'read' };
    return prompt === undefined ? openAskDialog(context, wish) : askForTask(context, { ...wish, prompt });
  },
});
