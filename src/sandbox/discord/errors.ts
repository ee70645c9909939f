import type { z } from 'zod';

/** An answer in Discord's error shape: `{code, message, errors?}`. */
export class DiscordError extends Error {
  readonly status: number;
  readonly code: number;
  readonly errors: object | undefined;

  constructor(status: number, code: number, facts: { readonly message: string; readonly errors?: object }) {
    super(facts.message);
    this.name = `DiscordError[${code}]`;
    this.status = status;
    this.code = code;
    this.errors = facts.errors;
  }

  get body(): object {
    return { message: this.message, code: this.code, ...(this.errors && { errors: this.errors }) };
  }
}

const KNOWN = {
  unauthorized: [401, 0, '401: Unauthorized'],
  notFound: [404, 0, '404: Not Found'],
  unknownChannel: [404, 10003, 'Unknown Channel'],
  unknownGuild: [404, 10004, 'Unknown Guild'],
  unknownMember: [404, 10007, 'Unknown Member'],
  unknownMessage: [404, 10008, 'Unknown Message'],
  unknownUser: [404, 10013, 'Unknown User'],
  unknownEmoji: [400, 10014, 'Unknown Emoji'],
  unknownWebhook: [404, 10015, 'Unknown Webhook'],
  unknownInteraction: [404, 10062, 'Unknown interaction'],
  tooLarge: [413, 40005, 'Request entity too large'],
  alreadyAcknowledged: [400, 40060, 'Interaction has already been acknowledged.'],
  missingAccess: [403, 50001, 'Missing Access'],
  authorOnly: [403, 50005, 'Cannot edit a message authored by another user'],
  emptyMessage: [400, 50006, 'Cannot send an empty message'],
  cannotMessageUser: [403, 50007, 'Cannot send messages to this user'],
  missingPermissions: [403, 50013, 'Missing Permissions'],
  wrongChannelType: [400, 50024, 'Cannot execute action on this channel type'],
  invalidWebhookToken: [401, 50027, 'Invalid Webhook Token'],
  archivedThread: [400, 50083, 'Thread is archived'],
  invalidJson: [400, 50109, 'The request body contains invalid JSON.'],
  replyWithoutHistory: [403, 160002, 'Cannot reply without permission to read message history'],
  threadExists: [400, 160004, 'A thread has already been created for this message'],
  lockedThread: [400, 160005, 'This thread is locked'],
  tooManyThreads: [400, 160006, 'Maximum number of active threads has been reached'],
} as const satisfies Record<string, readonly [number, number, string]>;

export function discordError(kind: keyof typeof KNOWN): DiscordError {
  const [status, code, message] = KNOWN[kind];
  return new DiscordError(status, code, { message });
}

export type FormIssue = { readonly path: readonly PropertyKey[]; readonly code: string; readonly message: string };

type FormTree = { [key: string]: FormTree | FormIssueLeaf[] };
const LEAF = '_errors';

type FormIssueLeaf = { readonly code: string; readonly message: string };

/** Its keys are a stranger's: `constructor` must not find the one that every object has. */
const emptyTree = (): FormTree => Object.create(null);

/** `Invalid Form Body` with Discord's tree of paths, each leaf `{_errors: [{code, message}]}`. */
export function invalidForm(issues: readonly FormIssue[]): DiscordError {
  const tree = emptyTree();
  for (const { path, code, message } of issues) {
    let node = tree;
    for (const key of path) {
      const next = node[String(key)];
      const child = next && !Array.isArray(next) ? next : emptyTree();
      node[String(key)] = child;
      node = child;
    }
    const known = node[LEAF];
    node[LEAF] = [...(Array.isArray(known) ? known : []), { code, message }];
  }
  return new DiscordError(400, 50035, { message: 'Invalid Form Body', errors: tree });
}

export const formIssuesOf = (error: z.ZodError): FormIssue[] =>
  error.issues.map(({ path, code, message }) => ({ path, code: code.toUpperCase(), message }));

/** One wrong field, named by its path. */
export const invalidField = (path: readonly (string | number)[], message: string) =>
  invalidForm([{ path, code: 'BASE_TYPE_INVALID', message }]);
