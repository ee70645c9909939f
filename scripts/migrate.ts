/** `npm run migrate [-- --check | --worker-password]`: brings the database of a project to this release. */
import { migrate, type Survey, surveyMigrations } from '#db/migrate.ts';
import { MIGRATIONS } from '#db/open-embedded.ts';
import { connect } from '#db/postgres.ts';
import { messageOf, Refusal } from '#kernel/errors.ts';
import { makeLog } from '#kernel/log.ts';
import { connectionProblem, ownerUrl, placeOf } from './owner-url.ts';
import { readSecret } from './read-secret.ts';
import { scramVerifier } from './scram-verifier.ts';

const USAGE = `npm run migrate                       applies what is missing
npm run migrate -- --check            lists what is missing; exit code 1 where there is something
npm run migrate -- --worker-password  sets the password of verne_worker, read from standard input
The connection is MIGRATE_DATABASE_URL, or DATABASE_URL where that is empty.`;

const EXIT = { ok: 0, pendingOrFailed: 1, usage: 2, unreachable: 3 } as const;

type Wish = 'apply' | 'check' | 'worker-password';

const WISHES: Readonly<Record<string, Wish>> = { '--check': 'check', '--worker-password': 'worker-password' };

function readWish([flag, ...more]: readonly string[]): Wish {
  const wish = flag === undefined ? 'apply' : WISHES[flag];
  if (!wish || more.length) throw new Refusal('usage', USAGE);
  return wish;
}

/** Another owner would leave one release's functions to two roles; a superuser's functions would act as a superuser. */
function requireOwner({ role, isSuperuser, mayCreate, isSupabase, owner }: Survey, name: string) {
  const use = `Let ${name} log in as the project's postgres.`;
  if (owner !== null && role !== owner)
    throw new Refusal('usage', `${name} logs in as ${role}, but ${owner} owns what is there. ${use}`);
  if (isSuperuser)
    throw new Refusal('usage', `${name} logs in as ${role}, a superuser, and what it makes would act as one. ${use}`);
  if (!mayCreate) throw new Refusal('usage', `${name} logs in as ${role}, who may create nothing here. ${use}`);
  if (!isSupabase)
    throw new Refusal(
      'usage',
      'This is no database of a Supabase project: the roles anon, authenticated and service_role are missing. docs/deploy.md says how to prepare a Postgres of your own.',
    );
}

const list = (names: readonly string[]) => names.map((name) => `  ${name}`).join('\n');

function told({ pending, count, unknown }: Survey): string {
  const newer = unknown.length
    ? `\nIt also has ${unknown.join(', ')}, which this release does not know: a newer one was here. This one can still work with it.`
    : '';
  if (pending.length === 0) return `Nothing is missing: all ${count} migrations are there.${newer}`;
  return `Missing, ${pending.length} of ${count}:\n${list(pending)}${newer}`;
}

async function setWorkerPassword(url: URL, { owner }: Survey): Promise<string> {
  if (owner === null) throw new Refusal('usage', 'There is no verne_worker yet. First run npm run migrate.');
  const password = (await readSecret('New password of verne_worker')).trim();
  if (!/^[!-~]{16,200}$/.test(password))
    throw new Refusal(
      'usage',
      'A password of 16 to 200 ASCII signs without spaces is wanted, e.g. openssl rand -hex 24.',
    );
  const sql = connect(url.href, { max: 1, applicationName: 'verne migrate' });
  try {
    await sql.unsafe(`alter role verne_worker with login password '${scramVerifier(password)}'`);
  } finally {
    await sql.end({ timeout: 5 });
  }
  const bot = new URL(url);
  // A pooler finds the project by what stands behind the dot.
  bot.username = `verne_worker${/\..*$/.exec(decodeURIComponent(url.username))?.[0] ?? ''}`;
  bot.password = 'PASSWORD';
  return `The password of verne_worker is set. DATABASE_URL of the bot: ${bot.href}`;
}

async function carryOut(wish: Wish, url: URL, survey: Survey): Promise<string> {
  if (wish === 'worker-password') return setWorkerPassword(url, survey);
  if (wish === 'check') {
    process.exitCode = survey.pending.length ? EXIT.pendingOrFailed : EXIT.ok;
    return told(survey);
  }
  const log = makeLog({ level: 'info', secrets: [], destination: process.stderr });
  const applied = await migrate(url.href, MIGRATIONS, log);
  return applied.length ? `Applied ${applied.length}: ${applied.join(', ')}` : told({ ...survey, pending: [] });
}

async function run(): Promise<void> {
  const wish = readWish(process.argv.slice(2));
  const { name, url } = ownerUrl(process.env);
  try {
    const survey = await surveyMigrations(url.href, MIGRATIONS);
    requireOwner(survey, name);
    console.log(`${placeOf(url)}\n${await carryOut(wish, url, survey)}`);
  } catch (cause) {
    const problem = connectionProblem(cause, name, url);
    if (problem === undefined) throw cause;
    console.error(problem);
    process.exitCode = EXIT.unreachable;
  }
}

try {
  await run();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof Refusal ? EXIT.usage : EXIT.pendingOrFailed;
}
