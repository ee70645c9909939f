import { instantOf } from './clock.ts';
import { badRequest, invalidArgument, notFound, preconditionFailed, quotaExceeded } from './failure.ts';
import { sessionId } from './ids.ts';
import { Life } from './life.ts';
import { type Fields, isFields } from './messages.ts';
import type { Story } from './scenarios.ts';
import type { Account, Session, Source, World } from './world.ts';

const DAY_MS = 86_400_000;
const NOT_RUNNING = ['COMPLETED', 'FAILED', 'PAUSED'];

/** How many of an account run now, and how many began in the last 24 hours: a task counts, failed or not. */
export function useOf({ clock }: World, { sessions, createdMs }: Account) {
  const today = createdMs.filter((at) => at > clock.nowMs() - DAY_MS).length;
  const running = [...sessions.values()].filter(({ state }) => !NOT_RUNNING.includes(state)).length;
  return { today, running };
}

/** Both refusals were reported; neither tells which limit it is. */
function checkQuota(world: World, account: Account) {
  const { limits, met } = account;
  const { today, running } = useOf(world, account);
  if (today < limits.perDay && running < limits.atOnce) {
    met.mostAtOnce = Math.max(met.mostAtOnce, running + 1);
    met.mostPerDay = Math.max(met.mostPerDay, today + 1);
    return;
  }
  met.refused += 1;
  const { settings } = world;
  throw settings.quotaRefusal === 'exhausted' ? quotaExceeded() : preconditionFailed();
}

const textOf = (fields: Fields, name: string) => (typeof fields[name] === 'string' ? fields[name] : '');
const fieldsOf = (fields: Fields, name: string) => (isFields(fields[name]) ? fields[name] : {});

function sourceOf({ sources }: Account, context: Fields): Source | null {
  const name = textOf(context, 'source');
  if (name === '') throw badRequest('source_context.source is required');
  const source = sources.find((candidate) => candidate.name === name);
  if (!source) throw notFound();
  return source;
}

export type Creation = {
  readonly account: Account;
  /** A checked Session message. */
  readonly message: Fields;
  /** Real time for which lists do not show it. */
  readonly listLagMs: number;
  readonly storyFor: (prompt: string) => Story;
};

/** sessions.create. A session without a source has no repository and makes no pull request. */
export function createSession(world: World, { account, message, listLagMs, storyFor }: Creation): Session {
  const prompt = textOf(message, 'prompt');
  if (prompt === '') throw invalidArgument([{ field: 'session.prompt', description: 'prompt is required' }]);
  const context = fieldsOf(message, 'sourceContext');
  const { sourceContext, requirePlanApproval } = message;
  const source = sourceContext === undefined ? null : sourceOf(account, context);
  checkQuota(world, account);
  const createdMs = world.clock.nowMs();
  const createdAt = world.clock.micros();
  const session: Session = {
    id: sessionId(),
    account: account.label,
    prompt,
    // Without a title the service takes the prompt, all of it.
    title: textOf(message, 'title') || prompt,
    source,
    sourceContext: source && context,
    startingBranch: textOf(fieldsOf(context, 'githubRepoContext'), 'startingBranch'),
    requirePlanApproval: requirePlanApproval === true,
    automationMode: textOf(message, 'automationMode'),
    createdAt,
    createdMs,
    listedFromMs: createdMs + listLagMs,
    life: new Life(world, storyFor(prompt), () => session),
    updatedAt: createdAt,
    state: 'QUEUED',
    approved: false,
    archived: false,
    outputs: [],
    activities: [],
    messages: [],
  };
  account.sessions.set(session.id, session);
  account.createdMs.push(createdMs);
  const { id, title } = session;
  world.truth.push({ kind: 'created', at: instantOf(createdAt), session: id, account: account.label, title });
  session.life.start();
  world.changed();
  return session;
}

/** A session of another account is not there at all. */
export function sessionOf({ sessions }: Account, id: string): Session {
  const session = sessions.get(id);
  if (!session) throw notFound();
  return session;
}

export function deleteSession(account: Account, id: string) {
  const session = sessionOf(account, id);
  account.sessions.delete(id);
  session.life.delete();
}
