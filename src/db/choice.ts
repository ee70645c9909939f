import { kindOfSupabaseKey, projectOfSupabaseKey } from './supabase-key.ts';

/** What the environment says of a database. */
type Environment = {
  readonly DATABASE_URL: string | undefined;
  readonly VERNE_DATABASE_POOLED: 'yes' | 'no' | 'auto';
  readonly SUPABASE_URL: string | undefined;
  readonly SUPABASE_SERVICE_ROLE_KEY: string | undefined;
  readonly SUPABASE_ANON_KEY: string | undefined;
  readonly VERNE_MASTER_KEYS: string | undefined;
  readonly VERNE_DATA_DIR: string;
  readonly VERNE_DATA_THROWAWAY: 'yes' | 'no';
};

export function databaseConfig(values: Environment) {
  const { SUPABASE_URL: url, SUPABASE_SERVICE_ROLE_KEY: key, VERNE_DATABASE_POOLED: pooled } = values;
  return {
    url: values.DATABASE_URL,
    pooled: pooled === 'auto' ? undefined : pooled === 'yes',
    supabase: url && key ? { url, key } : undefined,
    /** The project's address and public key, with which people sign in. */
    project: url ? { url, anonKey: values.SUPABASE_ANON_KEY } : undefined,
    dataDir: values.VERNE_DATA_DIR,
    throwaway: values.VERNE_DATA_THROWAWAY === 'yes',
  };
}

const SERVICE_KEY = 'SUPABASE_SERVICE_ROLE_KEY';
const WHERE = 'Copy it from the project: Settings, API Keys.';

/** A mix-up of the two keys is found here: the one shows nothing to the bot, the other shows everything to everybody. */
function keyProblems({ SUPABASE_SERVICE_ROLE_KEY: service, SUPABASE_ANON_KEY: anon }: Environment): string[] {
  const problems: string[] = [];
  const kind = service && kindOfSupabaseKey(service);
  if (kind === 'anon' || kind === 'publishable')
    problems.push(
      `${SERVICE_KEY}: holds the project's public (${kind}) key; the service_role or secret key is needed. ${WHERE}`,
    );
  if (kind === 'other')
    problems.push(`${SERVICE_KEY}: is neither a service_role nor a secret key of a Supabase project. ${WHERE}`);
  const shown = anon && kindOfSupabaseKey(anon);
  if (shown === 'service_role' || shown === 'secret')
    problems.push(
      `SUPABASE_ANON_KEY: holds the ${shown} key, which must never be shown; the anon or publishable key is meant. ${WHERE}`,
    );
  return problems;
}

/** A key of the older form names its project, and a hosted project's address begins with the same name. */
function projectProblems({ SUPABASE_URL: url, SUPABASE_SERVICE_ROLE_KEY: key }: Environment): string[] {
  const host = url ? new URL(url).hostname : '';
  const made = key && projectOfSupabaseKey(key);
  if (!made || !/\.supabase\.(?:co|in)$/.test(host) || host.startsWith(`${made}.`)) return [];
  return [`${SERVICE_KEY}: was made for another project than SUPABASE_URL leads to. ${WHERE}`];
}

/** What single variables cannot say: which of them belong together. Never repeats a value. */
export function databaseProblems(values: Environment): string[] {
  const { DATABASE_URL: direct, SUPABASE_URL: url, SUPABASE_SERVICE_ROLE_KEY: key } = values;
  const problems = [...keyProblems(values), ...projectProblems(values)];
  if (url && !key && !direct)
    problems.push(`${SERVICE_KEY}: is missing. SUPABASE_URL needs it, unless DATABASE_URL is given. ${WHERE}`);
  if (key && !url && !direct) problems.push(`SUPABASE_URL: is missing. ${SERVICE_KEY} belongs to a project.`);
  if ((url || direct) && !values.VERNE_MASTER_KEYS)
    problems.push(
      'VERNE_MASTER_KEYS: is missing. Only the embedded database keeps a key of its own; every process on a shared one needs the same. Make it with: echo "1:$(openssl rand -base64 32)"',
    );
  return problems;
}
