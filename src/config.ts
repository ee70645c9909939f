import type { z } from 'zod';
import { databaseConfig, databaseProblems } from '#db/choice.ts';
import { ROLES, type Role, VARIABLES } from '#variables.ts';

type Names = keyof typeof VARIABLES;
type Values = { readonly [Name in Names]: z.output<(typeof VARIABLES)[Name]['schema']> };

/** Older or shorter names that are read where the proper one is empty. */
const ALIASES: Partial<Record<Names, string>> = {
  DISCORD_TOKEN: 'DISCORD_BOT_TOKEN',
  SUPABASE_SERVICE_ROLE_KEY: 'SUPABASE_SECRET_KEY',
};

/** Says everything that is wrong with the environment at once: by name, never by value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Pairs that break a promise: what is longer must be longer, or work is done twice. */
const LONGER: readonly (readonly [longer: Names, shorter: Names, why: string])[] = [
  ['VERNE_JULES_INTENT_MS', 'VERNE_JULES_CREATE_TIMEOUT_MS', 'or a session that is still being made is made again'],
  ['VERNE_DISCORD_INTENT_MS', 'VERNE_DISCORD_TIMEOUT_MS', 'or a message that is still being posted is posted again'],
];

/** The gateway's lease is shorter: an heir that asks every `renewMs` is connected within the ten seconds promised. */
const gatewayLeaseMs = (values: Values) => Math.round(values.VERNE_LEASE_MS * 0.75);

/** One renewal may be lost without the loss of what is renewed. */
function renewalProblems(values: Values): string[] {
  const limitMs = gatewayLeaseMs(values) / 2;
  if (values.VERNE_RENEW_MS < limitMs) return [];
  return [
    `VERNE_RENEW_MS: must be less than ${limitMs}, three eighths of VERNE_LEASE_MS, or the gateway and deliveries are lost while they are held.`,
  ];
}

function durationProblems(values: Values): string[] {
  const tooShort = LONGER.filter(([longer, shorter]) => Number(values[longer]) <= Number(values[shorter])).map(
    ([longer, shorter, why]) => `${longer}: must be longer than ${shorter}, ${why}.`,
  );
  return [...tooShort, ...renewalProblems(values)];
}

function readAll(env: Environment): Values {
  const problems: string[] = [];
  const entries = Object.entries(VARIABLES).map(([name, { schema, about }]) => {
    const alias = ALIASES[name as Names];
    const raw = env[name] || (alias && env[alias]) || undefined;
    const result = schema.safeParse(raw);
    if (!result.success) {
      const why = result.error.issues.map((issue) => issue.message).join(', ');
      problems.push(`${name}: ${raw === undefined ? 'is missing' : why}. ${about}`);
    }
    return [name, result.data];
  });
  const values = Object.fromEntries(entries) as Values;
  if (problems.length === 0) problems.push(...databaseProblems(values), ...durationProblems(values));
  if (problems.length > 0) throw new ConfigError(problems);
  return values;
}

const DEFAULT_PORT = 3000;

function http(values: Values) {
  return {
    port: values.PORT ?? DEFAULT_PORT,
    host: values.VERNE_HTTP_HOST ?? (values.PORT === undefined ? '127.0.0.1' : '0.0.0.0'),
    trustedProxies: values.VERNE_TRUSTED_PROXIES,
    metricsToken: values.VERNE_METRICS_TOKEN,
    webhookSecrets: values.JULES_WEBHOOK_SECRET ?? [],
  };
}

function rolesOf(values: Values): readonly Role[] {
  if (values.VERNE_ROLES) return values.VERNE_ROLES;
  const isAsked = values.DISCORD_PUBLIC_KEY !== undefined || values.PORT !== undefined;
  return isAsked ? ROLES : ['gateway', 'worker'];
}

function group(values: Values) {
  return {
    roles: rolesOf(values),
    http: http(values),
    discord: {
      token: values.DISCORD_TOKEN,
      appId: values.DISCORD_APP_ID,
      publicKey: values.DISCORD_PUBLIC_KEY,
      apiBase: values.DISCORD_API_BASE,
      hearsThreads: values.DISCORD_THREAD_REPLIES === 'on',
      timeoutMs: values.VERNE_DISCORD_TIMEOUT_MS,
      intentMs: values.VERNE_DISCORD_INTENT_MS,
      editMs: values.VERNE_EDIT_MS,
      editOldMs: values.VERNE_EDIT_OLD_MS,
      answerMs: values.VERNE_ANSWER_MS,
      approverBatchMs: values.VERNE_APPROVER_BATCH_MS,
    },
    database: databaseConfig(values),
    jules: {
      apiBase: values.JULES_API_BASE,
      perDay: values.JULES_PER_DAY,
      atOnce: values.JULES_AT_ONCE,
      timeoutMs: values.VERNE_JULES_TIMEOUT_MS,
      createTimeoutMs: values.VERNE_JULES_CREATE_TIMEOUT_MS,
      intentMs: values.VERNE_JULES_INTENT_MS,
      sweepMs: values.VERNE_SWEEP_MS,
      followMs: values.VERNE_FOLLOW_MS,
      followSoonMs: values.VERNE_FOLLOW_SOON_MS,
      sourcesMs: values.VERNE_SOURCES_MS,
      silenceMs: values.VERNE_SILENCE_MS,
      silentMs: {
        planning: values.VERNE_SILENT_PLANNING_MS,
        working: values.VERNE_SILENT_WORKING_MS,
        done: values.VERNE_SILENT_DONE_MS,
        paused: values.VERNE_SILENT_PAUSED_MS,
      },
      deletedMs: values.VERNE_DELETED_MS,
      remindMs: values.VERNE_REMIND_MS,
      remindAgainMs: values.VERNE_REMIND_AGAIN_MS,
      breakerMs: values.VERNE_BREAKER_MS,
    },
    masterKeys: values.VERNE_MASTER_KEYS,
    rates: {
      person: values.VERNE_PERSON_PER_MINUTE,
      person_in_server: values.VERNE_PERSON_IN_SERVER_PER_MINUTE,
      server: values.VERNE_SERVER_PER_MINUTE,
    },
    logLevel: values.VERNE_LOG_LEVEL,
    stopMs: values.VERNE_STOP_MS,
    worker: {
      slots: values.VERNE_SLOTS,
      leaseMs: values.VERNE_LEASE_MS,
      renewMs: values.VERNE_RENEW_MS,
      gatewayLeaseMs: gatewayLeaseMs(values),
      pollMs: values.VERNE_POLL_MS,
      httpPollMs: values.VERNE_HTTP_POLL_MS,
      backoffMs: values.VERNE_BACKOFF_MS,
    },
  };
}

export type Config = ReturnType<typeof group>;

/** Reads the environment. Throws one `ConfigError` that names every wrong or missing variable. */
export function readConfig(env: Environment): Config {
  return Object.freeze(group(readAll(env)));
}
