import { cut, visible } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';

/** A foreign text in its written form, and how much of it that is: what is left out is always counted. */
export type Clip = { readonly text: string; readonly shown: number; readonly whole: number };

export type ClipWish = {
  /** Makes the text harmless, by which it may become longer; `max` is never what limits it here. */
  readonly write: (text: string, max: number) => string;
  /** For the written form. */
  readonly room: number;
  readonly most?: number;
  readonly lines?: number;
  /** What it had been before somebody stored only its beginning. */
  readonly chars?: number | null | undefined;
};

function atLine(text: string, lines: number): number {
  let at = -1;
  for (let line = 0; line < lines; line += 1) {
    at = text.indexOf('\n', at + 1);
    if (at < 0) return text.length;
  }
  return at;
}

/** As its writer will see it: what stands around a masked value may look like another one. */
export function seen(text: string): string {
  const once = visible(text).trim();
  const twice = visible(once).trim();
  return twice === once ? once : seen(twice);
}

/** As much of a text as fits. The writers of `text.ts` shorten too, but cannot say by how much. */
export function clip(
  text: string,
  { write, room, most = room, lines = Number.POSITIVE_INFINITY, chars }: ClipWish,
): Clip {
  const all = seen(text);
  const whole = Math.max(all.length, chars ?? 0);
  let size = Math.min(most, room, Number.isFinite(lines) ? atLine(all, lines) : all.length);
  for (;;) {
    const piece = all.length > size ? cut(all, size + 1) : all;
    const written = write(piece, Number.MAX_SAFE_INTEGER);
    if (written.length <= room || size <= 0) {
      return { text: written, shown: piece === all ? all.length : piece.length - 1, whole };
    }
    size = Math.min(size - 1, Math.floor((size * room) / written.length));
  }
}

/** `… 2,300 more characters`, in small print, where something was left out. */
export function restOf({ shown, whole }: Clip, where = ''): string[] {
  const { rest, restAt } = words().clipped;
  if (shown >= whole) return [];
  return [`-# ${where ? restAt(whole - shown, where) : rest(whole - shown)}`];
}
