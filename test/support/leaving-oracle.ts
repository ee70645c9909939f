import { scrub } from '#kernel/scrub.ts';
import { wrongsOf } from './markdown-oracle.ts';
import { type Leaving, OURS } from './surfaces.ts';

/** Beside our own mark behind an @, and what has its own tests: joiners, the emoji selector, flags, line ends. */
const UNSEEN = /(?!\u200B|\u200C|\u200D|\uFE0F|\n|\t|[\u{E0061}-\u{E007F}])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{DI}]/u;

function allowedProblems(allowed: unknown): string[] {
  const {
    parse,
    users = [],
    roles = [],
  } = (allowed ?? {}) as { parse?: unknown[]; users?: string[]; roles?: string[] };
  return [
    ...(Array.isArray(parse) && parse.length === 0 ? [] : ['it parses mentions']),
    ...[...users, ...roles].filter((id) => !OURS.ids.includes(id)).map((id) => `it allows a ping of ${id}`),
  ];
}

/** What is wrong with a message by every rule for texts that leave. */
export function wrongsOfLeaving({ surfaces, allowed }: Leaving): string[] {
  return [
    ...allowedProblems(allowed),
    ...surfaces.flatMap(({ text, isPlain }) => [
      ...(isPlain ? (text.match(/@(?:everyone|here)/gi) ?? []) : wrongsOf(text, OURS)),
      ...(text.match(UNSEEN) ?? []).map((one) => `unseen U+${one.codePointAt(0)?.toString(16)}`),
      ...(text.isWellFormed() ? [] : ['torn']),
      ...(scrub(text) === text ? [] : ['a secret']),
    ]),
  ];
}
