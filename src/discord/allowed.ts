import type { AllowedMentions } from './cards/body.ts';

type Body = { readonly allowed_mentions?: unknown };

const isList = (value: unknown) => value === undefined || Array.isArray(value);

function isExplicit(value: unknown): value is AllowedMentions {
  if (typeof value !== 'object' || value === null || !('parse' in value)) return false;
  const { parse, users, roles } = value as Record<string, unknown>;
  return Array.isArray(parse) && parse.length === 0 && isList(users) && isList(roles);
}

/**
 * Who may be pinged by a body. Discord's default is everybody who is mentioned in it, also by an edit, so a body that
 * does not name them one by one is a defect and never leaves.
 */
export function allowedBy(body: Body): AllowedMentions {
  if (!isExplicit(body.allowed_mentions)) {
    throw new TypeError('A message says nothing of whom it may ping (allowed_mentions: {parse: []} and explicit ids).');
  }
  return body.allowed_mentions;
}
