import type { ZodMiniType } from 'zod/mini';
import type { $ZodIssue } from 'zod/v4/core';
import type { FormIssue } from '#sandbox/discord/errors.ts';
import type { BodyPart, Rule } from './rule.ts';
import { strangersIn } from './strangers.ts';

/** An issue with the whole way to it, inside the branches of unions too. */
function unfolded(issue: $ZodIssue): $ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const branches = issue.errors.map((branch) => branch.flatMap(unfolded));
  // The branch that the value meant is the one whose `type` fits.
  const isMeant = (branch: readonly $ZodIssue[]) =>
    !branch.some(({ path }) => path.length === 0 || (path.length === 1 && path[0] === 'type'));
  const meant = branches.filter(isMeant).sort((one, other) => one.length - other.length)[0];
  return meant?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) ?? [{ ...issue, errors: [] }];
}

const CODES: Readonly<Record<string, string>> = {
  invalid_type: 'BASE_TYPE_BAD_TYPE',
  invalid_value: 'BASE_TYPE_CHOICES',
  invalid_union: 'UNION_TYPE_CHOICES',
  too_big: 'BASE_TYPE_MAX_LENGTH',
  too_small: 'BASE_TYPE_MIN_LENGTH',
  invalid_format: 'STRING_TYPE_REGEX',
};

function messageOf(issue: $ZodIssue): string {
  const isLength = 'origin' in issue && (issue.origin === 'string' || issue.origin === 'array');
  if (issue.code === 'too_big') return `Must be ${issue.maximum} or fewer${isLength ? ' in length' : ''}.`;
  if (issue.code === 'too_small') return `Must be ${issue.minimum} or more${isLength ? ' in length' : ''}.`;
  if (issue.code === 'invalid_value') return `Value must be one of (${issue.values.join(', ')}).`;
  if (issue.code === 'invalid_union') return 'The value is none of those that Discord takes here.';
  if (issue.code === 'invalid_type') return `This must be of type ${issue.expected}.`;
  if (issue.code === 'invalid_format') return `Not a well formed ${issue.format}.`;
  return issue.message;
}

const formIssue = (issue: $ZodIssue): FormIssue => ({
  path: issue.path,
  code: CODES[issue.code] ?? issue.code.toUpperCase(),
  message: messageOf(issue),
});

type Against = { readonly issues: readonly FormIssue[]; readonly strangers: readonly FormIssue[] };

function against(schema: ZodMiniType, body: unknown): Against {
  const parsed = schema.safeParse(body);
  if (parsed.success) return { issues: [], strangers: strangersIn(body, parsed.data) };
  return { issues: parsed.error.issues.flatMap(unfolded).map(formIssue), strangers: [] };
}

/** What is wrong with a value by one schema of the document, and what is in it that the schema does not know. */
export function schemaIssues(schema: ZodMiniType, value: unknown): readonly FormIssue[] {
  const { issues, strangers } = against(schema, value);
  return [...issues, ...strangers];
}

/** Both rules below look at the same: it is found once for a request. */
const found = new WeakMap<BodyPart, Against>();

function nearest(part: BodyPart): Against {
  const known = found.get(part) ?? nearestOf(part);
  found.set(part, known);
  return known;
}

/** Where a body may be one of several, it is taken for the one that it comes nearest to. */
function nearestOf({ operation, body }: BodyPart): Against {
  const all = operation.schemas.map((schema) => against(schema, body));
  const isTypeWrong = ({ issues }: Against) =>
    issues.some(({ path }) => path.length === 1 && path[0] === 'type') ? 1 : 0;
  const [first] = all.toSorted(
    (one, other) =>
      isTypeWrong(one) - isTypeWrong(other) ||
      one.issues.length - other.issues.length ||
      one.strangers.length - other.strangers.length,
  );
  return first ?? { issues: [], strangers: [] };
}

/** The schema of the operation in Discord's own document. */
export const fitsTheDocument: Rule<BodyPart> = (part) => nearest(part).issues;

/** A schema drops what it does not know; what it dropped is found by comparing. */
export const namesOnlyKnownKeys: Rule<BodyPart> = (part) => nearest(part).strangers;
