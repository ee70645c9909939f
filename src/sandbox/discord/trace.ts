import type { z } from 'zod';
import { type DiscordError, formIssuesOf, invalidForm } from './errors.ts';
import type { RestFault } from './faults.ts';
import type { UploadedFile } from './messages.ts';

/** What is known of one request besides its body; it ends in the request log. */
export type Trace = {
  readonly startedAt: number;
  files: readonly UploadedFile[];
  fault?: RestFault;
  unknownKeys?: readonly string[];
  verdict?: { readonly ok: boolean; readonly errors: readonly string[] };
};

const traces = new WeakMap<object, Trace>();

/** As much of a request as is traced; an answer that came inline, in a response, has no request of its own. */
export type Traced = { readonly raw: object; readonly body: unknown };

export function traceOf(request: Pick<Traced, 'raw'>): Trace {
  const known = traces.get(request.raw);
  if (known) return known;
  const made: Trace = { startedAt: Date.now(), files: [] };
  traces.set(request.raw, made);
  return made;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Keys that were sent but that no schema knows: a misspelt `allowedMentions` un-silences everyone. */
function unknownKeys(sent: unknown, known: unknown, path: string): string[] {
  if (!(isObject(sent) && isObject(known))) return [];
  return Object.entries(sent).flatMap(([key, value]) => {
    const here = path === '' ? key : `${path}.${key}`;
    return key in known ? unknownKeys(value, known[key], here) : [here];
  });
}

/** Decodes a body by its schema, or answers as Discord does; the verdict goes to the request log. */
export function decode<Schema extends z.ZodType>(
  request: Traced,
  schema: Schema,
  body: unknown = request.body,
): z.output<Schema> {
  const trace = traceOf(request);
  const parsed = schema.safeParse(body ?? {});
  if (!parsed.success) {
    const issues = formIssuesOf(parsed.error);
    trace.verdict = { ok: false, errors: issues.map(({ path, message }) => `body.${path.join('.')}: ${message}`) };
    throw invalidForm(issues);
  }
  const strangers = unknownKeys(body, parsed.data, '');
  trace.verdict = { ok: true, errors: [] };
  if (strangers.length > 0) trace.unknownKeys = [...(trace.unknownKeys ?? []), ...strangers];
  return parsed.data;
}

/** A body that had the right shape may still break a rule between its fields. */
export function noteRefusal(request: Traced, error: DiscordError): void {
  const trace = traceOf(request);
  const isForm = error.code === 50035 || error.code === 50006;
  if (isForm && trace.verdict?.ok) {
    const detail = error.errors ? ` ${JSON.stringify(error.errors)}` : '';
    trace.verdict = { ok: false, errors: [`${error.message}${detail}`] };
  }
}
