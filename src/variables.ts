import { z } from 'zod';
import { readKeyring } from '#guilds/keyring.ts';

/** A variable of the environment: what it is for, and an example for `.env.example`. */
type Variable<Schema extends z.ZodType = z.ZodType> = {
  readonly schema: Schema;
  readonly about: string;
  readonly group: Group;
  readonly example?: string;
};

export const GROUPS = ['Discord', 'Database', 'Jules', 'Keys', 'HTTP', 'Process', 'Rates', 'Durations'] as const;
type Group = (typeof GROUPS)[number];

const variable = <Schema extends z.ZodType>(group: Group, schema: Schema, about: string, example?: string) => ({
  schema,
  about,
  group,
  ...(example !== undefined && { example }),
});

const text = z.string().trim().min(1);
const url = z.url({ protocol: /^https?$/ });

/** Whether `read` takes the text. What it throws is not shown: it may repeat a secret. */
const isTakenBy = (read: (value: string) => unknown) => (value: string) => {
  try {
    read(value);
    return true;
  } catch {
    return false;
  }
};

/** What no URL is has been refused before; the driver decodes these parts of one. */
function decodeParts(address: string) {
  const { username, password, pathname } = URL.parse(address) ?? {};
  for (const part of [username, password, pathname]) decodeURIComponent(part ?? '');
}

const postgresUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// address' })
  .refine(
    isTakenBy(decodeParts),
    'holds a % that encodes nothing; write %25 for a % in the user, password or database',
  );

/** The client appends the paths of the project's services. */
const isBare = (address: string) => {
  const { pathname = '/', search = '', hash = '' } = URL.parse(address) ?? {};
  return pathname === '/' && !search && !hash;
};
const supabaseUrl = url.refine(isBare, 'must end behind the host; take the path away (as /rest/v1)');

const masterKeys = text.refine(
  isTakenBy(readKeyring),
  'each must be version:base64 of 32 bytes; make one with: echo "1:$(openssl rand -base64 32)"',
);
const int = (from: number, to: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(from).max(to));
const perMinute = (fallback: number, about: string) =>
  variable(
    'Rates',
    int(1, 1_000_000).default(fallback),
    `${about} Half of it may come at once. Default ${fallback}.`,
    String(fallback),
  );

const ms = (byDefault: number, about: string, group: Group = 'Durations') =>
  variable(group, int(1, 7 * 86_400_000).default(byDefault), about, String(byDefault));
/** A first answer that comes later is shown as failed, whatever it was. */
const DISCORD_WAITS_MS = 3000;

export const ROLES = ['http', 'gateway', 'worker'] as const;
export type Role = (typeof ROLES)[number];
const roles = z
  .string()
  .transform((csv) => csv.split(',').map((word) => word.trim()))
  .pipe(z.array(z.enum(ROLES)).transform((words) => [...new Set(words)]));

const webhookSecrets = z
  .string()
  .transform((csv) => csv.split(',').map((secret) => secret.trim()))
  .pipe(z.array(z.string().min(16, 'each must be 16 characters or more')).max(2, 'two at most'));

