import type { z } from 'zod';
import { type DiscordError, formIssuesOf, invalidForm } from './errors.ts';
import type { RestFault } from './faults.ts';
import { droppedKeys } from './judge/strangers.ts';
import type { UploadedFile } from './messages.ts';

/** What is known of one request besides its body; it ends in the request log. */
export type Trace = {
  readonly startedAt: number;
  files: readonly UploadedFile[];
  fault?: RestFault;
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

/**
 * Reads what the sandbox needs of a body that the judge has passed. What Discord would take but the sandbox does not
 * simulate is refused: done in part and without a word, it would be a lie.
 */
export function decode<Schema extends z.ZodType>(
  request: Traced,
  schema: Schema,
  body: unknown = request.body,
): z.output<Schema> {
  const sent = body ?? {};
  const parsed = schema.safeParse(sent);
  if (!parsed.success) throw invalidForm(formIssuesOf(parsed.error));
  const beyond = droppedKeys(sent, parsed.data);
  if (beyond.length === 0) return parsed.data;
  throw invalidForm(
    beyond.map((path) => ({
      path,
      code: 'SANDBOX_NOT_SIMULATED',
      message: `The sandbox does not simulate "${path.at(-1)}".`,
    })),
  );
}

/** A body that had the right shape may still be wrong here: an answer of a type that does not fit, for one. */
export function noteRefusal(request: Traced, error: DiscordError): void {
  const trace = traceOf(request);
  const isForm = error.code === 50035 || error.code === 50006;
  if (isForm && trace.verdict?.ok) {
    const detail = error.errors ? ` ${JSON.stringify(error.errors)}` : '';
    trace.verdict = { ok: false, errors: [`${error.message}${detail}`] };
  }
}
