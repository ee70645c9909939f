/** Deliveries as an operator reads them. */
import type { ListedDelivery, SubscriberStats, WholeDelivery } from '#events/read-deliveries.ts';
import type { ReplayOutcome } from '#events/replay-delivery.ts';
import { table } from './table.ts';

/** To the second, in UTC: what operators compare with log lines. */
const instant = (text: string) => new Date(text).toISOString().replace(/\.\d+Z$/, 'Z');

export function listText(deliveries: readonly ListedDelivery[]): string {
  if (deliveries.length === 0) return 'None.';
  const rows = deliveries.map(({ id, state, subscriber, topic, key, attempts, due_at, last_error }) => [
    id,
    state,
    subscriber,
    topic,
    key,
    String(attempts),
    state === 'open' ? instant(due_at) : '-',
    last_error ?? '',
  ]);
  return table(['ID', 'STATE', 'SUBSCRIBER', 'TOPIC', 'KEY', 'TRIES', 'DUE', 'ERROR'], rows);
}

export function showText({ event, failures, ...delivery }: WholeDelivery): string {
  const facts: [string, string | null][] = [
    ['delivery', `${delivery.id} (${delivery.state})`],
    ['subscriber', delivery.subscriber],
    ['event', `${event.id} ${event.topic}`],
    ['key', event.key],
    ['told', `${instant(event.at)} by ${event.source}, level ${event.level}`],
    ['tenant', event.tenant],
    ['correlation', event.correlation_id],
    ['caused by', event.causation_id],
    ['payload', JSON.stringify(event.payload)],
    ['tries', String(delivery.attempts)],
    ['worker', delivery.worker],
    ['due', delivery.state === 'open' ? instant(delivery.due_at) : null],
    ['settled', delivery.settled_at && instant(delivery.settled_at)],
    ['error', delivery.last_error],
  ];
  const known = facts.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(11)}  ${value}`]));
  const history = failures.map(({ attempt, at, error }) => [String(attempt), instant(at), error]);
  return [...known, ...(history.length > 0 ? ['', table(['TRY', 'AT', 'FAILED BECAUSE'], history)] : [])].join('\n');
}

export function replayText(outcome: ReplayOutcome): string {
  switch (outcome.kind) {
    case 'replayed':
      return outcome.event_id
        ? `${outcome.id} is told again, as event ${outcome.event_id}.`
        : `${outcome.id} is open again.`;
    case 'retired':
      return `${outcome.id} belongs to ${outcome.subscriber}, which is retired; nothing was changed.`;
    case 'not_dead':
      return notDeadText(outcome.id);
  }
}

export const notDeadText = (id: string) => `${id} is not a dead letter; nothing was changed.`;

export function statsText(all: readonly SubscriberStats[]): string {
  const rows = all.map((row) => [
    row.subscriber,
    row.mode,
    ...[row.due, row.waiting, row.working, row.done, row.dead, row.discarded, row.oldest_due_s].map(String),
  ]);
  const headings = ['SUBSCRIBER', 'MODE', 'DUE', 'WAITING', 'WORKING', 'DONE', 'DEAD', 'DISCARDED', 'OLDEST DUE (S)'];
  return table(headings, rows);
}
