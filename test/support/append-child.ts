/** A process that appends to one server's audit as fast as it can, and says which entries it was told are recorded. */
import { connect, postgresRpc } from '#db/postgres.ts';
import { anActor } from './actors.ts';

const [url = '', guild = '', lanes = '2'] = process.argv.slice(2);
const rpc = postgresRpc(connect(url, { max: Number(lanes), applicationName: 'verne test child' }));

async function appendForEver() {
  for (;;) {
    // An operator: what other people do is counted, which would make them wait for one another before they append.
    const actor = anActor({ door: 'operator', guild, id: `1000000000000${10_000 + (process.pid % 7)}` });
    await rpc('record_refusal', { actor, operation: 'task.create', code: 'hammer' });
    console.log(actor.correlation);
  }
}

await Promise.all(Array.from({ length: Number(lanes) }, appendForEver));
