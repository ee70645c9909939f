import { defineCommand } from '#discord/command.ts';
import { afterChange, withSettings } from '#discord/panels/settings.ts';
import { type Reply, tell } from '#discord/reply.ts';
import { words } from '#discord/words/words.ts';
import { changeSettings, type Settings } from '#guilds/settings.ts';

function show({ policy }: Settings, done = ''): Reply {
  const { approvals, self_approval: self, expire_hours: hours, key_rule: rule, plan_review: reads } = policy;
  const said = words().settings.approval;
  const own = approvals === 1 ? said.ownStartsAtOnce : said.ownCounts;
  const lines = [
    `${done}${said.startsAfter(approvals)}`,
    self ? own : said.ownCountsNot,
    said.expiresAfter(hours),
    reads ? said.plansAreRead : said.plansRun,
    said.refusedKey[rule],
    said.change,
  ];
  return tell(lines.join('\n'));
}

export const configApproval = defineCommand({
  name: 'approval',
  description: 'How many approvals a task needs, whether your own counts, when it expires',
  operation: 'settings.change',
  options: {
    approvals: { kind: 'integer', min: 1, max: 10, description: 'How many different people must confirm' },
    self_approval: { kind: 'boolean', description: 'Whether people may approve what they asked for themselves' },
    expire_hours: {
      kind: 'integer',
      min: 1,
      max: 720,
      description: 'After so many hours without a decision it expires',
    },
    read_plans: {
      kind: 'boolean',
      description: 'Whether an approver reads each plan before Jules works on it',
    },
    refused_key: {
      kind: 'string',
      choices: ['wait', 'move'],
      description: 'What tasks do that have not begun when Jules refuses their server key',
    },
  },
  async run(context, { approvals, self_approval, expire_hours, read_plans, refused_key }) {
    const changes = {
      ...(approvals !== undefined && { approvals_needed: approvals }),
      ...(self_approval !== undefined && { self_approval }),
      ...(expire_hours !== undefined && { expire_hours }),
      ...(read_plans !== undefined && { plan_review: read_plans }),
      ...(refused_key !== undefined && { key_rule: refused_key }),
    };
    if (Object.keys(changes).length === 0) return withSettings(context, (settings) => show(settings));
    const changed = await changeSettings(context.rpc, context.actor, changes);
    return afterChange(context, changed, (settings) => show(settings, `${words().common.saved} `));
  },
});
