// Railway's infrastructure as code: `railway config plan` shows what would change, `railway config apply` does it. It
// imports nothing of the bot, since Railway's own engine reads it; a test compares the names below with src/config.ts.
import { defineRailway, github, preserve, project, service } from 'railway/iac';

/** Your own copy of this repository. A service without a source would be detached from the one it has. */
const REPOSITORY = 'OWNER/verne';

/** `apply` deletes every variable that is not listed, so all of them are: `npm run docs` writes the list. Values stay in Railway. */
const VARIABLES = [
  'DISCORD_BOT_TOKEN',
  'SUPABASE_SECRET_KEY',
  'DISCORD_TOKEN',
  'DISCORD_APP_ID',
  'DISCORD_PUBLIC_KEY',
  'DISCORD_API_BASE',
  'DISCORD_THREAD_REPLIES',
  'DATABASE_URL',
  'VERNE_DATABASE_POOLED',
  'SUPABASE_URL',
  'SUPABASE_SERVICE_ROLE_KEY',
  'SUPABASE_ANON_KEY',
  'VERNE_DATA_DIR',
  'VERNE_DATA_THROWAWAY',
  'MIGRATE_DATABASE_URL',
  'JULES_API_BASE',
  'JULES_PER_DAY',
  'JULES_AT_ONCE',
  'VERNE_MASTER_KEYS',
  'PORT',
  'VERNE_HTTP_HOST',
  'VERNE_TRUSTED_PROXIES',
  'JULES_WEBHOOK_SECRET',
  'VERNE_METRICS_TOKEN',
  'VERNE_LOG_LEVEL',
  'VERNE_SLOTS',
  'VERNE_ANSWER_MS',
  'VERNE_DISCORD_TIMEOUT_MS',
  'VERNE_DISCORD_INTENT_MS',
  'VERNE_JULES_TIMEOUT_MS',
  'VERNE_JULES_CREATE_TIMEOUT_MS',
  'VERNE_JULES_INTENT_MS',
  'VERNE_LEASE_MS',
  'VERNE_RENEW_MS',
  'VERNE_STOP_MS',
  'VERNE_POLL_MS',
  'VERNE_HTTP_POLL_MS',
  'VERNE_PERSON_PER_MINUTE',
  'VERNE_PERSON_IN_SERVER_PER_MINUTE',
  'VERNE_SERVER_PER_MINUTE',
  'VERNE_SWEEP_MS',
  'VERNE_FOLLOW_MS',
  'VERNE_FOLLOW_SOON_MS',
  'VERNE_SOURCES_MS',
  'VERNE_BREAKER_MS',
  'VERNE_EDIT_MS',
  'VERNE_EDIT_OLD_MS',
  'VERNE_BACKOFF_MS',
  'VERNE_REMIND_MS',
  'VERNE_REMIND_AGAIN_MS',
  'VERNE_SILENT_PLANNING_MS',
  'VERNE_SILENT_WORKING_MS',
  'VERNE_SILENT_DONE_MS',
  'VERNE_SILENT_PAUSED_MS',
  'VERNE_SILENCE_MS',
  'VERNE_DELETED_MS',
  'VERNE_APPROVER_BATCH_MS',
] as const;

/** One image, whatever the process does; what it does is the only variable that this file decides. */
const bot = (name: string, roles: string) =>
  service(name, {
    source: github(REPOSITORY, { branch: 'main' }),
    build: { builder: 'DOCKERFILE', dockerfilePath: 'Dockerfile' },
    preDeploy: 'npm run migrate',
    start: 'node src/main.ts',
    healthcheck: '/readyz',
    healthcheckTimeout: 120,
    deploy: {
      restartPolicyType: 'ON_FAILURE',
      restartPolicyMaxRetries: 10,
      // Two releases at once are legal, but not needed: a lease decides who holds the gateway.
      overlapSeconds: 0,
      drainingSeconds: 30,
    },
    env: { ...Object.fromEntries(VARIABLES.map((name) => [name, preserve()])), VERNE_ROLES: roles },
  });

/**
 * One service does everything. To scale out, put these in its place; each has `http` for Railway's health check, and
 * the one with a domain is the door:
 *   bot('door', 'http'), bot('gateway', 'http,gateway'), bot('worker', 'http,worker')
 */
export default defineRailway(() => project('verne', { resources: [bot('verne', 'http,gateway,worker')] }));
