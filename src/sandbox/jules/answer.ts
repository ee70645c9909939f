import type { ServerResponse } from 'node:http';
import {
  ApiError,
  forbidden,
  HTML_404,
  htmlError,
  keyMissing,
  keyUnknown,
  notFound,
  preconditionFailed,
  quotaExceeded,
  serverError,
} from './failure.ts';
import type { Faults, JulesFault } from './faults.ts';
import { type Answer, ROUTES, type Route } from './routes.ts';
import type { Stories } from './scripts.ts';
import { withoutDefaults } from './wire.ts';
import type { Account, World } from './world.ts';

export type AnswerDeps = { readonly world: World; readonly stories: Stories; readonly faults: Faults };

export type IncomingCall = {
  readonly method: string;
  /** Below the API base. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly key: string | string[] | undefined;
  readonly body: string;
  readonly response: ServerResponse;
};

export type Outcome = number | 'dropped' | 'silent';

type Reply = { readonly status: number; readonly type: string; readonly body: string; readonly retryAfter?: string };

const JSON_TYPE = 'application/json; charset=UTF-8';
const HTML_TYPE = 'text/html; charset=UTF-8';

const pretty = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const replyOf = (error: ApiError): Reply => ({ status: error.status, type: JSON_TYPE, body: pretty(error) });

function runReply(run: () => Answer): Reply {
  try {
    const answer = run();
    return { status: 200, type: JSON_TYPE, body: answer === null ? '' : pretty(withoutDefaults(answer)) };
  } catch (error) {
    if (error instanceof ApiError) return replyOf(error);
    throw error;
  }
}

function headers({ type, body, retryAfter }: Reply) {
  return {
    'content-type': type,
    'content-length': String(Buffer.byteLength(body)),
    ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
  };
}

function send(response: ServerResponse, reply: Reply): Outcome {
  response.writeHead(reply.status, headers(reply)).end(reply.body);
  return reply.status;
}

function drop(response: ServerResponse): Outcome {
  response.socket?.destroy();
  return 'dropped';
}

/** Half a body; what comes when it has left is the caller's. */
function sendHalf(response: ServerResponse, reply: Reply, then: (rest: string) => void) {
  const half = Math.floor(reply.body.length / 2);
  response.writeHead(reply.status, headers(reply)).write(reply.body.slice(0, half), () => then(reply.body.slice(half)));
}

type Turn = { readonly run: () => Reply; readonly response: ServerResponse };
type Faulty = Turn & { readonly fault: JulesFault; readonly world: World };

/** Faults in whose course nothing takes effect. */
function answerBefore({ fault, response }: Faulty): Outcome | undefined {
  switch (fault.kind) {
    case 'error_before':
      return send(response, replyOf(serverError(fault.status ?? 503)));
    case 'precondition_before':
      return send(response, replyOf(preconditionFailed()));
    case 'drop_before':
      return drop(response);
    case 'rate_limited': {
      const reply = replyOf(quotaExceeded());
      return send(response, fault.retryAfterS === undefined ? reply : { ...reply, retryAfter: `${fault.retryAfterS}` });
    }
    case 'html': {
      const status = fault.status ?? 502;
      return send(response, { status, type: HTML_TYPE, body: htmlError(status) });
    }
    case 'not_found':
      return send(response, replyOf(notFound()));
    case 'forbidden':
      return send(response, replyOf(forbidden()));
    case 'unauthorized':
      return send(response, replyOf(keyUnknown()));
    default:
      return undefined;
  }
}

/** Faults whose call takes effect: what was refused anyway is refused as ever. */
function answerAfter({ fault, run, response, world }: Faulty): Outcome {
  if (fault.kind === 'late_landing') {
    world.clock.laterReal(fault.ms ?? 0, run);
    return 'silent';
  }
  const reply = run();
  if (reply.status !== 200) return send(response, reply);
  const later = (work: () => void) => world.clock.laterReal(fault.ms ?? 0, work);
  switch (fault.kind) {
    case 'error_after':
      return send(response, replyOf(serverError(fault.status ?? 500)));
    case 'precondition_after':
      return send(response, replyOf(preconditionFailed()));
    case 'drop_after':
      return drop(response);
    case 'slow':
      later(() => send(response, reply));
      return 200;
    case 'slow_body':
      sendHalf(response, reply, (rest) => later(() => response.end(rest)));
      return 200;
    case 'reset_body':
      sendHalf(response, reply, () => drop(response));
      return 'dropped';
    default:
      return send(response, reply);
  }
}

const listLagOf = (fault: JulesFault | undefined) =>
  fault?.listLagMs ?? (fault?.kind === 'list_lag' ? (fault.ms ?? 0) : 0);

/**
 * Creating is slow, and the service does not say so when it is asked for too much of it at once: of the calls that are
 * one too many it does not find the source.
 */
function answerInTurn({ clock, settings }: World, account: Account, { run, response }: Turn): Outcome {
  if (account.underWay >= settings.createsAtOnce) return send(response, replyOf(notFound()));
  account.underWay += 1;
  const reply = run();
  clock.later(settings.createMs, () => {
    account.underWay -= 1;
    send(response, reply);
  });
  return reply.status;
}

const isSlow = ({ settings }: World, { on }: Route, id: string) =>
  settings.createMs > 0 && (on === 'create' || (on === 'sources' && id !== ''));

/** One call: which method, who asks, which fault waits for it, and the answer. */
export function answerCall({ world, stories, faults }: AnswerDeps, call: IncomingCall): Outcome {
  const { method, path, query, key, body, response } = call;
  const route = ROUTES.find((candidate) => candidate.method === method && candidate.path.test(path));
  if (!route) return send(response, { status: 404, type: HTML_TYPE, body: HTML_404 });
  if (typeof key !== 'string' || key === '') return send(response, replyOf(keyMissing()));
  const account = world.accounts.get(key);
  if (!account) return send(response, replyOf(keyUnknown()));
  const { id = '', activity = '' } = route.path.exec(path)?.groups ?? {};
  const fault = faults.take({ on: route.on, account: account.label, session: id });
  const listLagMs = listLagOf(fault);
  const storyFor = (prompt: string) => stories.for(prompt);
  const run = () => runReply(() => route.run({ world, account, query, body, id, activity, listLagMs, storyFor }));
  const turn = { run, response };
  if (!fault) return isSlow(world, route, id) ? answerInTurn(world, account, turn) : send(response, run());
  const faulty = { fault, world, ...turn };
  return answerBefore(faulty) ?? answerAfter(faulty);
}
