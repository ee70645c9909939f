import { ago } from '#discord/cards/body.ts';
import { count, counted } from '#discord/cards/clip.ts';
import { type CommandGroup, defineCommand } from '#discord/command.ts';
import { afterChange, withSettings } from '#discord/panels/settings.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse, tell } from '#discord/reply.ts';
import { type Budget, changeBudget, raiseBudget } from '#guilds/budgets.ts';
import type { Settings } from '#guilds/settings.ts';
import { Refusal } from '#kernel/errors.ts';

const MOST = 20;

function whose({ kind, id }: Settings['budgets'][number]): string {
  if (kind === 'server') return '**The whole server**';
  if (kind === 'role') return `<@&${id}>`;
  return id === '' ? '**Everybody else**' : `<@${id}>`;
}

function line(budget: Settings['budgets'][number]): string {
  const { per_day: day, at_once: once } = budget;
  const parts = [
    ...(day === null ? [] : [`${counted(day, 'task')} in 24 hours`]),
    ...(once === null ? [] : [`${count(once)} open at once`]),
  ];
  return `• ${whose(budget)}: ${parts.join(', ')}`;
}

function show({ budgets }: Settings, done = ''): Reply {
  if (budgets.length === 0) return tell(`${done}No budgets are set: only the limits of the Jules keys hold.`);
  const more = budgets.length > MOST ? [`… and ${budgets.length - MOST} more`] : [];
  return tell(
    [
      `${done}Budgets of tasks here; a person's own entry counts before that of their roles, that before everybody's:`,
      ...budgets.slice(0, MOST).map(line),
      ...more,
    ].join('\n'),
  );
}

const showLimits = defineCommand({
  name: 'show',
  description: 'The budgets of tasks here',
  operation: 'settings.read',
  options: {},
  run: (context) => withSettings(context, (settings) => show(settings)),
});

function target(given: {
  person?: string | undefined;
  role?: string | undefined;
  server?: boolean | undefined;
}): Pick<Budget, 'kind' | 'id'> {
  const { person, role, server } = given;
  if ([person, role, server].filter(Boolean).length > 1) {
    throw new Refusal(
      'two_targets',
      'Name one of person, role and server, or none for everybody. Nothing was changed.',
    );
  }
  if (server) return { kind: 'server', id: '' };
  if (role) return { kind: 'role', id: role };
  return { kind: 'person', id: person ?? '' };
}

const ownBudget = (deed: string) =>
  refuse('own_budget', `Nobody ${deed} their own budget, so nothing was changed. Ask somebody else who may.`);

const setLimits = defineCommand({
  name: 'set',
  description: 'How many tasks may be asked for in 24 hours and be open at once; neither removes the budget',
  operation: 'settings.change',
  options: {
    per_day: { kind: 'integer', min: 0, max: 100_000, description: 'Tasks in any 24 hours; 0 for none at all' },
    at_once: { kind: 'integer', min: 0, max: 100_000, description: 'Tasks that wait or run at once' },
    person: { kind: 'user', description: 'For this person; left out with the others: for everybody' },
    role: { kind: 'role', description: 'For each person with this role' },
    server: { kind: 'boolean', description: 'For all of the server together' },
  },
  async run(context, { per_day, at_once, person, role, server }) {
    const budget = { ...target({ person, role, server }), per_day: per_day ?? null, at_once: at_once ?? null };
    const changed = await changeBudget(context.rpc, context.actor, budget);
    if (changed.kind === 'own_budget') return ownBudget('sets');
    return afterChange(context, changed, (settings) => show(settings, 'Saved. '));
  },
});

const raiseLimits = defineCommand({
  name: 'raise',
  description: 'Allow somebody else, or the whole server, some tasks more for 24 hours',
  operation: 'limits.raise',
  options: {
    by: { kind: 'integer', min: 1, max: 1000, description: 'So many tasks more', required: true },
    person: { kind: 'user', description: 'Whom; left out: the whole server, which takes Manage Server' },
  },
  async run({ rpc, actor }, { by, person }) {
    const outcome = await raiseBudget(rpc, actor, { person: person ?? null, extra: by });
    if (outcome.kind === 'own_budget') return ownBudget('raises');
    if (outcome.kind !== 'raised') return refusedByGate(outcome);
    const who = person ? `<@${person}>` : 'This server';
    return tell(`${who} may ask for ${counted(by, 'task')} more; that ends ${ago(outcome.until)}.`);
  },
});

export const limits: CommandGroup = {
  name: 'limits',
  description: 'Budgets of tasks: show, set, raise for a day',
  subcommands: [showLimits, setLimits, raiseLimits],
};
