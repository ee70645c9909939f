/**
 * A worker process: consumes the subscribers of its second argument on the database of its first, and keeps in
 * `public.runs` when each of its runs began and ended.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, postgresRpc } from '#db/postgres.ts';
import { startConsumer } from '#events/consume.ts';
import { done, type Handler } from '#kernel/handler.ts';
import { makeLog } from '#kernel/log.ts';

const [url = '', subscribers = '', workMs = '0', leaseMs = '8000'] = process.argv.slice(2);
const sql = connect(url, { max: 6, applicationName: 'verne test child' });

const handler: Handler = async ({ id, key, event, signal }) => {
  const [run] = await sql<{ id: string }[]>`
    insert into public.runs (delivery_id, key, event_id, worker) values (${id}, ${key}, ${event.id}, ${process.pid}) returning id`;
  await sleep(Number(workMs) * Math.random() * 2, undefined, { signal });
  await sql`update public.runs set ended_at = clock_timestamp() where id = ${run?.id ?? ''}`;
  return done;
};

const consumer = startConsumer({
  rpc: postgresRpc(sql),
  handlers: Object.fromEntries(subscribers.split(',').map((subscriber) => [subscriber, handler])),
  slots: 5,
  leaseMs: Number(leaseMs),
  renewMs: Number(leaseMs) / 4,
  pollMs: 100,
  log: makeLog({ level: 'silent', secrets: [] }),
});
console.log('started');
process.once('SIGTERM', async () => {
  await consumer.stop({ graceMs: 5000 });
  await sql.end({ timeout: 5 });
});
