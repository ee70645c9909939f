import { defineCommand } from '#discord/command.ts';
import { afterChange, withSettings } from '#discord/panels/settings.ts';
import { type Reply, tell } from '#discord/reply.ts';
import { words } from '#discord/words/words.ts';
import { choosePlans, type Settings } from '#guilds/settings.ts';

function show({ plans, policy }: Settings, done = ''): Reply {
  const said = words().settings.plans;
  const lines = [
    `${done}${said.yours[plans ?? 'usual']}`,
    policy.plan_review ? said.serverReads : said.serverRuns,
    said.change,
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
    return afterChange(context, changed, (settings) => show(settings, `${words().common.saved} `));
  },
});
