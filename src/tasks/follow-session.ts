import { z } from 'zod';
import { RemoteFailure } from '#kernel/errors.ts';
import { type Answer, after, type Delivery, done, waitUntil } from '#kernel/handler.ts';
import { idIn, type SessionName, taskId } from '#kernel/ids.ts';
import { patiently } from '#kernel/patience.ts';
import { call } from '#kernel/rpc.ts';
import { decideFollowing, hasNews, type Meaning, mayBeSent, progressAfter, provesRun } from './decide.ts';
import { notesFor, resumedNote } from './notes.ts';
import { newestPatch } from './patch.ts';
import { planIn } from './plan.ts';
import type { JulesActivity, JulesSession } from './ports.ts';
import type { SessionPhase } from './session.ts';
import { hasMoved } from './silence.ts';
import { readWork, type TaskDeps, type Work } from './work.ts';

type Run = {
  readonly deps: TaskDeps;
  readonly work: Work & { readonly name: SessionName };
  readonly delivery: Delivery;
};
type News = {
  readonly session: JulesSession;
  readonly activities: readonly JulesActivity[];
  readonly unlisted: boolean;
};

const recorded = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('recorded'), revision: z.number(), paused: z.boolean() }),
  z.object({ kind: z.literal('stale') }),
]);

/** Phases in which somebody waits for the next step, so that it is looked for sooner. */
const SOON: ReadonlySet<SessionPhase> = new Set(['planning', 'plan_review', 'approving', 'needs_input', 'finishing']);

async function record({ deps, work }: Run, change: object) {
  return call(deps.rpc, recorded, 'record_session', { task_id: work.task_id, revision: work.revision, change });
}

/** For some seconds after its creation a session has no list of activities: null. */
async function readActivities({ deps, work, delivery }: Run): Promise<readonly JulesActivity[] | null> {
  const since = work.activities_until;
  try {
    const wish = { name: work.name, ...(since && { since }) };
    const listed = await deps.sessions.activities(work.key_id, wish, { signal: delivery.signal });
    return listed.filter(({ name }) => !work.known.includes(name));
  } catch (error) {
    if (error instanceof RemoteFailure && error.code === 404) return null;
    throw error;
  }
}

async function readNews(run: Run): Promise<News> {
  const { deps, work, delivery } = run;
  const session = await deps.sessions.read(work.key_id, work.name, { signal: delivery.signal });
  const listed = await readActivities(run);
  return { session, activities: listed ?? [], unlisted: listed === null };
}

const bodyOf = ({ artifacts, name, createTime, kind, ...body }: JulesActivity) => ({
  name,
  kind,
  created_at: createTime,
  body: { ...body, artifacts: artifacts.map((artifact) => artifact.kind) },
});

function changeOf({ work, delivery }: Run, { session, activities }: News, meaning: Meaning) {
  const until = activities.at(-1)?.createTime ?? work.activities_until;
  const plan = planIn(activities);
  const patch = newestPatch(session, activities, work.progress.has_patch);
  return {
    phase: meaning.phase,
    jules_state: session.state,
    ...(session.url && { url: session.url }),
    progress: progressAfter(work, session, activities),
    ...(until && { activities_until: until }),
    moved: hasMoved(work, session, activities),
    silent: meaning.silent ?? false,
    missing: false,
    ...(provesRun({ work, session, activities }) && { approved: true }),
    ...((meaning.approve || (meaning.phase === 'finishing' && mayBeSent(work))) && { approval_sent: true }),
    ...(patch && { patch }),
    ...(meaning.phase === 'finishing' && { finishing: true }),
    ...(plan && { plan }),
    activities: activities.map(bodyOf),
    notes: [
      ...notesFor(work, session, activities),
      ...(meaning.end?.verb === 'resume' ? [resumedNote(work, delivery.event.id)] : []),
    ],
    last_error: null,
    ...(meaning.end && { end: meaning.end }),
  };
}

/** Jules takes longer than this to make another plan. */
const FRESH_MS = 2500;

/**
 * Only the session that is stored is ever approved: a stray stops at its plan. The step is recorded first, at the revision
 * that was read: a task that was cancelled meanwhile has another one, and its plan is not approved any more. Nor is one of
 * a server that was paused while Jules was asked; both are asked once more right before the call, and whether Jules is
 * being told something, of which it may make another plan. A plan that was read longer ago may be another one by now.
 */
