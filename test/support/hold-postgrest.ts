/** A process that starts PostgREST on the database whose urls it is given, says so, and waits to be killed. */
import { connect } from '#db/postgres.ts';
import { startPostgrest } from './postgrest.ts';

const [authenticatorUrl = '', adminUrl = ''] = process.argv.slice(2);
const sql = connect(adminUrl, { max: 1, applicationName: 'verne test' });
const { url } = await startPostgrest({ authenticatorUrl, sql });
console.log(url);
process.stdin.resume();
