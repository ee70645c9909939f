import { type BodyPart, issue, type Rule, when } from './rule.ts';

const nameIn = (body: unknown): string =>
  typeof body === 'object' && body !== null && 'username' in body ? String(body.username) : '';

/** Of a webhook's message, which may be signed with another name. */
export const namesNotDiscord: Rule<BodyPart> = ({ operation, body }) =>
  ['discord', 'clyde'].flatMap((word) =>
    when(
      operation.kind === 'webhook message' && nameIn(body).toLowerCase().includes(word),
      issue(['username'], 'USERNAME_INVALID_CONTAINS', `Username cannot contain "${word}"`),
    ),
  );
