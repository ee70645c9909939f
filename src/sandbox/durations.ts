/** What the bot waits for by design, at speed 1, in milliseconds. Timeouts, leases and intent windows are never scaled. */
const WAITS = {
  VERNE_SWEEP_MS: 5000,
  VERNE_FOLLOW_MS: 15_000,
  VERNE_FOLLOW_SOON_MS: 4000,
  VERNE_DELETED_MS: 20_000,
  VERNE_BREAKER_MS: 30_000,
  VERNE_EDIT_MS: 3000,
  VERNE_EDIT_OLD_MS: 15_000,
  VERNE_BACKOFF_MS: 1000,
  VERNE_APPROVER_BATCH_MS: 30_000,
} as const;

/** Stories that are told faster are silent for less long; but a slow machine must not look like a silent Jules. */
const SILENCES = {
  VERNE_SILENT_PLANNING_MS: 60_000,
  VERNE_SILENT_WORKING_MS: 90_000,
  VERNE_SILENT_DONE_MS: 45_000,
  VERNE_SILENT_PAUSED_MS: 45_000,
} as const;

/** How often somebody may act in a minute at speed 1: people in a sandbox are as fast as everything else there. */
const RATES = {
  VERNE_PERSON_PER_MINUTE: 60,
  VERNE_PERSON_IN_SERVER_PER_MINUTE: 60,
  VERNE_SERVER_PER_MINUTE: 600,
} as const;

const FLOOR_MS = 50;
const SILENT_FLOOR_MS = 15_000;

/** The same waits, so many times faster. */
export function scaledWaits(speed: number): Record<string, string> {
  const scaled = (waits: Readonly<Record<string, number>>, floorMs: number) =>
    Object.entries(waits).map(([name, ms]) => [name, Math.max(floorMs, Math.round(ms / speed))] as const);
  const waits = [...scaled(WAITS, FLOOR_MS), ...scaled(SILENCES, SILENT_FLOOR_MS)];
  const rates = Object.entries(RATES).map(([name, rate]) => [name, Math.max(rate, Math.round(rate * speed))] as const);
  return Object.fromEntries([...waits, ...rates].map(([name, value]) => [name, String(value)]));
}
