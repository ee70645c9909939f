const BEAT_MS = 500;

export type Pulse = { lagMs(): number; stop(): void };

/** How late the event loop is: behind its last beat, or behind the one that should have come by now. */
export function startPulse(now: () => number = () => performance.now()): Pulse {
  let beatAt = now();
  let lastLagMs = 0;
  const timer = setInterval(() => {
    lastLagMs = Math.max(0, now() - beatAt - BEAT_MS);
    beatAt = now();
  }, BEAT_MS);
  timer.unref();
  return {
    lagMs: () => Math.max(lastLagMs, now() - beatAt - BEAT_MS, 0),
    stop: () => clearInterval(timer),
  };
}
