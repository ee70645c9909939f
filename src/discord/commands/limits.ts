import { ago } from '#discord/cards/body.ts';
import { count, counted } from '#discord/cards/clip.ts';
import { type CommandGroup, type Context, defineCommand } from '#discord/command.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse, tell } from '#discord/reply.ts';
import { type Budget, changeBudget, raiseBudget } from '#guilds/budgets.ts';
import { Refusal } from '#kernel/errors.ts';
import { type Limits, readLimits } from '#tasks/read-limits.ts';

/** So many entries fit in one message, of budgets and of raises together. */
const MOST = 15;

type Limit = { readonly per_day: number | null; readonly at_once: number | null };
type Used = { readonly day: number; readonly open: number };

function whose({ kind, id }: Limits['budgets'][number]): string {
  if (kind === 'server') return '**The whole server**';
  if (kind === 'role') return `<@&${id}>`;
  return id === '' ? '**Everybody else**' : `<@${id}>`;
}

const usedBy = ({ used }: Limits, person: string | null): Used =>
  used.find((one) => one.person === person) ?? { day: 0, open: 0 };

/** What each of many may have is used by nobody as a whole. */
function line(budget: Limits['budgets'][number], limits: Limits): string {
  const { kind, id, per_day: day, at_once: once } = budget;
  const isForEach = kind === 'role' || (kind === 'person' && id === '');
  const used = isForEach ? null : usedBy(limits, kind === 'server' ? null : id);
  const parts = [
    ...(day === null ? [] : [`${counted(day, 'task')} in 24 hours${used ? ` (${count(used.day)} used)` : ''}`]),
    ...(once === null ? [] : [`${count(once)} open at once${used ? ` (${count(used.open)} now)` : ''}`]),
  ];
  return `• ${whose(budget)}: ${parts.join(', ')}`;
}

function yourLine(limits: Limits, you: string): string {
  const { day, open } = usedBy(limits, you);
  const extra = limits.raises.reduce((sum, raise) => sum + (raise.person === you ? raise.extra : 0), 0);
  const of = (limit: number | null) => (limit === null ? '' : ` of ${count(limit + extra)}`);
  return `**You** have used ${count(day)}${of(limits.yours.per_day)} in 24 hours; ${count(open)}${of(limits.yours.at_once)} open now.`;
}

const raiseLine = ({ person, extra, until }: Limits['raises'][number]) =>
  `• raised for ${person === null ? 'the whole server' : `<@${person}>`}: ${count(extra)} more, which ends ${ago(until)}`;

function show(limits: Limits, you: string, done = ''): Reply {
  const { budgets, raises } = limits;
  if (budgets.length === 0) return tell(`${done}No budgets are set: only the limits of the Jules keys hold.`);
  const lines = [...budgets.map((budget) => line(budget, limits)), ...raises.map(raiseLine)];
  const more = lines.length > MOST ? [`… and ${lines.length - MOST} more`] : [];
  return tell(
    [
      `${done}Budgets of tasks here; a person's own entry counts before that of their roles, that before everybody's:`,
      ...lines.slice(0, MOST),
      ...more,
      yourLine(limits, you),
    ].join('\n'),
  );
}

async function withLimits({ rpc, actor }: Context, done = ''): Promise<Reply> {
  const outcome = await readLimits(rpc, actor);
  return outcome.kind === 'limits' ? show(outcome, actor.id, done) : refusedByGate(outcome);
}

const showLimits = defineCommand({
  name: 'show',
  description: 'The budgets of tasks here, what is used of them, and what was raised',
  operation: 'settings.read',
  options: {},
  run: (context) => withLimits(context),
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

const SETS_OWN =
  'Nobody sets their own budget, nor any other so that they may ask for more themselves. Nothing was changed; somebody else with Manage Server must do it.';
const RAISES_OWN = 'Nobody raises their own budget, so nothing was changed. Ask somebody else who may.';

const REMOVALS = { per_day: ['per_day'], at_once: ['at_once'], both: ['per_day', 'at_once'] } as const;
type Change = { readonly [Name in keyof Limit]?: number | null | undefined };

/** What is not named stays. */
function changeOf(given: Change, remove: keyof typeof REMOVALS | undefined): Partial<Limit> {
  const gone = remove === undefined ? [] : REMOVALS[remove];
  const named = (['per_day', 'at_once'] as const).filter((name) => given[name] !== undefined);
  if (named.some((name) => gone.some((one) => one === name))) {
    throw new Refusal('set_and_removed', 'The same limit is set and removed. Nothing was changed.');
  }
  if (named.length + gone.length === 0) {
    throw new Refusal(
      'nothing_named',
      'Name `per_day` or `at_once`, or take one away with `remove`. Nothing was changed.',
    );
  }
  return Object.fromEntries([...named.map((name) => [name, given[name]]), ...gone.map((name) => [name, null])]);
}

const setLimits = defineCommand({
  name: 'set',
  description: 'How many tasks may be asked for in 24 hours and be open at once; what you leave out stays',
  operation: 'settings.change',
  options: {
    per_day: { kind: 'integer', min: 0, max: 100_000, description: 'Tasks in any 24 hours; 0 for none at all' },
    at_once: { kind: 'integer', min: 0, max: 100_000, description: 'Tasks that wait or run at once' },
    remove: { kind: 'string', choices: ['per_day', 'at_once', 'both'], description: 'Take this limit away' },
    person: { kind: 'user', description: 'For this person; left out with the others: for everybody' },
    role: { kind: 'role', description: 'For each person with this role' },
    server: { kind: 'boolean', description: 'For all of the server together' },
  },
  async run(context, { per_day, at_once, remove, person, role, server }) {
    const budget = { ...target({ person, role, server }), ...changeOf({ per_day, at_once }, remove) };
    const changed = await changeBudget(context.rpc, context.actor, budget);
    if (changed.kind === 'own_budget') return refuse('own_budget', SETS_OWN);
    return changed.kind === 'changed' ? withLimits(context, 'Saved. ') : refusedByGate(changed);
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
    if (outcome.kind === 'own_budget') return refuse('own_budget', RAISES_OWN);
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
