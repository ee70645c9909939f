import { ago } from '#discord/cards/body.ts';
import { defineCommand } from '#discord/command.ts';
import { refusedByGate } from '#discord/refused.ts';
import { tell } from '#discord/reply.ts';
import { code } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import { roleList } from '#discord/words.ts';
import { canI as ask, type CanIOutcome } from '#guilds/access.ts';
import { branchOf, repositoryOf } from '#tasks/request-task.ts';
import { suggestBranch, suggestRepo } from './suggest.ts';

type Answers = Extract<CanIOutcome, { kind: 'answers' }>;
type Answer = Answers['operations'][number];

const MOST_PLACES = 3;

function placesOf({ where }: Answer): string {
  const places = where.map(({ repo, branch, channel }) =>
    [repo && code(repo, 80), branch && `@ ${code(branch, 60)}`, channel && `in <#${channel}>`]
      .filter(Boolean)
      .join(' '),
  );
  const more = places.length > MOST_PLACES ? [`${places.length - MOST_PLACES} more`] : [];
  return [...places.slice(0, MOST_PLACES), ...more].join('; ');
}

/** By which of this person's roles, or by Manage Server; and where, if that is not everywhere. */
function line(answer: Answer, own: readonly string[]): string {
  const deed = words().gate.deeds[answer.operation] ?? code(answer.operation);
  const places = placesOf(answer);
  const needed = roleList(answer.roles, '') || 'Manage Server';
  if (!answer.may) return `❌ ${deed}: ${places ? `only ${places}` : `takes ${needed}`}`;
  const by = roleList(
    answer.roles.filter((role) => own.includes(role)),
    'Manage Server',
  );
  return `✅ ${deed} (by ${by}${places ? `; only ${places}` : ''})`;
}

function limitsLine({ budget }: Answers): string {
  const { per_day: day, at_once: once } = budget;
  const parts = [...(day === null ? [] : [`${day} in 24 hours`]), ...(once === null ? [] : [`${once} open at once`])];
  return parts.length > 0 ? `Your budget of tasks here: ${parts.join(', ')}.` : 'No budget of tasks binds you here.';
}

function pausedLines({ paused }: Answers): string[] {
  if (!paused) return [];
  if (!paused.by) return ['⏸️ Those who run Verne have paused it everywhere: nothing new begins.'];
  const since = paused.since ? ` ${ago(paused.since)}` : '';
  return [`⏸️ <@${paused.by}> has paused Verne here${since}: nothing new begins.`];
}

const boundLines = ({ bounds }: Answers) =>
  bounds ? [`⚠️ No tasks from here: this ${bounds.what} is not among those that the server allows.`] : [];

export const canI = defineCommand({
  name: 'can-i',
  description: 'What you may do here with Verne, and what it would take',
  operation: 'settings.read',
  options: {
    repo: { kind: 'string', description: 'On this repository; left out: anywhere here', suggest: suggestRepo },
    branch: { kind: 'string', description: 'On this branch', suggest: suggestBranch },
  },
  async run({ rpc, actor }, { repo, branch }) {
    const place = {
      ...(repo !== undefined && { repo: repositoryOf(repo) }),
      ...(branch !== undefined && { branch: branchOf(branch) }),
    };
    const outcome = await ask(rpc, actor, place);
    if (outcome.kind !== 'answers') return refusedByGate(outcome);
    const { operations, named_roles: named } = outcome;
    const known = Object.keys(words().gate.deeds).flatMap((deed) =>
      operations.filter(({ operation }) => operation === deed),
    );
    const on = [place.repo && ` on ${code(place.repo, 145)}`, place.branch && ` @ ${code(place.branch, 120)}`];
    return tell(
      [
        ...pausedLines(outcome),
        ...(named.length > 0 ? [`You are here: ${named.map((one) => code(one)).join(', ')}.`] : []),
        `You may here${on.filter(Boolean).join('')}:`,
        ...known.map((answer) => line(answer, actor.roles)),
        ...boundLines(outcome),
        limitsLine(outcome),
      ].join('\n'),
    );
  },
});
