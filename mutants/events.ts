import { killedBy } from './mutant.ts';

const sql = (name: string) => `supabase/schemas/events/${name}.sql`;

/** Who works on what, until when, and what an answer is worth. */
const settling = killedBy('test/events/settle.test.ts', [
  {
    name: 'Two workers that claim at once are given the same delivery',
    file: sql('claim_deliveries'),
    text: 'limit slots for update skip locked)',
    by: 'limit slots)',
    claim: 'what another is claiming at this moment is passed over, not waited for and not given twice',
  },
  {
    name: 'A claimed delivery is due for others at once',
    file: sql('claim_deliveries'),
    text: 'due_at = verne.now() + coalesce(s.lease_ms, claim_deliveries.lease_ms, 8000)',
    by: 'due_at = verne.now() + 0',
    claim: 'a claimed delivery is nobody else’s until its lease is over',
  },
  {
    name: 'The heartbeat renews no lease',
    file: sql('renew_deliveries'),
    text: 'due_at = verne.now() + coalesce(s.lease_ms, renew_deliveries.lease_ms, 8000)',
    by: 'due_at = d.due_at + 0',
    claim: 'a renewed lease lasts on, and who lost it is told so',
  },
  {
    name: 'There is no fence: a worker that lost its lease has the same number as its heir',
    file: sql('claim_deliveries'),
    text: 'fence = d.fence + 1, attempts',
    by: 'fence = d.fence, attempts',
    claim: 'a worker that lost its lease changes nothing',
  },
  {
    name: 'A worker that lost its lease settles all the same',
    file: sql('settle_delivery'),
    text: 'and d.fence = settle_delivery.fence::int and d.state',
    by: 'and d.state',
    claim: 'a worker that lost its lease changes nothing',
  },
  {
    name: 'A lane that is done forgets the news that came meanwhile',
    file: sql('settle_delivery'),
    text: "finished := outcome = 'done' and mine.event_id <= seen::bigint;",
    by: "finished := outcome = 'done';",
    claim: 'a lane is open again for news that came while it was worked on',
  },
  {
    name: 'A lane that waits sleeps through news',
    file: sql('settle_delivery'),
    text: "least((facts ->> 'until')::timestamptz, verne.due_of_news(mine, newest))",
    by: "(facts ->> 'until')::timestamptz",
    claim: 'news that came while a handler chose to wait is not slept through',
  },
  {
    name: 'Waiting for a limit uses up a try',
    file: sql('settle_delivery'),
    text: 'when counted then d.attempts else d.attempts - 1 end',
    by: 'else d.attempts end',
    claim: 'an uncounted retry uses up no try and has a floor that news cannot lift',
  },
  {
    name: 'No delivery is ever dead',
    file: sql('settle_delivery'),
    text: "if outcome = 'dead' or mine.attempts >=",
    by: "if outcome = 'dead' or mine.attempts >= 1000 +",
    claim: 'a delivery that used up its tries is dead and keeps their history',
  },
  {
    name: 'The history of a poison fact stays with its lane, as if the lane had failed',
    file: sql('bury_of_lane'),
    text: 'update verne.failures set delivery_id = dead_id where delivery_id = mine.id;',
    by: '',
    claim: 'a poison fact of a lane (%s) dies alone and the lane goes on',
  },
]);

const publishing = killedBy('test/events/publish.test.ts', [
  {
    name: 'The lock of a key is dropped where facts are published',
    file: sql('publish_event'),
    text: 'perform pg_advisory_xact_lock(hashtextextended(publish_event.key, 7));',
    by: '',
    claim: 'who tells a fact about a key waits for the one who is telling another, so that ids are in commit order',
  },
  {
    name: 'The dedupe key of a fact is skipped',
    file: sql('publish_event'),
    text: "options ->> 'dedupe', coalesce((options ->> 'level')",
    by: "null, coalesce((options ->> 'level')",
    claim: 'a fact told twice under one dedupe key is one event; another tenant has keys of its own',
  },
  {
    name: 'A lane that walks its facts in order begins with the newest',
    file: sql('next_event'),
    text: 'order by e.id limit 1',
    by: 'order by e.id desc limit 1',
    claim: 'in_order: a lane walks the facts that it hears, one by one',
  },
]);

const deadLetters = killedBy('test/events/dead-letters.test.ts', [
  {
    name: 'What still waits can be replayed, beside itself',
    file: sql('replay_delivery'),
    text: "d.id = replay_delivery.id::bigint and d.state = 'dead' for update",
    by: 'd.id = replay_delivery.id::bigint for update',
    claim: 'an open delivery is neither replayed nor discarded',
  },
  {
    name: 'A replay of a lane is told to every subscriber',
    file: sql('replay_delivery'),
    text: "jsonb_build_object('only_for', dead.subscriber, 'tenant', event.tenant,",
    by: "jsonb_build_object('tenant', event.tenant,",
    claim: 'a replay of a lane (%s) is told again at its tail, to this subscriber only, and never runs beside the lane',
  },
]);

const consuming = killedBy('test/events/consume.test.ts', [
  {
    name: 'An answer that the database did not take at once is thrown away',
    file: 'src/events/work.ts',
    text: 'await sleep(50 + fullJitterMs(tries, 100, 1000, deps.random()));',
    by: "return { state: 'lost' };",
    claim: 'an answer that cannot be stored at once is stored when the database is back',
  },
  {
    name: 'A stop hands back what a handler still works on',
    file: 'src/events/consume.ts',
    text: 'let left = this.#unfinished.filter((held)',
    by: 'let left = this.#leases.all().filter((held)',
    claim: 'a handler that does not heed its signal keeps its lease, so that nobody works beside it',
  },
  {
    name: 'A handler whose lease lapsed works on',
    file: 'src/events/leases.ts',
    text: "for (const held of this.#held) if (held.isLapsed) held.lose('The lease is over: it could not be renewed in time.');",
    by: '',
    claim: 'when renewals fail for longer than the lease, the handler is broken off',
  },
]);

const leases = killedBy('test/events/hold-lease.test.ts', [
  {
    name: 'Whoever asks for the lease of the gateway takes it from its holder',
    file: sql('take_lease'),
    text: '\n    where held.owner = excluded.owner or held.until <= verne.now()',
    by: '',
    claim: 'a holder that fell silent is followed when its time is over, not before',
  },
]);

const pruning = killedBy('test/events/prune.test.ts', [
  {
    name: 'Dead letters are forgotten like what was done',
    file: sql('prune_events'),
    text: "d.state <> 'open' and d.state <> 'dead' and",
    by: "d.state <> 'open' and",
    claim: 'settled deliveries live 30 days, events 90; what is open, dead or still needed lives on',
  },
  {
    name: 'Facts that an open lane has still to walk are forgotten',
    file: sql('prune_events'),
    text: "and d.state = 'open' and d.seen_id < e.id)",
    by: 'and false)',
    claim: 'settled deliveries live 30 days, events 90; what is open, dead or still needed lives on',
  },
]);

export const eventMutants = [...settling, ...publishing, ...deadLetters, ...consuming, ...leases, ...pruning];
