import { allow, NOBODY } from '#discord/cards/body.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse } from '#discord/reply.ts';
import { hiddenCharacters } from '#discord/text.ts';
import { wholeText } from '#discord/whole-text.ts';
import { taskId } from '#kernel/ids.ts';
import { showPrompt } from '#tasks/read-task.ts';
import type { Button } from './press.ts';

function wholePrompt(number: number, prompt: string): Reply {
  const hidden = hiddenCharacters(prompt);
  const size = `${prompt.length} characters${hidden > 0 ? `, ${hidden} of them hidden and left out here` : ''}`;
  const body = wholeText(`The prompt of task #${number} (${size}):`, prompt);
  return { kind: 'message', ephemeral: true, body: { ...body, allowed_mentions: allow(NOBODY) } };
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
