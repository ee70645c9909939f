import { z } from 'zod';
import { RemoteFailure } from '#kernel/errors.ts';
import { type Answer, after, type Delivery, done, waitUntil } from '#kernel/handler.ts';
import { idIn, taskId } from '#kernel/ids.ts';
import { patiently } from '#kernel/patience.ts';
import { call } from '#kernel/rpc.ts';
import { decideOpening } from './decide.ts';
import { refreshSources } from './list-sources.ts';
import { lookBack, markerOf, withMarker, withMarkerBelow } from './marker.ts';
import type { JulesSession, JulesSource } from './ports.ts';
import { isKeyRefused, isOfKey, waitsForKey } from './refused-key.ts';
import { readWork, type TaskDeps, type Work } from './work.ts';

const TITLE_CHARS = 80;

const titleOf = ({ prompt, marker }: Work) =>
  withMarker((prompt.split('\n')[0] ?? '').slice(0, TITLE_CHARS).toWellFormed(), marker);

type Run = { readonly deps: TaskDeps; readonly work: Work; readonly delivery: Delivery };

async function fail({ deps, work }: Run, error: string): Promise<Answer> {
  await deps.rpc('record_session', {
    task_id: work.task_id,
    revision: work.revision,
    change: { phase: 'failed', end: { verb: 'fail', error } },
  });
  return done;
}

async function recordOpened({ deps, work }: Run, session: JulesSession, strays: readonly JulesSession[] = []) {
  const opened = {
    name: session.name,
    url: session.url,
    state: session.state,
    strays: strays.map((stray) => stray.name),
  };
  await deps.rpc('record_opened', { task_id: work.task_id, opened });
  return done;
}

type Target = { readonly source: string } | { readonly problem: string };

const isOf = (repo: string) => (source: JulesSource) =>
  `${source.owner}/${source.repo}`.toLowerCase() === repo.toLowerCase();

/** The repository as Jules names it. What the cache does not know is asked once more before it is refused. */
async function resolveTarget({ deps, work, delivery }: Run): Promise<Target> {
  const cached = work.source;
  if (cached && (cached.branches.length === 0 || cached.branches.includes(work.branch))) return { source: cached.name };
  const sources = await refreshSources(deps, work.key_id, delivery.signal);
  const found = sources.find(isOf(work.repo));
  if (!found) {
    const problem = `Jules cannot reach ${work.repo} with this key. Install the Jules GitHub App for it at https://jules.google.com, or choose another repository.`;
    return { problem };
  }
  if (found.branches.length > 0 && !found.branches.includes(work.branch)) {
    return { problem: `${work.repo} has no branch "${work.branch}" that Jules knows. Ask again with another branch.` };
  }
  return { source: found.name };
}

const attemptOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('recorded'), revision: z.number() }),
  z.object({ kind: z.literal('taken') }),
  z.object({ kind: z.literal('paused') }),
]);
type AttemptOutcome = z.output<typeof attemptOutcome>;

/** The intent is recorded when nothing is left to wait for: what is paused or cancelled meanwhile never begins. */
async function create(run: Run): Promise<Answer> {
  const { deps, work, delivery } = run;
  const target = await resolveTarget(run);
  if ('problem' in target) return fail(run, target.problem);
  const wish = {
    prompt: withMarkerBelow(work.prompt, work.marker),
    title: titleOf(work),
    source: target.source,
    startingBranch: work.branch,
  };
  const intent: { outcome?: AttemptOutcome } = {};
  const mayBegin = async () => {
    const { task_id, revision } = work;
    intent.outcome = await call(deps.rpc, attemptOutcome, 'record_attempt', { task_id, revision });
    return intent.outcome.kind === 'recorded';
  };
  try {
    const options = { signal: delivery.signal, account: work.account_id, mayBegin };
    const made = await deps.sessions.create(work.key_id, wish, options);
    if (made) return await recordOpened(run, made);
  } catch (error) {
    if (intent.outcome?.kind !== 'recorded') throw error;
    return afterFailedCreate({ ...run, work: { ...work, revision: intent.outcome.revision } }, error);
  }
  const isPaused = intent.outcome?.kind === 'paused';
  return waitUntil(isPaused ? after(delivery.now, deps.windows.followMs) : delivery.now);
}

