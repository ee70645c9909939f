import { counted } from '#discord/cards/clip.ts';
import { defineCommand } from '#discord/command.ts';
import { afterChange, withSettings } from '#discord/panels/settings.ts';
import { type Reply, tell } from '#discord/reply.ts';
import { changeSettings, type Settings } from '#guilds/settings.ts';

const MOVES: Record<Settings['policy']['key_rule'], string> = {
  wait: 'Tasks whose server key Jules refuses wait for it.',
  move: 'Tasks whose server key Jules refuses, and that have not begun, move to another key of the server.',
};

function show({ policy }: Settings, done = ''): Reply {
  const { approvals, self_approval: self, expire_hours: hours, key_rule: rule, plan_review: reads } = policy;
  const lines = [
    `${done}**A task starts after ${approvals === 1 ? 'one approval' : `${approvals} approvals of different people`}.**`,
    self
      ? approvals === 1
        ? 'Whoever may confirm starts their own tasks at once.'
        : 'Their own approval counts for those who may confirm.'
      : 'Nobody approves what they asked for themselves.',
    `A task that nobody decides expires after ${counted(hours, 'hour')}.`,
    reads
      ? 'An approver reads each plan before Jules works on it.'
      : 'Plans are approved by Verne; name `plan: read` with `/jules` to read one first.',
    MOVES[rule],
    'Change it with the options of this command. Tasks that wait already keep what held when they were asked for.',
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
    return afterChange(context, changed, (settings) => show(settings, 'Saved. '));
  },
});
