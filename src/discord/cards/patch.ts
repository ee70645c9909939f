import { words } from '#discord/words/words.ts';
import { countSecrets, scrub } from '#kernel/scrub.ts';
import type { TaskView } from '#tasks/task.ts';
import { type MessageBody, NOBODY } from './body.ts';
import { isPerson, person, saying } from './note-body.ts';

type Patch = {
  readonly by?: string | null | undefined;
  readonly chars?: number | null | undefined;
  readonly base_commit?: string | null | undefined;
  readonly file?: string | null | undefined;
};

/** Git takes a patch whose last line has no end for a broken one. */
const ended = (text: string) => (text.endsWith('\n') ? text : `${text}\n`);

/**
 * The last patch of a session as a file, byte for byte as Jules made it: what makes other texts harmless would break it.
 * Only secrets are masked in it, and then it is said that it does not apply there.
 */
export function patchNote({ number }: TaskView, { by, chars, base_commit: base, file }: Patch): MessageBody {
  const name = `task-${number}.patch`;
  const whole = ended(file ?? '');
  const hidden = countSecrets(whole);
  const from = base && /^[0-9a-f]{7,64}$/.test(base) ? ` ${base}` : '';
  const { head, headTo, noBase, masked } = words().told.patch;
  const size = chars ?? whole.length;
  const lines = [
    by ? headTo(`<@${by}>`, number, size) : head(number, size),
    `\`\`\`sh\ngit fetch && git switch -c jules/task-${number}${from}\ngit apply --3way ${name}\n\`\`\``,
    ...(from ? [] : [`-# ${noBase}`]),
    ...(hidden > 0 ? [masked(hidden)] : []),
  ];
  const body = saying(lines.join('\n'), by && isPerson(by) ? person(by) : NOBODY);
  return { ...body, files: [{ name, text: scrub(whole) }] };
}
