import { defineCommand } from '#discord/command.ts';
import { afterChange, withSettings } from '#discord/panels/settings.ts';
import { type Reply, tell } from '#discord/reply.ts';
import { choosePlans, type Settings } from '#guilds/settings.ts';

const MINE: Record<NonNullable<Settings['plans']>, string> = {
  read: '**An approver reads the plans of your tasks before they run.**',
  run: '**The plans of your tasks run at once, where this server lets you say so.**',
};

function show({ plans, policy }: Settings, done = ''): Reply {
  const lines = [
    `${done}${plans === null ? '**Plans of your tasks are read or run as this server has it.**' : MINE[plans]}`,
    policy.plan_review
      ? 'This server has each plan read; only who may approve their own tasks may have theirs run unread.'
      : 'This server lets plans run.',
    'The option `plan` of `/jules` overrules it for one task. Change it with the option of this command.',
  ];
  return tell(lines.join('\n'));
}

const SERVERS = 'as the server';

export const configMe = defineCommand({
  name: 'me',
  description: 'What holds for your own tasks in this server',
  operation: 'own.change',
  options: {
    plans: {
      kind: 'string',
      choices: ['read', 'run', SERVERS],
      description: 'Whether an approver reads the plans of your tasks before they run',
    },
  },
  async run(context, { plans }) {
    if (plans === undefined) return withSettings(context, (settings) => show(settings));
    const changed = await choosePlans(context.rpc, context.actor, plans === SERVERS ? null : plans);
    return afterChange(context, changed, (settings) => show(settings, 'Saved. '));
  },
});
