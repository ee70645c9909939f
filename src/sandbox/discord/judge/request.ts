import { type DiscordError, discordError, type FormIssue, invalidForm } from '#sandbox/discord/errors.ts';
import type { Message } from '#sandbox/discord/model.ts';
import { type Traced, traceOf } from '#sandbox/discord/trace.ts';
import type { World } from '#sandbox/discord/world.ts';
import { EMPTY } from './message-rules.ts';

export type Judged = {
  readonly traced: Traced;
  readonly method: string;
  /** Without the API's prefix. */
  readonly route: string;
  readonly params: Readonly<Record<string, string>>;
};

const EVERYTHING_ELSE = '/*';

/** The message that a request edits, as far as the sandbox has it; a follow-up edits none. */
function messageBefore(world: World, { method, route, params }: Judged): Message | undefined {
  if (method === 'POST' && !route.endsWith('/callback')) return undefined;
  const interaction =
    params['token'] === undefined
      ? undefined
      : [...world.interactions.values()].find(({ token }) => token === params['token']);
  const own = interaction?.originalId ?? interaction?.messageId;
  const id = params['message'] === undefined || params['message'] === '@original' ? own : params['message'];
  return id === undefined ? undefined : world.messages.get(id);
}

/** The route says that there is no such message or interaction; what the body would make of it cannot be told. */
const isGone = (world: World, { method, params }: Judged, before: Message | undefined): boolean =>
  (method === 'PATCH' && 'message' in params && before === undefined) ||
  (params['interaction'] !== undefined && !world.interactions.has(params['interaction']));

const shown = ({ path, message }: FormIssue): string => `${['body', ...path].join('.')}: ${message}`;

function errorOf(issues: readonly FormIssue[]): DiscordError {
  const isEmptyOnly = issues.every(({ code }) => code === EMPTY);
  return isEmptyOnly ? discordError('emptyMessage') : invalidForm(issues.filter(({ code }) => code !== EMPTY));
}

/** Every request with a body is judged before it is looked at; a refusal has Discord's own shape. */
export function judgeRequest(world: World, judged: Judged): void {
  const { traced, method, route } = judged;
  const trace = traceOf(traced);
  if (route === EVERYTHING_ELSE) {
    if (traced.body != null) trace.verdict = { ok: false, errors: ['The sandbox does not know this call.'] };
    return;
  }
  const before = messageBefore(world, judged);
  if (isGone(world, judged, before)) return;
  if (method === 'GET' && traced.body == null) return;
  const issues = world.judge({ method, route, body: traced.body, files: trace.files, before });
  if (issues.length === 0 && traced.body == null) return;
  trace.verdict = { ok: issues.length === 0, errors: issues.map(shown) };
  if (issues.length > 0) throw errorOf(issues);
}