/** Every variable that Verne reads. Durations carry their unit in the name, so that tests can scale them one by one. */
export const VARIABLES = {
  DISCORD_TOKEN: variable(
    'Discord',
    text.optional(),
    'Bot token (Discord developer portal, Bot). Also read as DISCORD_BOT_TOKEN.',
  ),
  DISCORD_APP_ID: variable(
    'Discord',
    z
      .string()
      .regex(/^\d{15,20}$/, 'must be a Discord id')
      .optional(),
    'Application id; read from the token when empty.',
  ),
  DISCORD_PUBLIC_KEY: variable(
    'Discord',
    z
      .string()
      .regex(/^[0-9a-f]{64}$/i, 'must be 64 hex digits')
      .optional(),
    'Public key of the application (its page, General Information): verifies interactions over HTTP.',
  ),
  DISCORD_API_BASE: variable(
    'Discord',
    url.default('https://discord.com/api'),
    'REST base without a version; the sandbox sets its own.',
    'https://discord.com/api',
  ),
  DISCORD_THREAD_REPLIES: variable(
    'Discord',
    z.enum(['on', 'off']).default('off'),
    "on: what people write in a task's thread is told to Jules. Needs the Message Content Intent (developer portal, Bot).",
    'off',
  ),

  DATABASE_URL: variable(
    'Database',
    postgresUrl.optional(),
    'Direct connection or pooler, logs in as verne_worker. Wins over SUPABASE_URL: five times the calls.',
  ),
  VERNE_DATABASE_POOLED: variable(
    'Database',
    z.enum(['yes', 'no', 'auto']).default('auto'),
    'yes: DATABASE_URL is a pooler in transaction mode. auto: port 6543 or pgbouncer=true tell.',
    'auto',
  ),
  SUPABASE_URL: variable('Database', supabaseUrl.optional(), 'The Supabase project, https://….supabase.co.'),
  SUPABASE_SERVICE_ROLE_KEY: variable(
    'Database',
    text.optional(),
    'Its service_role or secret key. Also read as SUPABASE_SECRET_KEY.',
  ),
  SUPABASE_ANON_KEY: variable('Database', text.optional(), 'Its anon or publishable key, with which people sign in.'),
  VERNE_DATA_DIR: variable(
    'Database',
    text.default('./data'),
    'Where the embedded Postgres lives when no other database is named.',
    './data',
  ),
  VERNE_DATA_THROWAWAY: variable(
    'Database',
    z.enum(['yes', 'no']).default('no'),
    'yes: a fresh database that is deleted at the end.',
    'no',
  ),
  MIGRATE_DATABASE_URL: variable(
    'Database',
    text.optional(),
    "Read by npm run migrate alone, which else takes DATABASE_URL: logs in as the project's postgres.",
  ),

  JULES_API_BASE: variable(
    'Jules',
    url.default('https://jules.googleapis.com/v1alpha'),
    'Base address of the Jules API; the sandbox sets its own.',
    'https://jules.googleapis.com/v1alpha',
  ),
  JULES_PER_DAY: variable(
    'Jules',
    int(1, 100_000).default(100),
    'Sessions that one Jules account may start in any 24 hours (free 15, Pro 100, Ultra 300).',
    '100',
  ),
  JULES_AT_ONCE: variable(
    'Jules',
    int(1, 10_000).default(15),
    'Sessions that one Jules account may run at once (free 3, Pro 15, Ultra 60).',
    '15',
  ),

  VERNE_MASTER_KEYS: variable(
    'Keys',
    masterKeys.optional(),
    'Keys that seal the stored Jules keys, newest first: version:base64 of 32 bytes, comma between. Made in the data directory when empty.',
  ),

  PORT: variable('HTTP', int(0, 65_535).optional(), 'Port of the HTTP door; 3000 when empty, 0 takes a free one.'),
  VERNE_HTTP_HOST: variable(
    'HTTP',
    text.optional(),
    'Address of the HTTP door; when empty 0.0.0.0 if PORT is set, as hosts of containers do, else 127.0.0.1.',
  ),
  VERNE_TRUSTED_PROXIES: variable(
    'HTTP',
    int(0, 10).default(0),
    'How many proxies of your own stand in front; only they are believed about the address of a caller.',
    '0',
  ),
  JULES_WEBHOOK_SECRET: variable(
    'HTTP',
    webhookSecrets.optional(),
    'Who may report to /webhook/jules: one secret of 16 characters or more, or two with a comma between while one is exchanged.',
  ),
  VERNE_METRICS_TOKEN: variable(
    'HTTP',
    text.min(16, 'must be 16 characters or more').optional(),
    'Who sends it as a bearer token reads /metrics; when empty only this machine does.',
  ),

  VERNE_ROLES: variable(
    'Process',
    roles.optional(),
    'What this process does: http, gateway, worker, comma between. When empty gateway and worker, and http if DISCORD_PUBLIC_KEY or PORT is set.',
  ),
  VERNE_LOG_LEVEL: variable(
    'Process',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    'What is logged.',
    'info',
  ),
  VERNE_SLOTS: variable('Process', int(1, 1000).default(20), 'Deliveries that one worker handles at once.', '20'),

  VERNE_ANSWER_MS: variable(
    'Durations',
    int(1, 7 * 86_400_000)
      .refine((value) => value < DISCORD_WAITS_MS, 'must be less than 3000, when Discord stops waiting')
      .default(2000),
    'A person is answered within this time, recorded or not (Discord allows 3000).',
    '2000',
  ),
  VERNE_DISCORD_TIMEOUT_MS: ms(5000, 'One call to Discord.'),
  VERNE_DISCORD_INTENT_MS: ms(
    20_000,
    'How long a post or edit of unknown outcome may still land; nobody repeats a post before.',
  ),
  VERNE_JULES_TIMEOUT_MS: ms(10_000, 'One call to Jules.'),
  VERNE_JULES_CREATE_TIMEOUT_MS: ms(30_000, 'Creating one Jules session.'),
  VERNE_JULES_INTENT_MS: ms(
    180_000,
    'How long a session of unknown outcome is looked for before it is created again: timeout + late landing + list lag.',
  ),
  VERNE_LEASE_MS: ms(8000, 'A worker that is silent this long has lost its delivery.'),
  VERNE_RENEW_MS: ms(2000, 'How often a worker says that it still works.'),
  VERNE_STOP_MS: ms(
    25_000,
    'A process that was told to stop ends within this time, done or not (hosts kill after 30 s).',
  ),
  VERNE_POLL_MS: ms(1000, 'How often a worker asks for deliveries that nobody woke it for.'),
  VERNE_HTTP_POLL_MS: ms(2700, 'The same where only SUPABASE_URL is given; each question is a request there.'),
  VERNE_PERSON_PER_MINUTE: perMinute(60, 'How often a person may act in a minute, over all servers.'),
  VERNE_PERSON_IN_SERVER_PER_MINUTE: perMinute(40, 'The same in one server.'),
  VERNE_SERVER_PER_MINUTE: perMinute(600, 'How often all people of a server together may act in a minute.'),
  VERNE_SWEEP_MS: ms(10_000, "Between two looks at an account's list of sessions."),
  VERNE_FOLLOW_MS: ms(45_000, 'Between two looks at a working session.'),
  VERNE_FOLLOW_SOON_MS: ms(12_000, 'Between two looks at a session that plans or that somebody waits for.'),
  VERNE_SOURCES_MS: ms(600_000, 'Between two looks at the repositories of a key.'),
  VERNE_BREAKER_MS: ms(30_000, 'How long a key is left alone with which Jules failed five times in a row.'),
  VERNE_EDIT_MS: ms(3000, 'Between two edits of a card.'),
  VERNE_EDIT_OLD_MS: ms(
    15_000,
    'Between two edits of a card older than 50 minutes (Discord slows edits of messages older than an hour).',
  ),
  VERNE_BACKOFF_MS: ms(1000, 'The delay that grows between retries.'),
  VERNE_REMIND_MS: ms(1_800_000, 'What waits for people this long is brought to their mind.'),
  VERNE_REMIND_AGAIN_MS: ms(86_400_000, 'Between two reminders of the same thing.'),
  VERNE_SILENT_PLANNING_MS: ms(
    600_000,
    'Jules says nothing this long while it plans: people are told that it is silent.',
  ),
  VERNE_SILENT_WORKING_MS: ms(1_200_000, 'The same while it works.'),
  VERNE_SILENT_DONE_MS: ms(600_000, 'The same after it said that it is done, where its session does not end.'),
  VERNE_SILENT_PAUSED_MS: ms(600_000, 'The same while it is paused.'),
  VERNE_SILENCE_MS: ms(86_400_000, 'A session without progress this long has failed.'),
  VERNE_DELETED_MS: ms(
    300_000,
    'Jules says this long that it has no such session, and nothing else: the session was deleted there.',
  ),
  VERNE_APPROVER_BATCH_MS: ms(
    120_000,
    'Approvers are mentioned at most this often per channel; cards in between are announced together.',
  ),
} satisfies Record<string, Variable>;
