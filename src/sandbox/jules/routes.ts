import { invalidArgument, notFound, preconditionFailed } from './failure.ts';
import { activityFilter, activityPage, sessionFilter, sessionPage, sourceFilter, sourcePage } from './lists.ts';
import { EMPTY, type Fields, readMessage, readQuery, SEND_MESSAGE, SESSION } from './messages.ts';
import type { Story } from './scenarios.ts';
import { createSession, deleteSession, sessionOf } from './sessions.ts';
import { activityOnWire, sessionOnWire, sourceOnWire } from './wire.ts';
import type { Account, Session, World } from './world.ts';

/** The names by which faults choose a method. */
export const OPERATIONS = [
  'sources',
  'create',
  'list',
  'get',
  'delete',
  'message',
  'approve',
  'archive',
  'activities',
] as const;
export type Operation = (typeof OPERATIONS)[number];

type Request = {
  readonly world: World;
  readonly account: Account;
  readonly query: URLSearchParams;
  readonly body: string;
  /** The id of a session, or the name of a source. */
  readonly id: string;
  readonly activity: string;
  readonly listLagMs: number;
  readonly storyFor: (prompt: string) => Story;
};

/** A message, or zero bytes. */
export type Answer = Fields | null;

export type Route = {
  readonly method: string;
  readonly path: RegExp;
  readonly on: Operation;
  readonly run: (request: Request) => Answer;
};

const LIST = ['pageSize', 'pageToken', 'filter'];

function listSources(request: Request): Answer {
  const { account } = request;
  const query = readQuery(request.query, LIST);
  const { items, next } = sourcePage(account.sources.filter(sourceFilter(query)), query);
  return { sources: items.map(sourceOnWire), nextPageToken: next };
}

function getSource({ account, id }: Request): Answer {
  const source = account.sources.find(({ name }) => name === `sources/${id}`);
  if (!source) throw notFound();
  return sourceOnWire(source);
}

/** As the documentation's own sample of an answer to a create. */
const NOT_YET = { state: '', url: '', createTime: '', updateTime: '' };

function create(request: Request): Answer {
  const { world, account, listLagMs, storyFor } = request;
  readQuery(request.query, []);
  const message = readMessage(request.body, SESSION, 'session');
  const session = sessionOnWire(world, createSession(world, { account, message, listLagMs, storyFor }));
  return world.settings.bareCreate ? { ...session, ...NOT_YET } : session;
}

function listSessions(request: Request): Answer {
  const { world, account } = request;
  const query = readQuery(request.query, LIST);
  const listed = [...account.sessions.values()].filter(({ listedFromMs }) => listedFromMs <= world.clock.nowMs());
  const { items, next } = sessionPage(listed.filter(sessionFilter(query)), query);
  return { sessions: items.map((session) => sessionOnWire(world, session)), nextPageToken: next };
}

const getSession = ({ world, account, id }: Request): Answer => sessionOnWire(world, sessionOf(account, id));

function removeSession({ account, id }: Request): Answer {
  deleteSession(account, id);
  return {};
}

const emptyReply = ({ settings }: World): Answer => (settings.emptyReplies ? null : {});

function sendMessage({ world, account, id, body }: Request): Answer {
  const { prompt } = readMessage(body, SEND_MESSAGE, '');
  if (typeof prompt !== 'string' || prompt === '')
    throw invalidArgument([{ field: 'prompt', description: 'prompt is required' }]);
  sessionOf(account, id).life.hear(prompt);
  return emptyReply(world);
}

/** Approves the newest plan, whichever that is: the method takes no plan id. */
function approvePlan({ world, account, id, body }: Request): Answer {
  readMessage(body, EMPTY, '');
  const isApproved = sessionOf(account, id).life.approve();
  if (!isApproved && world.settings.approveNothing === 'refuse') throw preconditionFailed();
  return emptyReply(world);
}

const change = (work: (session: Session) => void) => (request: Request) => {
  readMessage(request.body, EMPTY, '');
  const session = sessionOf(request.account, request.id);
  work(session);
  return sessionOnWire(request.world, session);
};

/** Eventually consistent: for some seconds a new session has no activities, not even an empty list. */
function readableActivities({ world, account, id }: Request) {
  const session = sessionOf(account, id);
  const sinceMs = world.clock.nowMs() - session.createdMs;
  if (sinceMs < world.clock.scaled(world.settings.activities404Ms)) throw notFound();
  return session.activities;
}

function listActivities(request: Request): Answer {
  const query = readQuery(request.query, LIST);
  const matching = readableActivities(request).filter(activityFilter(query));
  const { items, next } = activityPage(matching, query);
  return { activities: items.map(activityOnWire), nextPageToken: next };
}

function getActivity(request: Request): Answer {
  const activity = readableActivities(request).find(({ id }) => id === request.activity);
  if (!activity) throw notFound();
  return activityOnWire(activity);
}

const archive = change(({ life }) => life.archive());
const unarchive = change(({ life }) => life.unarchive());

/** All twelve methods of v1alpha; below it, `%3A` is not a colon. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/sources$/, on: 'sources', run: listSources },
  { method: 'GET', path: /^\/sources\/(?<id>.+)$/, on: 'sources', run: getSource },
  { method: 'POST', path: /^\/sessions$/, on: 'create', run: create },
  { method: 'GET', path: /^\/sessions$/, on: 'list', run: listSessions },
  { method: 'GET', path: /^\/sessions\/(?<id>[^/:]+)$/, on: 'get', run: getSession },
  { method: 'DELETE', path: /^\/sessions\/(?<id>[^/:]+)$/, on: 'delete', run: removeSession },
  { method: 'POST', path: /^\/sessions\/(?<id>[^/:]+):sendMessage$/, on: 'message', run: sendMessage },
  { method: 'POST', path: /^\/sessions\/(?<id>[^/:]+):approvePlan$/, on: 'approve', run: approvePlan },
  { method: 'POST', path: /^\/sessions\/(?<id>[^/:]+):archive$/, on: 'archive', run: archive },
  { method: 'POST', path: /^\/sessions\/(?<id>[^/:]+):unarchive$/, on: 'archive', run: unarchive },
  { method: 'GET', path: /^\/sessions\/(?<id>[^/:]+)\/activities$/, on: 'activities', run: listActivities },
  {
    method: 'GET',
    path: /^\/sessions\/(?<id>[^/:]+)\/activities\/(?<activity>[^/:]+)$/,
    on: 'activities',
    run: getActivity,
  },
];
