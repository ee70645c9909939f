import type { APIEmbed } from 'discord-api-types/v10';
import { COLOR } from './cards/face.ts';
import { codeBlock, visible } from './text.ts';
import { words } from './words/words.ts';

/**
 * A message holds 2000 characters of content and 6000 in all its embeds: room for the longest prompt that may be asked
 * for, and its fences. Of one that made harmless became longer than that, as many characters as fit.
 */
const CONTENT = 2000;
const EMBEDS = [2990, 2990];
/** For the line that counts what did not fit. */
const REST = 60;

/** Never between the halves of a surrogate pair. */
const wholeEnd = (text: string, end: number) => end - Number(/[\uDC00-\uDFFF]/.test(text[end] ?? ''));

function nextBlock(text: string, room: number) {
  let taken = wholeEnd(text, Math.min(text.length, room - 8));
  for (;;) {
    const block = codeBlock(text.slice(0, taken), Number.MAX_SAFE_INTEGER);
    if (block.length <= room) return { block, taken };
    taken = wholeEnd(text, Math.min(taken - 1, Math.floor((taken * room) / block.length)));
  }
}

/** Each block as full as it can be; what does not fit is left over. */
function blocksOf(text: string, rooms: readonly number[]): { readonly blocks: string[]; readonly left: number } {
  const blocks: string[] = [];
  let rest = text;
  for (const room of rooms) {
    if (rest === '') break;
    const { block, taken } = nextBlock(rest, room);
    blocks.push(block);
    rest = rest.slice(taken);
  }
  return { blocks, left: rest.length };
}

/** A foreign text as it was written, below a sentence of ours. */
export function wholeText(lead: string, text: string): { readonly content: string; readonly embeds: APIEmbed[] } {
  const { blocks, left } = blocksOf(visible(text), [CONTENT - lead.length - REST - 2, ...EMBEDS]);
  const [first = '', ...rest] = blocks;
  const cutLine = left > 0 ? `\n-# ${words().door.doesNotFit(left)}` : '';
  return {
    content: `${lead}\n${first}${cutLine}`,
    embeds: rest.map((description) => ({ color: COLOR.going, description })),
  };
}
