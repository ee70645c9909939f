import { driverUrl, isTransactionPooler } from '#db/database-url.ts';
import { Refusal } from '#kernel/errors.ts';

/** Where to find the right one; said wherever another one was given. */
const FIND =
  'In the Supabase dashboard press Connect and copy "Direct connection", or "Session pooler" where the network has no IPv6; put the database password in its place.';

const MISSING = `MIGRATE_DATABASE_URL and DATABASE_URL are empty, so there is no database to migrate. ${FIND} (The embedded database needs none of this: the bot migrates it when it starts.)`;

const ONLY_SUPABASE = `SUPABASE_URL is set, but its keys cannot change tables; that needs a connection to the database. ${FIND} Set it as MIGRATE_DATABASE_URL. Or let the Supabase CLI do it: npx supabase login, npx supabase link, npx supabase db push.`;

type Environment = Readonly<Record<string, string | undefined>>;

const refuse = (name: string, why: string) => new Refusal('usage', `${name} ${why}`);

function parse(name: string, text: string): URL {
  if (text.includes('[YOUR-PASSWORD]'))
    throw refuse(name, 'still has [YOUR-PASSWORD] in it: put the database password there.');
  const url = URL.parse(text);
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || !url.hostname || !url.username)
    throw refuse(
      name,
      'is not of the form postgresql://user:password@host:port/database. Signs such as # / ? @ in a password are written %23 %2F %3F %40.',
    );
  return url;
}

/** The connection that may change the database. `DATABASE_URL` is the bot's own wherever both are set. */
export function ownerUrl(env: Environment): { readonly name: string; readonly url: URL } {
  const name = env['MIGRATE_DATABASE_URL'] ? 'MIGRATE_DATABASE_URL' : 'DATABASE_URL';
  const text = env[name]?.trim();
  if (!text) throw new Refusal('usage', env['SUPABASE_URL'] ? ONLY_SUPABASE : MISSING);
  const url = parse(name, text);
  if (isTransactionPooler(url.href))
    throw refuse(
      name,
      `goes through a transaction pooler (port 6543). Each transaction may get another session there, so the lock that keeps two migrators apart would not hold. Use the direct connection or the session pooler, both on port 5432.`,
    );
  return { name, url: new URL(driverUrl(url.href)) };
}

/** Who and where, without the password. */
export const placeOf = ({ username, host, pathname }: URL) => `${decodeURIComponent(username)} at ${host}${pathname}`;

const UNREACHABLE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
]);

/** A sentence for what kept the connection from being made, or undefined for anything else. */
export function connectionProblem(error: unknown, name: string, url: URL): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const place = placeOf(url);
  if (code === '28P01' || code === '28000')
    return `The database refuses the login of ${place}. Check the user and the password in ${name}; the password can be set anew under Database, Settings in the Supabase dashboard.`;
  if (code === '3D000')
    return `There is no database "${url.pathname.slice(1)}" at ${url.host}; a project's is "postgres".`;
  if (error instanceof Error && /tenant or user not found/i.test(error.message))
    return `The pooler at ${url.host} does not know ${decodeURIComponent(url.username)}. Its users are written postgres.<project ref>, and its host carries the project's region: copy the whole string again.`;
  if (UNREACHABLE.has(code))
    return `${url.host} could not be reached (${code}). The direct host of a Supabase project has only an IPv6 address: where the network has none, use the session pooler's string. A paused project answers nobody.`;
  return undefined;
}
