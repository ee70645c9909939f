import { type BodyPart, isBlank, issue, type Rule, required, when } from './rule.ts';

function textIn(body: unknown, key: string): string | undefined {
  const value: unknown = new Map(Object.entries(body ?? {})).get(key);
  return typeof value === 'string' ? value : undefined;
}

/** Of a webhook's message, which may be signed with another name. */
const namesNotDiscord: Rule<BodyPart> = ({ operation, body }) =>
  ['discord', 'clyde'].flatMap((word) =>
    when(
      operation.kind === 'webhook message' && (textIn(body, 'username') ?? '').toLowerCase().includes(word),
      issue(['username'], 'USERNAME_INVALID_CONTAINS', `Username cannot contain "${word}"`),
    ),
  );

/** Of a channel or thread. */
const placesAreNamed: Rule<BodyPart> = ({ operation, body }) => {
  const name = textIn(body, 'name');
  return when(operation.kind === 'other' && name !== undefined && isBlank(name), required(['name']));
};

export const NAME_RULES = [namesNotDiscord, placesAreNamed];
