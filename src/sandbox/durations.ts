/** What the bot waits for by design, at speed 1, in milliseconds. Timeouts, leases and intent windows are never scaled. */
const WAITS = {
  VERNE_SWEEP_MS: 5000,
  VERNE_FOLLOW_MS: 15_000,
  VERNE_FOLLOW_SOON_MS: 4000,
  VERNE_BREAKER_MS: 30_000,
  VERNE_EDIT_MS: 3000,
  VERNE_EDIT_OLD_MS: 15_000,
  VERNE_BACKOFF_MS: 1000,
  VERNE_APPROVER_BATCH_MS: 30_000,
} as const;

/** How often somebody may act in a minute at speed 1: people in a sandbox are as fast as everything else there. */
const RATES = {
  VERNE_PERSON_PER_MINUTE: 60,
  VERNE_PERSON_IN_SERVER_PER_MINUTE: 60,
  VERNE_SERVER_PER_MINUTE: 600,
} as const;

const FLOOR_MS = 50;

/** The same waits, so many times faster. */
export function scaledWaits(speed: number): Record<string, string> {
  const waits = Object.entries(WAITS).map(([name, ms]) => [name, Math.max(FLOOR_MS, Math.round(ms / speed))] as const);
  const rates = Object.entries(RATES).map(([name, rate]) => [name, Math.max(rate, Math.round(rate * speed))] as const);
  return Object.fromEntries([...waits, ...rates].map(([name, value]) => [name, String(value)]));
}