/** Whether the session was made is the only question: unknown means looking for it, certain means taking the intent back. */
async function afterFailedCreate(run: Run, error: unknown): Promise<Answer> {
  const { deps, work, delivery } = run;
  if (!(error instanceof RemoteFailure) || error.service !== 'jules') throw error;
  if (error.unknownOutcome) {
    const change = { phase: 'opening', last_error: `${error.message} Verne looks whether the session was made.` };
    await deps.rpc('record_session', { task_id: work.task_id, revision: work.revision, change });
    return waitUntil(after(delivery.now, lookEveryMs(deps)));
  }
  const why = error.message;
  await deps.rpc('clear_attempt', { task_id: work.task_id, revision: work.revision, counted: false, why });
  // Once may only mean too fast; again, that there is nothing to be had.
  if (error.code === 429 && work.last_error === why) {
    await deps.rpc('report_exhausted_key', { key_id: work.key_id, why });
  }
  if (error.retry !== 'never') throw error;
  const cleared = { ...run, work: { ...work, revision: work.revision + 1 } };
  const isLost = isOfKey(error) && (await isKeyRefused(deps, work, delivery.signal));
  return isLost ? afterRefusedKey(cleared, error) : fail(cleared, refusedSentence(error));
}

/** The key may be mended or moved from; a task whose key was removed, and that has no other one, cannot go on. */
async function afterRefusedKey(run: Run, error: RemoteFailure): Promise<Answer> {
  const { deps, work, delivery } = run;
  if (!(await waitsForKey(deps, work, error))) return fail(run, refusedSentence(error));
  return waitUntil(after(delivery.now, deps.windows.followMs));
}

function refusedSentence(error: RemoteFailure): string {
  return isOfKey(error)
    ? `Jules refused the key. Enter a working one with /config key, then ask again. (${error.message})`
    : `Jules refused the session: ${error.message}`;
}

const lookEveryMs = ({ windows }: TaskDeps) => Math.min(5000, windows.intentMs / 4);

async function look(run: Run, isOver: boolean): Promise<Answer> {
  const { deps, work, delivery } = run;
  const since = lookBack(work.attempted_at ?? delivery.now);
  const listed = await deps.sessions.list(work.key_id, since, { signal: delivery.signal });
  const [oldest, ...strays] = listed.filter((session) => markerOf(session) === work.marker).toReversed();
  if (oldest) return recordOpened(run, oldest, strays);
  if (!isOver) return waitUntil(after(delivery.now, lookEveryMs(deps)));
  const why = 'Jules did not say whether it made the session, and it is not in its list.';
  await deps.rpc('clear_attempt', { task_id: work.task_id, revision: work.revision, counted: true, why });
  return waitUntil(delivery.now);
}

/** An admitted task becomes one Jules session. The promise and its protocol are told in session.ts. */
export async function openSession(deps: TaskDeps, delivery: Delivery): Promise<Answer> {
  const work = await readWork(deps.rpc, taskId(idIn(delivery.key)));
  if (!work) return done;
  const run = { deps, work, delivery };
  const step = decideOpening(work, delivery.now, deps.windows);
  const pauseMs = deps.windows.followSoonMs;
  const onRefused = (error: RemoteFailure) =>
    isOfKey(error) ? afterRefusedKey(run, error) : fail(run, refusedSentence(error));
  return patiently({ pauseMs, onRefused }, async () => {
    if (step.kind === 'nothing') return done;
    return step.kind === 'create' ? create(run) : look(run, step.isOver);
  });
}
