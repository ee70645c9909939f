import type { z } from 'zod';
import { commandList } from '#sandbox/discord/command-body.ts';
import { type FormIssue, formIssuesOf } from '#sandbox/discord/errors.ts';
import { callbackBody, choicesBody, messageCreate, modalBody } from '#sandbox/discord/message-body.ts';
import { CALLBACK } from '#sandbox/discord/model.ts';
import { CALLBACK_RULES } from './callback-rules.ts';
import { COMMAND_RULES } from './command-rules.ts';
import { COMPONENT_RULES } from './component-rules.ts';
import { draftOf } from './draft.ts';
import { EMBED_RULES } from './embed-rules.ts';
import { mended } from './false-alarms.ts';
import { MESSAGE_RULES } from './message-rules.ts';
import { CHOICE_RULES, MODAL_RULES } from './modal-rules.ts';
import { NAME_RULES } from './name-rules.ts';
import { type Operation, operationOf } from './operations.ts';
import { issue, type Judge, type MessagePart, type Path, type Rule, type Rules, type Sent } from './rule.ts';
import { fitsTheDocument, namesOnlyKnownKeys } from './spec.ts';
import { UPLOAD_RULES } from './upload-rules.ts';

export const RULES: Rules = {
  body: [fitsTheDocument, namesOnlyKnownKeys, ...NAME_RULES],
  callback: CALLBACK_RULES,
  message: [...MESSAGE_RULES, ...EMBED_RULES, ...UPLOAD_RULES],
  components: COMPONENT_RULES,
  modal: MODAL_RULES,
  choices: CHOICE_RULES,
  commands: COMMAND_RULES,
};

type Case = { readonly rules: Rules; readonly sent: Sent; readonly body: unknown };

function all<Part>(rules: readonly Rule<Part>[], part: Part): FormIssue[] {
  return rules.flatMap((rule) => rule(part));
}

const notSimulated = ({ path, message }: FormIssue): FormIssue => ({
  path,
  code: 'SANDBOX_NOT_SIMULATED',
  message: `The sandbox does not simulate this, though the document allows it: ${message}`,
});

type Look<Schema extends z.ZodType> = (value: z.output<Schema>) => readonly FormIssue[];

/** A body that the sandbox cannot read has no meaning to judge, so it must not pass as one without mistakes. */
function read<Schema extends z.ZodType>(schema: Schema, body: unknown, look: Look<Schema>): readonly FormIssue[] {
  const parsed = schema.safeParse(body ?? {});
  return parsed.success ? look(parsed.data) : formIssuesOf(parsed.error).map(notSimulated);
}

type Message = Pick<MessagePart, 'place'> & { readonly before: Sent['before']; readonly isDeferred?: boolean };

function messageIssues({ rules, sent, body }: Case, { place, before, isDeferred = false }: Message) {
  return read(messageCreate, body, (message) => {
    const after = draftOf(before, message);
    return [
      ...all(rules.message, { place, isDeferred, body: message, after, files: sent.files ?? [] }),
      ...all(rules.components, message.components ?? []),
    ];
  });
}

const modalIssues = ({ rules, body }: Case) =>
  read(modalBody, body, (modal) => [...all(rules.modal, modal), ...all(rules.components, modal.components)]);

const choiceIssues = ({ rules, body }: Case) => read(choicesBody, body, (choices) => all(rules.choices, choices));

const commandIssues = ({ rules, body }: Case, isInGuild: boolean) =>
  read(commandList, body, (list) => all(rules.commands, { list, isInGuild }));

function dataIssues(given: Case, type: number): readonly FormIssue[] {
  const place = 'webhook';
  if (type === CALLBACK.MESSAGE) return messageIssues(given, { place, before: undefined });
  if (type === CALLBACK.DEFERRED_MESSAGE) return messageIssues(given, { place, before: undefined, isDeferred: true });
  if (type === CALLBACK.UPDATE) return messageIssues(given, { place, before: given.sent.before });
  if (type === CALLBACK.CHOICES) return choiceIssues(given);
  return type === CALLBACK.MODAL ? modalIssues(given) : [];
}

const below = (path: Path, issues: readonly FormIssue[]): FormIssue[] =>
  issues.map((one) => ({ ...one, path: [...path, ...one.path] }));

const callbackIssues = (given: Case) =>
  read(callbackBody, given.body, (callback) => [
    ...all(given.rules.callback, callback),
    ...below(['data'], dataIssues({ ...given, body: callback.data }, callback.type)),
  ]);

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
