import { RemoteFailure } from '#kernel/errors.ts';
import { type Answer, after, type Delivery, done, waitUntil } from '#kernel/handler.ts';
import { idIn, type KeyId, keyId } from '#kernel/ids.ts';
import type { JulesSource } from './ports.ts';
import type { TaskDeps } from './work.ts';

/** Asks Jules which repositories a key reaches, and keeps the list for autocomplete and for checking requests. */
export async function refreshSources(deps: TaskDeps, key: KeyId, signal: AbortSignal): Promise<readonly JulesSource[]> {
  const sources = await deps.sessions.listSources(key, { signal });
  await deps.rpc('record_sources', {
    key_id: key,
    sources: sources.map((source) => ({
      name: source.name,
      repo: `${source.owner}/${source.repo}`,
      default_branch: source.defaultBranch,
      branches: source.branches,
    })),
  });
  return sources;
}

/** The lane of a key: lists its repositories, waits, lists them again; ends when the key is gone. */
export async function listSources(deps: TaskDeps, { key: subject, now, signal, event }: Delivery): Promise<Answer> {
  const key = keyId(idIn(subject));
  try {
    await refreshSources(deps, key, signal);
  } catch (error) {
    if (!(error instanceof RemoteFailure) || error.service !== 'jules') throw error;
    if (error.code === 'no_key') return done;
    // Only what Jules says of the key itself is news for whoever entered it; an outage is not.
    const tell = error.code === 401 || error.code === 403 ? event.payload : undefined;
    await deps.rpc('record_sources', { key_id: key, sources: [], problem: error.message, tell });
    // An outage uses up no tries: a lane that died of it would leave the list stale for ever.
    if (error.retry !== 'never') return waitUntil(after(now, deps.windows.followSoonMs));
  }
  return waitUntil(after(now, deps.windows.sourcesMs));
}
