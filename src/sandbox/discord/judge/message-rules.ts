import { COMPONENT, everyComponent } from '#sandbox/discord/components.ts';
import { FLAG } from '#sandbox/discord/model.ts';
import { embedSaysSomething } from './embed-rules.ts';
import { doubled, isBlank, issue, type MessagePart, type Rule, sizeOf, when } from './rule.ts';

const MAX_CONTENT = 2000;
const MAX_ROWS = 5;
const MAX_COMPONENTS_V2 = 40;
const MAX_TEXT_V2 = 4000;
export const EMPTY = 'SANDBOX_EMPTY_MESSAGE';

const isV2 = ({ after }: MessagePart) => (after.flags & FLAG.COMPONENTS_V2) !== 0;

/** The document says 4000, which is what people with Nitro may write. */
const contentUpTo2000: Rule<MessagePart> = ({ body }) =>
  when(
    sizeOf(body.content ?? '') > MAX_CONTENT,
    issue(['content'], 'BASE_TYPE_MAX_LENGTH', `Must be ${MAX_CONTENT} or fewer in length.`),
  );

const saysSomething: Rule<MessagePart> = ({ after, isDeferred, files }) => {
  const { content, embeds, components, attachments } = after;
  const parts = embeds.filter(embedSaysSomething).length + components.length + attachments.length + files.length;
  return when(!isDeferred && isBlank(content) && parts === 0, issue([], EMPTY, 'Cannot send an empty message'));
};

const upTo5Rows: Rule<MessagePart> = (part) =>
  when(
    !isV2(part) && part.after.components.length > MAX_ROWS,
    issue(['components'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 5 in length.'),
  );

const onlyRowsWithoutV2: Rule<MessagePart> = (part) =>
  part.after.components.flatMap(({ type }, at) =>
    when(
      !isV2(part) && type !== COMPONENT.ROW,
      issue(['components', at, 'type'], 'UNION_TYPE_CHOICES', 'Value of field "type" must be one of (1,).'),
    ),
  );

const v2HasNeitherContentNorEmbeds: Rule<MessagePart> = (part) =>
  (['content', 'embeds'] as const).flatMap((key) =>
    when(
      isV2(part) && part.after[key].length > 0,
      issue(
        [key],
        'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
        `The '${key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
      ),
    ),
  );

const v2UpTo40Components: Rule<MessagePart> = (part) =>
  when(
    isV2(part) && everyComponent(part.after.components).length > MAX_COMPONENTS_V2,
    issue(
      ['components'],
      'COMPONENT_MAX_TOTAL_COUNT_EXCEEDED',
      `${MAX_COMPONENTS_V2} components at most, nested ones too`,
    ),
  );

const v2UpTo4000InSum: Rule<MessagePart> = (part) => {
  const texts = everyComponent(part.after.components).filter(({ type }) => type === COMPONENT.TEXT_DISPLAY);
  const length = texts.reduce((sum, { content }) => sum + sizeOf(content), 0);
  const sentence = `The text of all components must be ${MAX_TEXT_V2} or fewer in length.`;
  return when(isV2(part) && length > MAX_TEXT_V2, issue(['components'], 'COMPONENT_MAX_TOTAL_TEXT_EXCEEDED', sentence));
};

const mentionsEitherParsedOrListed: Rule<MessagePart> = ({ body: { allowed_mentions: allowed } }) =>
  (['users', 'roles'] as const).flatMap((kind) =>
    when(
      allowed?.parse?.includes(kind) === true && (allowed[kind]?.length ?? 0) > 0,
      issue(
        ['allowed_mentions'],
        'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
        `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
      ),
    ),
  );

const mentionsListedOnce: Rule<MessagePart> = ({ body: { allowed_mentions: allowed } }) =>
  (['parse', 'users', 'roles'] as const).flatMap((kind) =>
    doubled(allowed?.[kind] ?? []).map((at) =>
      issue(['allowed_mentions', kind, at], 'SET_TYPE_ALREADY_CONTAINS_VALUE', 'The set already contains this value.'),
    ),
  );

const ephemeralOnlyInAnswers: Rule<MessagePart> = ({ place, body }) =>
  when(
    place === 'channel' && ((body.flags ?? 0) & FLAG.EPHEMERAL) !== 0,
    issue(['flags'], 'MESSAGE_FLAGS_INVALID', 'Ephemeral messages exist only in answer to an interaction'),
  );

/** Whether the later message is ephemeral is all that can be said now; its other flags go with its edit. */
const deferredIsEphemeralOrNot: Rule<MessagePart> = ({ isDeferred, body }) =>
  when(
    isDeferred && ((body.flags ?? 0) & ~FLAG.EPHEMERAL) !== 0,
    issue(
      ['flags'],
      'SANDBOX_DEFERRED_FLAGS',
      'Discord takes no flag but EPHEMERAL here; the sandbox is strict about it.',
    ),
  );

/** discord.js may add what is switched off. */
const deferredSaysNothingYet: Rule<MessagePart> = ({ isDeferred, body }) =>
  Object.entries(isDeferred ? body : {}).flatMap(([key, value]) =>
    when(
      key !== 'flags' && value != null && value !== false,
      issue(
        [key],
        'SANDBOX_IGNORED',
        `Discord would ignore "${key}" of an answer that comes later; the sandbox is stricter on purpose.`,
      ),
    ),
  );

/** Of what a body says for itself, and of the message that would come of it. */
export const MESSAGE_RULES = [
  contentUpTo2000,
  saysSomething,
  upTo5Rows,
  onlyRowsWithoutV2,
  v2HasNeitherContentNorEmbeds,
  v2UpTo40Components,
  v2UpTo4000InSum,
  mentionsEitherParsedOrListed,
  mentionsListedOnce,
  ephemeralOnlyInAnswers,
  deferredIsEphemeralOrNot,
  deferredSaysNothingYet,
];
