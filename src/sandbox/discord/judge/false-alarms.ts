import type { Kind } from './operations.ts';
import type { Path } from './rule.ts';

type FalseAlarm = {
  readonly because: string;
  readonly concerns: (at: { readonly path: Path; readonly value: unknown; readonly kind: Kind }) => boolean;
  /** What the schemas would rather have seen; undefined leaves the key out. */
  readonly instead: (value: unknown) => unknown;
};

/** What has two UTF-16 units. */
const ASTRAL = /[\u{10000}-\u{10ffff}]/u;

/** What Discord takes although its OpenAPI document, which calls itself a preview, does not say so. */
const FALSE_ALARMS: readonly FalseAlarm[] = [
  {
    because: 'permissions are bit sets in text; the document says integer, the reference and the typings say string',
    concerns: ({ path, value }) =>
      path.at(-1) === 'default_member_permissions' && typeof value === 'string' && /^\d+$/.test(value),
    instead: Number,
  },
  {
    because: 'an upload is referred to by its number, 0 for files[0]; the document says string',
    concerns: ({ path, value }) =>
      path.at(-3) === 'attachments' && path.at(-1) === 'id' && Number.isInteger(value) && Number(value) >= 0,
    instead: String,
  },
  {
    because: 'ISO 8601 allows an offset; the generated schema takes times in Z alone',
    concerns: ({ path, value }) =>
      path.at(-1) === 'timestamp' && typeof value === 'string' && /T.*[+-]\d\d:\d\d$/.test(value),
    instead: (value) => {
      const at = new Date(String(value));
      return Number.isNaN(at.getTime()) ? value : at.toISOString();
    },
  },
  {
    because: 'Discord counts code points; the generated schema counts UTF-16 units, of which an emoji has two',
    concerns: ({ value }) => typeof value === 'string' && ASTRAL.test(value),
    // A letter is right wherever such a character is: in a word, a name, a host.
    instead: (value) => String(value).replace(new RegExp(ASTRAL, 'gu'), '字'),
  },
  {
    because: 'discord.js adds these to all that it sends by token, switched off',
    concerns: ({ path, value, kind }) =>
      value === false && /^(webhook message|callback)$/.test(kind) && /^(tts|enforce_nonce)$/.test(String(path.at(-1))),
    instead: () => undefined,
  },
  {
    because: 'the reference of application commands has nsfw; the document forgot it',
    concerns: ({ path, value, kind }) =>
      kind.endsWith('commands') && path.length === 2 && path[1] === 'nsfw' && typeof value === 'boolean',
    instead: () => undefined,
  },
];

/** The body with every false alarm mended. */
export function mended(kind: Kind, value: unknown, path: Path = []): unknown {
  const alarm = FALSE_ALARMS.find(({ concerns }) => concerns({ path, value, kind }));
  if (alarm) return alarm.instead(value);
  if (Array.isArray(value)) return value.map((one, at) => mended(kind, one, [...path, at]));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, mended(kind, one, [...path, key])] as const);
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined));
}
