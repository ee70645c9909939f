import type { FormIssue } from '#sandbox/discord/errors.ts';
import { issue, type Path } from './rule.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** The paths of keys that were sent and that parsing dropped. */
export function droppedKeys(sent: unknown, parsed: unknown, path: Path = []): Path[] {
  if (!(isObject(sent) && isObject(parsed))) return [];
  return Object.entries(sent).flatMap(([key, value]) => {
    const here = [...path, Array.isArray(sent) ? Number(key) : key];
    return Object.hasOwn(parsed, key) ? droppedKeys(value, parsed[key], here) : [here];
  });
}

/** Discord would take the body and ignore the key: a misspelt `allowedMentions` pings everyone, and nobody is told. */
export const strangersIn = (sent: unknown, parsed: unknown): FormIssue[] =>
  droppedKeys(sent, parsed).map((path) =>
    issue(
      path,
      'SANDBOX_UNKNOWN_KEY',
      `Discord does not know the key "${path.at(-1)}". It would ignore it in silence; the sandbox is stricter on purpose.`,
    ),
  );
