import { ago } from '#discord/cards/body.ts';
import { type CommandGroup, type Context, defineCommand } from '#discord/command.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse, tell } from '#discord/reply.ts';
import { words } from '#discord/words/words.ts';
import { type Budget, changeBudget, raiseBudget } from '#guilds/budgets.ts';
import { Refusal } from '#kernel/errors.ts';
import { type Limits, readLimits } from '#tasks/read-limits.ts';

/** So many entries fit in one message, of budgets and of raises together. */
const MOST = 15;

type Limit = { readonly per_day: number | null; readonly at_once: number | null };
type Used = { readonly day: number; readonly open: number };

function whose({ kind, id }: Limits['budgets'][number]): string {
  const { wholeServer, everybodyElse } = words().limits;
  if (kind === 'server') return wholeServer;
  if (kind === 'role') return `<@&${id}>`;
  return id === '' ? everybodyElse : `<@${id}>`;
}

const usedBy = ({ used }: Limits, person: string | null): Used =>
  used.find((one) => one.person === person) ?? { day: 0, open: 0 };

/** What each of many may have is used by nobody as a whole. */
function line(budget: Limits['budgets'][number], limits: Limits): string {
  const { kind, id, per_day: day, at_once: once } = budget;
  const isForEach = kind === 'role' || (kind === 'person' && id === '');
  const used = isForEach ? null : usedBy(limits, kind === 'server' ? null : id);
  const said = words().limits;
  const parts = [
    ...(day === null ? [] : [used ? said.perDayUsed(day, used.day) : said.perDay(day)]),
    ...(once === null ? [] : [used ? said.atOnceNow(once, used.open) : said.atOnce(once)]),
  ];
  return said.line(whose(budget), parts.join(', '));
}

function yourLine(limits: Limits, you: string): string {
  const { day, open } = usedBy(limits, you);
  const extra = limits.raises.reduce((sum, raise) => sum + (raise.person === you ? raise.extra : 0), 0);
  const said = words().limits;
  const of = (used: number, most: number | null) =>
    most === null ? said.amount(used) : said.amountOf(used, most + extra);
  return said.you(of(day, limits.yours.per_day), of(open, limits.yours.at_once));
}

function raiseLine({ person, extra, until }: Limits['raises'][number]): string {
  const { raised } = words().limits;
  return person === null ? raised.server(extra, ago(until)) : raised.person(extra, ago(until), `<@${person}>`);
}

function show(limits: Limits, you: string, done = ''): Reply {
  const { budgets, raises } = limits;
  const { none, head } = words().limits;
  if (budgets.length === 0) return tell(`${done}${none}`);
  const lines = [...budgets.map((budget) => line(budget, limits)), ...raises.map(raiseLine)];
  const more = lines.length > MOST ? [words().common.more(lines.length - MOST)] : [];
  return tell([`${done}${head}`, ...lines.slice(0, MOST), ...more, yourLine(limits, you)].join('\n'));
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
    throw new Refusal('two_targets', words().limits.twoTargets);
  }
  if (server) return { kind: 'server', id: '' };
  if (role) return { kind: 'role', id: role };
  return { kind: 'person', id: person ?? '' };
}

const REMOVALS = { per_day: ['per_day'], at_once: ['at_once'], both: ['per_day', 'at_once'] } as const;
type Change = { readonly [Name in keyof Limit]?: number | null | undefined };

/** What is not named stays. */
function changeOf(given: Change, remove: keyof typeof REMOVALS | undefined): Partial<Limit> {
  const gone = remove === undefined ? [] : REMOVALS[remove];
  const named = (['per_day', 'at_once'] as const).filter((name) => given[name] !== undefined);
  if (named.some((name) => gone.some((one) => one === name))) {
    throw new Refusal('set_and_removed', words().limits.setAndRemoved);
  }
  if (named.length + gone.length === 0) {
    throw new Refusal('nothing_named', words().limits.nothingNamed);
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
    if (changed.kind === 'own_budget') return refuse('own_budget', words().limits.setsOwn);
    return changed.kind === 'changed' ? withLimits(context, `${words().common.saved} `) : refusedByGate(changed);
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
    if (outcome.kind === 'own_budget') return refuse('own_budget', words().limits.raisesOwn);
    if (outcome.kind !== 'raised') return refusedByGate(outcome);
    const { mayAskMore } = words().limits;
    const until = ago(outcome.until);
    return tell(person ? mayAskMore.person(by, until, `<@${person}>`) : mayAskMore.server(by, until));
  },
});

export const limits: CommandGroup = {
  name: 'limits',
  description: 'Budgets of tasks: show, set, raise for a day',
  subcommands: [showLimits, setLimits, raiseLimits],
};
