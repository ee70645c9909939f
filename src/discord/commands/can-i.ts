import { ago } from '#discord/cards/body.ts';
import { defineCommand } from '#discord/command.ts';
import { refusedByGate } from '#discord/refused.ts';
import { tell } from '#discord/reply.ts';
import { roleList } from '#discord/role-list.ts';
import { code } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import { canI as ask, type CanIOutcome } from '#guilds/access.ts';
import { branchOf, repositoryOf } from '#tasks/request-task.ts';
import { suggestBranch, suggestRepo } from './suggest.ts';

type Answers = Extract<CanIOutcome, { kind: 'answers' }>;
type Answer = Answers['operations'][number];

const MOST_PLACES = 3;

const deedOf = (operation: string): string => {
  const deeds: Readonly<Record<string, string>> = words().gate.deeds;
  return deeds[operation] ?? code(operation);
};

function placesOf({ where }: Answer): string {
  const { canI } = words().access;
  const places = where.map(({ repo, branch, channel }) =>
    [repo && code(repo, 80), branch && `@ ${code(branch, 60)}`, channel && canI.inChannel(`<#${channel}>`)]
      .filter(Boolean)
      .join(' '),
  );
  const more = places.length > MOST_PLACES ? [canI.morePlaces(places.length - MOST_PLACES)] : [];
  return [...places.slice(0, MOST_PLACES), ...more].join('; ');
}

/** By which of this person's roles, or by Manage Server; and where, if that is not everywhere. */
function line(answer: Answer, own: readonly string[]): string {
  const { canI } = words().access;
  const deed = deedOf(answer.operation);
  const places = placesOf(answer);
  const { manageServer } = words().common;
  if (!answer.may) {
    return places ? canI.onlyIn(deed, places) : canI.takes(deed, roleList(answer.roles, manageServer));
  }
  const by = roleList(
    answer.roles.filter((role) => own.includes(role)),
    manageServer,
  );
  return places ? canI.mayIn(deed, by, places) : canI.may(deed, by);
}

function limitsLine({ budget }: Answers): string {
  const { per_day: day, at_once: once } = budget;
  const { canI } = words().access;
  const parts = [...(day === null ? [] : [canI.perDay(day)]), ...(once === null ? [] : [canI.atOnce(once)])];
  return parts.length > 0 ? canI.budget(parts.join(', ')) : canI.noBudget;
}

function pausedLines({ paused }: Answers): string[] {
  if (!paused) return [];
  const { canI } = words().access;
  if (!paused.by) return [canI.pausedEverywhere];
  return [canI.paused(`<@${paused.by}>`, paused.since ? ago(paused.since) : '')];
}

const boundLines = ({ bounds }: Answers) => (bounds ? [words().access.canI.outOfBounds[bounds.what]] : []);

function whereOf({ repo, branch }: { readonly repo?: string; readonly branch?: string }): string {
  const on = branch === undefined ? '' : ` @ ${code(branch, 120)}`;
  return repo === undefined ? on : words().gate.onRepo(`${code(repo, 145)}${on}`);
}

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
    const said = words().access.canI;
    return tell(
      [
        ...pausedLines(outcome),
        ...(named.length > 0 ? [said.youAre(named.map((one) => code(one)).join(', '))] : []),
        said.youMay(whereOf(place)),
        ...known.map((answer) => line(answer, actor.roles)),
        ...boundLines(outcome),
        limitsLine(outcome),
      ].join('\n'),
    );
  },
});
