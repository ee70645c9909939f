/** The container's health check: asks /healthz of the bot in this container. A bot without the role `http` has no door to ask at. */
const { PORT = '8080', VERNE_ROLES = 'http' } = process.env;

async function isLive(): Promise<boolean> {
  if (!VERNE_ROLES.split(',').some((role) => role.trim() === 'http')) return true;
  try {
    const { ok } = await fetch(`http://127.0.0.1:${PORT}/healthz`, { signal: AbortSignal.timeout(4000) });
    return ok;
  } catch {
    return false;
  }
}

process.exit((await isLive()) ? 0 : 1);
