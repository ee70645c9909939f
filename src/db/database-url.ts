/** What Postgres itself understands in a url; poolers' and other clients' words would be refused as unknown settings. */
const KEPT = new Set(['sslmode', 'ssl', 'sslrootcert', 'application_name', 'options']);
const LOCAL = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|)$/;
/** Where Supabase's poolers hand each transaction to another connection; 5432 keeps a session together. */
const TRANSACTION_PORT = '6543';

/** True where a pooler hands each transaction to another connection: no prepared statements, no LISTEN. */
export function isTransactionPooler(url: string): boolean {
  const { port, searchParams } = new URL(url);
  return port === TRANSACTION_PORT || searchParams.get('pgbouncer') === 'true';
}

/** The url as the driver wants it. To another machine the line is encrypted where the server can, unless the url says how. */
export function driverUrl(url: string): string {
  const parsed = new URL(url);
  for (const name of [...parsed.searchParams.keys()]) if (!KEPT.has(name)) parsed.searchParams.delete(name);
  const saysHow = parsed.searchParams.has('sslmode') || parsed.searchParams.has('ssl');
  if (!saysHow && !LOCAL.test(parsed.hostname)) parsed.searchParams.set('sslmode', 'prefer');
  return parsed.href;
}
