import { allow, NOBODY } from '#discord/cards/body.ts';
import { counted } from '#discord/cards/clip.ts';
import { COLOR } from '#discord/cards/face.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse } from '#discord/reply.ts';
import { codeBlock, hiddenCharacters, visible } from '#discord/text.ts';
import { taskId } from '#kernel/ids.ts';
import { showPrompt } from '#tasks/read-task.ts';
import type { Button } from './press.ts';

/**
 * A message holds 2000 characters of content and 6000 in all its embeds: room for the longest prompt that may be asked
 * for, and its fences. Of one that made harmless became longer than that, as many characters as fit.
 */
const ROOMS = [1850, 2990, 2990];

/** Each block as full as it can be; what does not fit is left over. */
function blocksOf(text: string): { readonly blocks: string[]; readonly left: number } {
  const blocks: string[] = [];
  let rest = text;
  for (const room of ROOMS) {
    if (rest === '') break;
    const { block, taken } = nextBlock(rest, room);
    blocks.push(block);
    rest = rest.slice(taken);
  }
  return { blocks, left: rest.length };
}

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

function wholePrompt(number: number, prompt: string): Reply {
  const hidden = hiddenCharacters(prompt);
  const size = `${prompt.length} characters${hidden > 0 ? `, ${hidden} of them hidden and left out here` : ''}`;
  const { blocks, left } = blocksOf(visible(prompt));
  const [first = '', ...rest] = blocks;
  const cutLine = left > 0 ? `\n-# … ${counted(left, 'more character')} than a message can hold` : '';
  return {
    kind: 'message',
    ephemeral: true,
    body: {
      content: `The prompt of task #${number} (${size}):\n${first}${cutLine}`,
      embeds: rest.map((description) => ({ color: COLOR.going, description })),
      allowed_mentions: allow(NOBODY),
    },
  };
}

export const prompt: Button<'prompt'> = {
  operation: 'task.read',
  async run({ rpc, actor }, { target }) {
    const outcome = await showPrompt(rpc, actor, taskId(target));
    if (outcome.kind === 'prompt') return wholePrompt(outcome.number, outcome.prompt);
    if (outcome.kind === 'unknown_task') {
      return refuse('unknown_task', 'There is no such task in this server. It may belong to another one.');
    }
    return refusedByGate(outcome);
  },
};
