import { allow, NOBODY } from '#discord/cards/body.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse } from '#discord/reply.ts';
import { codeBlock, hiddenCharacters, visible } from '#discord/text.ts';
import { taskId } from '#kernel/ids.ts';
import { showPrompt } from '#tasks/read-task.ts';
import type { Button } from './press.ts';

/**
 * A message holds 2000 characters of content and 6000 in all its embeds: room for the longest prompt, its fences, and
 * what making backticks harmless adds.
 */
const PARTS = [1750, 2150, 2150];

/** Never between the halves of a surrogate pair. */
function parts(text: string): string[] {
  const found: string[] = [];
  let from = 0;
  for (const size of PARTS) {
    const end = from + size - Number(/[\uDC00-\uDFFF]/.test(text[from + size] ?? ''));
    if (from < text.length) found.push(text.slice(from, end));
    from = end;
  }
  return found;
}

function wholePrompt(number: number, prompt: string): Reply {
  const hidden = hiddenCharacters(prompt);
  const size = `${prompt.length} characters${hidden > 0 ? `, ${hidden} of them hidden and left out here` : ''}`;
  const [first = '', ...rest] = parts(visible(prompt));
  return {
    kind: 'message',
    ephemeral: true,
    body: {
      content: `The prompt of task #${number} (${size}):\n${codeBlock(first, 1900)}`,
      embeds: rest.map((part) => ({ color: 0x3498db, description: codeBlock(part, 2990) })),
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