async function approve(run: Run, news: News, meaning: Meaning): Promise<Answer> {
  const { deps, work, delivery } = run;
  const readAt = performance.now();
  const intended = await record(run, changeOf(run, news, meaning));
  if (intended.kind === 'stale') return waitUntil(delivery.now);
  if (intended.paused) return waitUntil(after(delivery.now, deps.windows.followSoonMs));
  const mayBegin = async () => {
    const now = await readWork(deps.rpc, work.task_id);
    const isFresh = performance.now() - readAt < FRESH_MS;
    return isFresh && now?.revision === intended.revision && !now.paused && !now.telling;
  };
  const begun = await deps.sessions.approve(work.key_id, work.name, { signal: delivery.signal, mayBegin });
  if (!begun) return waitUntil(after(delivery.now, deps.windows.followSoonMs));
  const approved = { ...run, work: { ...work, revision: intended.revision } };
  // That it took effect is recorded when Jules shows it: a plan that it has just dropped is approved without effect.
  await record(approved, { phase: 'working' });
  return waitUntil(after(delivery.now, deps.windows.followSoonMs));
}

async function act(run: Run, news: News, meaning: Meaning): Promise<Answer> {
  const { deps, work, delivery } = run;
  if (meaning.renew) {
    await deps.rpc('renew_session', { task_id: work.task_id, revision: work.revision });
    return done;
  }
  if (meaning.approve && !work.paused) return approve(run, news, meaning);
  const isNew = hasNews(work, news.session, news.activities) || meaning.end || meaning.phase !== work.phase;
  const isTold =
    (work.silent_at !== null) === (meaning.silent ?? false) && work.missing_since === null && work.deleted_at === null;
  const changes = isNew || work.last_error !== null || !isTold;
  if (changes && (await record(run, changeOf(run, news, meaning))).kind === 'stale') return waitUntil(delivery.now);
  const isOver = meaning.end ? meaning.end.verb !== 'resume' : work.ended_at !== null;
  if (isOver) return done;
  return waitUntil(after(delivery.now, SOON.has(meaning.phase) ? deps.windows.followSoonMs : deps.windows.followMs));
}

/** Jules has no "cancel": archiving is what stops a session, and its plan is not approved any more. */
async function stop(run: Run): Promise<Answer> {
  const { deps, work, delivery } = run;
  if (work.archived_at !== null) return done;
  try {
    await deps.sessions.archive(work.key_id, work.name, { signal: delivery.signal });
  } catch (error) {
    if (!(error instanceof RemoteFailure) || error.code !== 404) throw error;
  }
  await record(run, { archived: true, phase: 'stopped' });
  return done;
}

/**
 * Jules says that it has no such session. A slip, which can last for minutes, must not end a task for good: it is asked
 * again and again, and only where it has said nothing else for the whole window is the session called deleted.
 */
async function missing(run: Run): Promise<Answer> {
  const { deps, work, delivery } = run;
  if (work.deleted_at !== null) return done;
  const { deletedMs, followMs } = deps.windows;
  const missingMs = delivery.now.getTime() - (work.missing_since ?? delivery.now).getTime();
  if (work.missing_since === null) await record(run, { missing: true });
  if (missingMs < deletedMs) return waitUntil(after(delivery.now, Math.min(followMs, deletedMs - missingMs)));
  const end = { phase: 'failed', end: { verb: 'fail', error: 'The session was deleted at Jules.' } };
  await record(run, { deleted: true, ...(work.ended_at === null && end) });
  return done;
}

/**
 * Jules will not answer with this key. The session may go on over there, so its task waits for a working key; but not
 * longer than it may be silent. A cancelled one is tried as long, since archiving is all that stops it.
 */
async function refused(run: Run, error: RemoteFailure): Promise<Answer> {
  const { deps, work, delivery } = run;
  if (error.code === 404) return missing(run);
  const later = waitUntil(after(delivery.now, deps.windows.followMs));
  const lastSign = work.ended_at ?? work.moved_at ?? work.opened_at ?? delivery.now;
  const isOver = delivery.now >= after(lastSign, deps.windows.silenceMs);
  if (work.ended_at !== null) return isOver || work.status !== 'cancelled' ? done : later;
  if (isOver) {
    await record(run, { phase: 'failed', end: { verb: 'fail', error: error.message } });
    return done;
  }
  if (work.last_error !== error.message) await record(run, { last_error: error.message });
  return later;
}

/** The lane of a task: reads its session, records what it means, approves its plan; until the session is over. */
export async function followSession(deps: TaskDeps, delivery: Delivery): Promise<Answer> {
  const work = await readWork(deps.rpc, taskId(idIn(delivery.key)));
  if (!work?.name) return done;
  const run = { deps, work: { ...work, name: work.name }, delivery };
  const pauseMs = deps.windows.followSoonMs;
  return patiently({ pauseMs, onRefused: (error) => refused(run, error) }, async () => {
    if (work.status === 'cancelled') return stop(run);
    const news = await readNews(run);
    return act(run, news, decideFollowing({ work, ...news, now: delivery.now }, deps.windows));
  });
}
