import { badRequest, invalidArgument, type Violation } from './failure.ts';

/** A field of a request message, as proto3 JSON is checked against it. */
type Field =
  | 'string'
  | 'bool'
  /** Output only: taken and ignored. */
  | 'output'
  | { readonly type: string; readonly values: readonly string[] }
  | { readonly fields: Message };
type Message = Readonly<Record<string, Field>>;

const AUTOMATION_MODE = {
  type: 'type.googleapis.com/google.labs.jules.v1alpha.AutomationMode',
  values: ['AUTOMATION_MODE_UNSPECIFIED', 'AUTO_CREATE_PR'],
};

export const SESSION: Message = {
  name: 'output',
  id: 'output',
  prompt: 'string',
  title: 'string',
  sourceContext: {
    fields: {
      source: 'string',
      githubRepoContext: { fields: { startingBranch: 'string' } },
      workingBranch: 'string',
      environmentVariablesEnabled: 'bool',
    },
  },
  requirePlanApproval: 'bool',
  automationMode: AUTOMATION_MODE,
  state: 'output',
  url: 'output',
  createTime: 'output',
  updateTime: 'output',
  outputs: 'output',
  archived: 'output',
};

export const SEND_MESSAGE: Message = { prompt: 'string' };
export const EMPTY: Message = {};

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

export type Fields = Record<string, unknown>;
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Checked = { readonly value: unknown; readonly violations: readonly Violation[] };

const invalid = (at: string, type: string, value: unknown): Checked => ({
  value: undefined,
  violations: [{ field: at, description: `Invalid value at '${at}' (${type}), ${JSON.stringify(value)}` }],
});

function checkField(field: Field, value: unknown, at: string): Checked {
  if (field === 'output' || value === null) return { value: undefined, violations: [] };
  if (field === 'string')
    return typeof value === 'string' ? { value, violations: [] } : invalid(at, 'TYPE_STRING', value);
  if (field === 'bool') return typeof value === 'boolean' ? { value, violations: [] } : invalid(at, 'TYPE_BOOL', value);
  if ('values' in field) {
    const isKnown = typeof value === 'string' && field.values.includes(value);
    return isKnown ? { value, violations: [] } : invalid(at, field.type, value);
  }
  return isFields(value) ? checkFields(field.fields, value, at) : invalid(at, 'TYPE_MESSAGE', value);
}

function unknownName(name: string, at: string): Violation {
  const where = at && ` at '${at}'`;
  return {
    field: at,
    description: `Invalid JSON payload received. Unknown name "${name}"${where}: Cannot find field.`,
  };
}

function checkFields(message: Message, given: Fields, at: string): Checked {
  const violations: Violation[] = [];
  const value: Fields = {};
  for (const [name, inner] of Object.entries(given)) {
    const known = message[camel(name)];
    if (known === undefined) {
      violations.push(unknownName(name, at));
      continue;
    }
    const checked = checkField(known, inner, at ? `${at}.${snake(name)}` : snake(name));
    violations.push(...checked.violations);
    if (checked.value !== undefined) value[camel(name)] = checked.value;
  }
  return { value, violations };
}

/** A request body as its message; `at` is the name under which violations stand (`session`). Snake case is accepted too. */
export function readMessage(body: string, message: Message, at: string): Fields {
  const given = body.trim() === '' ? {} : jsonOf(body);
  if (given === undefined)
    throw badRequest(`Invalid JSON payload received. Unexpected token.\n${body.slice(0, 40)}\n^`);
  if (!isFields(given)) throw badRequest('Invalid JSON payload received. Root element must be a message.');
  const { value, violations } = checkFields(message, given, at);
  if (violations.length > 0 || !isFields(value)) throw invalidArgument(violations);
  return value;
}

const SYSTEM_PARAMETERS = ['alt', 'fields', 'key', 'prettyPrint', 'quotaUser', '$alt', '$fields'];

/**
 * Query parameters by the names in which they are documented. Those that a method does not have are refused, `createTime`
 * on activities among them.
 */
export function readQuery(query: URLSearchParams, known: readonly string[]): URLSearchParams {
  const violations = [...query.keys()]
    .filter((name) => ![...known, ...SYSTEM_PARAMETERS].includes(camel(name)))
    .map((name) => ({
      field: '',
      description: `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. Field '${name}' could not be found in request message.`,
    }));
  if (violations.length > 0) throw invalidArgument(violations);
  return new URLSearchParams([...query].map(([name, value]): [string, string] => [camel(name), value]));
}
