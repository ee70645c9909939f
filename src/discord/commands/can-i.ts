import { defineCommand } from '#discord/command.ts';
import { refusedByGate } from '#discord/refused.ts';
import { tell } from '#discord/reply.ts';
import { code } from '#discord/text.ts';
import { roleList } from '#discord/words.ts';
import { canI as ask, type CanIOutcome } from '#guilds/access.ts';

type Answers = Extract<CanIOutcome, { kind: 'answers' }>;
type Answer = Answers['operations'][number];

/** In the order in which people ask; what is for later capabilities comes as it is. */
const DEEDS: Readonly<Record<string, string>> = {
  'task.create': 'start tasks',
  'task.confirm': 'confirm and reject tasks',
  'task.cancel': "cancel other people's tasks",
  'settings.change': 'change settings',
  'limits.raise': 'raise limits for others',
  'audit.read': 'read the audit',
};

function whereText({ where }: Answer): string {
  const parts = where.map(({ repo, branch, channel }) =>
    [repo && code(repo, 80), branch && `@ ${code(branch, 60)}`, channel && `in <#${channel}>`]
      .filter(Boolean)
      .join(' '),
  );
  return parts.length > 0 ? ` (by grant only: ${parts.slice(0, 3).join('; ')})` : '';
}

function line(answer: Answer): string {
  const deed = DEEDS[answer.operation] ?? code(answer.operation);
  if (answer.may) return `✅ ${deed}${whereText(answer)}`;
  return `❌ ${deed}: takes ${roleList(answer.roles, '') || 'Manage Server'}`;
}

function limitsLine({ budget }: Answers): string {
  const { per_day: day, at_once: once } = budget;
  const parts = [...(day === null ? [] : [`${day} in 24 hours`]), ...(once === null ? [] : [`${once} open at once`])];
  return parts.length > 0 ? `Your budget of tasks here: ${parts.join(', ')}.` : 'No budget of tasks binds you here.';
}

export const canI = defineCommand({
  name: 'can-i',
  description: 'What you may do here with Verne, and what it would take',
  operation: 'settings.read',
  options: {},
  async run({ rpc, actor }) {
    const outcome = await ask(rpc, actor);
    if (outcome.kind !== 'answers') return refusedByGate(outcome);
    const { operations, bounds, paused, named_roles: named } = outcome;
    const ours = operations.filter(({ operation }) => operation in DEEDS);
    const ordered = Object.keys(DEEDS).flatMap((deed) => ours.filter(({ operation }) => operation === deed));
    return tell(
      [
        ...(paused ? ['⏸️ Verne is paused here: nothing new begins.'] : []),
        ...(named.length > 0 ? [`You are here: ${named.map((one) => code(one)).join(', ')}.`] : []),
        'You may here:',
        ...ordered.map(line),
        ...(bounds ? [`⚠️ No tasks from here: this ${bounds.what} is not among those that the server allows.`] : []),
        limitsLine(outcome),
      ].join('\n'),
    );
  },
});
