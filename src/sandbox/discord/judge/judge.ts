import type { z } from 'zod';
import { commandList } from '#sandbox/discord/command-body.ts';
import type { FormIssue } from '#sandbox/discord/errors.ts';
import { callbackBody, choicesBody, messageCreate, modalBody } from '#sandbox/discord/message-body.ts';
import { COMMAND_RULES } from './command-rules.ts';
import { COMPONENT_RULES } from './component-rules.ts';
import { draftOf } from './draft.ts';
import { mended } from './false-alarms.ts';
import { MESSAGE_RULES } from './message-rules.ts';
import { CHOICE_RULES, MODAL_RULES } from './modal-rules.ts';
import { type Operation, operationOf } from './operations.ts';
import { issue, type Judge, type MessagePart, type Path, type Rule, type Rules, type Sent } from './rule.ts';
import { fitsTheDocument, namesOnlyKnownKeys } from './spec.ts';
import { namesNotDiscord } from './webhook-name.ts';

export const RULES: Rules = {
  body: [fitsTheDocument, namesOnlyKnownKeys, namesNotDiscord],
  message: MESSAGE_RULES,
  components: COMPONENT_RULES,
  modal: MODAL_RULES,
  choices: CHOICE_RULES,
  commands: COMMAND_RULES,
};

const CALLBACK = { MESSAGE: 4, DEFERRED_MESSAGE: 5, UPDATE: 7, CHOICES: 8, MODAL: 9 } as const;

type Case = { readonly rules: Rules; readonly sent: Sent; readonly body: unknown };

function all<Part>(rules: readonly Rule<Part>[], part: Part): FormIssue[] {
  return rules.flatMap((rule) => rule(part));
}

/** What has not even the right shape is not looked at further; the document has said so. */
function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> | undefined {
  const parsed = schema.safeParse(body ?? {});
  return parsed.success ? parsed.data : undefined;
}

type Message = Pick<MessagePart, 'place'> & { readonly before: Sent['before']; readonly isDeferred?: boolean };

function messageIssues({ rules, sent, body }: Case, { place, before, isDeferred = false }: Message): FormIssue[] {
  const message = read(messageCreate, body);
  if (!message) return [];
  const after = draftOf(before, message);
  return [
    ...all(rules.message, { place, isDeferred, body: message, after, files: sent.files ?? 0 }),
    ...all(rules.components, message.components ?? []),
  ];
}

function modalIssues({ rules, body }: Case): FormIssue[] {
  const modal = read(modalBody, body);
  return modal ? [...all(rules.modal, modal), ...all(rules.components, modal.components)] : [];
}

function choiceIssues({ rules, body }: Case): FormIssue[] {
  const choices = read(choicesBody, body);
  return choices ? all(rules.choices, choices) : [];
}

function commandIssues({ rules, body }: Case, isInGuild: boolean): FormIssue[] {
  const list = read(commandList, body);
  return list ? all(rules.commands, { list, isInGuild }) : [];
}

function dataIssues(given: Case, type: number): FormIssue[] {
  const place = 'webhook';
  if (type === CALLBACK.MESSAGE) return messageIssues(given, { place, before: undefined });
  if (type === CALLBACK.DEFERRED_MESSAGE) return messageIssues(given, { place, before: undefined, isDeferred: true });
  if (type === CALLBACK.UPDATE) return messageIssues(given, { place, before: given.sent.before });
  if (type === CALLBACK.CHOICES) return choiceIssues(given);
  return type === CALLBACK.MODAL ? modalIssues(given) : [];
}

const below = (path: Path, issues: readonly FormIssue[]): FormIssue[] =>
  issues.map((one) => ({ ...one, path: [...path, ...one.path] }));

function callbackIssues(given: Case): FormIssue[] {
  const callback = read(callbackBody, given.body);
  return callback ? below(['data'], dataIssues({ ...given, body: callback.data }, callback.type)) : [];
}

function meaningIssues(given: Case, { kind }: Operation): readonly FormIssue[] {
  const { before } = given.sent;
  if (kind === 'message') return messageIssues(given, { place: 'channel', before });
  if (kind === 'webhook message') return messageIssues(given, { place: 'webhook', before });
  if (kind === 'callback') return callbackIssues(given);
  return kind === 'other' ? [] : commandIssues(given, kind === 'guild commands');
}

const unmapped = ({ method, route }: Sent): FormIssue =>
  issue([], 'SANDBOX_UNKNOWN_OPERATION', `The judge knows no body of ${method} ${route}, so it takes none.`);

/**
 * A request of the bot is held against three things: the schema of its operation in Discord's own document; that body
 * without what the schema knows, which must be nothing; and the rules that the document lacks. The rules come as a
 * list, so that a test can show what each is there for.
 */
export function createJudge(rules: Rules = RULES): Judge {
  return (sent) => {
    const operation = operationOf(sent.method, sent.route);
    if (!operation) return sent.body == null ? [] : [unmapped(sent)];
    const body = mended(operation.kind, sent.body ?? {});
    const issues = all(rules.body, { operation, body });
    return issues.length > 0 ? issues : meaningIssues({ rules, sent, body: sent.body }, operation);
  };
}
