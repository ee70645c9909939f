/** A process that calls the database of its first argument over as many connections as the second says, as it is told. */
import { connect, postgresRpc } from '#db/postgres.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import type { Call } from './races.ts';

const [url = '', connections = '10'] = process.argv.slice(2);
const sql = connect(url, { max: Number(connections), applicationName: 'verne test racer' });
const rpc = postgresRpc(sql);

const threw = (error: unknown) => ({
  kind: 'threw',
  threw: error instanceof RemoteFailure ? error.code : String(error),
});

process.on('message', async (calls: readonly Call[]) => {
  process.send?.(await Promise.all(calls.map(({ name, args }) => rpc(name, args).catch(threw))));
});
process.once('disconnect', () => void sql.end({ timeout: 5 }));
await Promise.all(Array.from({ length: Number(connections) }, () => sql`select 1`));
process.send?.('ready');
