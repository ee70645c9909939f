/** What `npm run events` can do, over the storage port: each command gives its answer as data and as text. */
import { discardDelivery } from '#events/discard-delivery.ts';
import { type DeliveryFilters, readDeliveries, readDelivery, readEventStats, STATES } from '#events/read-deliveries.ts';
import { type ReplayOutcome, replayDelivery } from '#events/replay-delivery.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { listText, notDeadText, replayText, showText, statsText } from './event-texts.ts';

export const USAGE = `npm run events -- <command>
  list [--state ${STATES.join('|')}] [--topic <pattern>] [--subscriber <name>] [--limit <n>]
  show <id>                            one delivery, its event and the history of its failures
  dead [--topic <pattern>]             dead letters
  replay <id…> | --all [--topic <p>]   brings dead letters back
  discard <id> --reason <text>         gives up a dead letter for good
  stats                                depth, age and outcomes per subscriber
Each takes --json. A pattern is dotted words: * is one word, ** one or more ("task.*", "**.failed").`;

/** What somebody typed cannot be understood; the message says what is wanted instead. */
export class UsageError extends Error {}

export type Options = {
  readonly state?: string | undefined;
  readonly topic?: string | undefined;
  readonly subscriber?: string | undefined;
  readonly limit?: string | undefined;
  readonly reason?: string | undefined;
  readonly all?: boolean | undefined;
};
export type Wish = { readonly command: string; readonly ids: readonly string[]; readonly options: Options };
export type Result = { readonly data: unknown; readonly text: string; readonly exitCode: 0 | 1 };
type Command = (rpc: Rpc) => Promise<Result>;

const result = (data: unknown, text: string, isFine = true): Result => ({ data, text, exitCode: isFine ? 0 : 1 });

function checkIds(ids: readonly string[]): readonly string[] {
  for (const id of ids) if (!/^\d{1,18}$/.test(id)) throw new UsageError(`"${id}" is not the id of a delivery.`);
  return ids;
}

function onlyId({ ids, command }: Wish): string {
  const [id] = checkIds(ids);
  if (!id || ids.length > 1) throw new UsageError(`${command} takes one id; \`npm run events -- list\` shows them.`);
  return id;
}

function filtersOf({ ids, command, options: { state, topic, subscriber, limit } }: Wish): DeliveryFilters {
  if (ids.length > 0) throw new UsageError(`${command} takes options, no ids.`);
  const known = STATES.find((name) => name === state);
  if (state !== undefined && !known) throw new UsageError(`--state is one of ${STATES.join(', ')}.`);
  const count = limit === undefined ? undefined : Number(limit);
  if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= 1000)) {
    throw new UsageError('--limit is a number from 1 to 1000.');
  }
  return { state: known, topic, subscriber, limit: count };
}

const list =
  (filters: DeliveryFilters): Command =>
  async (rpc) => {
    const deliveries = await readDeliveries(rpc, filters);
    return result(deliveries, listText(deliveries));
  };

function show(wish: Wish): Command {
  const id = onlyId(wish);
  return async (rpc) => {
    const delivery = await readDelivery(rpc, id);
    if (!delivery) return result(null, `There is no delivery ${id}.`, false);
    return result(delivery, showText(delivery));
  };
}

const MANY = 1000;

/** The dead letters of this moment, oldest first, so that an order among them is kept. */
async function deadIds(rpc: Rpc, topic: string | undefined): Promise<string[]> {
  const dead = await readDeliveries(rpc, { state: 'dead', topic, limit: MANY });
  return dead.map(({ id }) => id).reverse();
}

function replay({ ids, options: { all = false, topic } }: Wish): Command {
  if (ids.length > 0 === all || (topic && !all)) {
    throw new UsageError('replay takes ids, or --all with or without --topic.');
  }
  checkIds(ids);
  return async (rpc) => {
    const wanted = all ? await deadIds(rpc, topic) : ids;
    const outcomes: ReplayOutcome[] = [];
    for (const id of wanted) outcomes.push(await replayDelivery(rpc, id));
    const lines = outcomes.map(replayText);
    if (wanted.length === MANY) lines.push(`These were ${MANY}, the most at a time: say it again for the rest.`);
    const isFine = outcomes.every(({ kind }) => kind === 'replayed');
    return result(outcomes, lines.join('\n') || 'No dead letters.', isFine);
  };
}

function discard(wish: Wish): Command {
  const id = onlyId(wish);
  const reason = wish.options.reason?.trim();
  if (!reason) throw new UsageError('discard wants a --reason: it stays with the dead letter.');
  return async (rpc) => {
    const outcome = await discardDelivery(rpc, { id, reason });
    const isFine = outcome.kind === 'discarded';
    return result(outcome, isFine ? `${id} is discarded.` : notDeadText(id), isFine);
  };
}

const stats: Command = async (rpc) => {
  const all = await readEventStats(rpc);
  return result(all, statsText(all));
};

/** The command that somebody typed, ready to run. Throws a `UsageError` before any database is opened. */
export function eventCommand(wish: Wish): Command {
  switch (wish.command) {
    case 'list':
      return list(filtersOf(wish));
    case 'show':
      return show(wish);
    case 'dead':
      return list({ ...filtersOf(wish), state: 'dead' });
    case 'replay':
      return replay(wish);
    case 'discard':
      return discard(wish);
    case 'stats':
      return stats;
    default:
      throw new UsageError(wish.command ? `There is no command "${wish.command}".` : 'Say what to do.');
  }
}
