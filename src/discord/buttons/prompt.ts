import { allow, NOBODY } from '#discord/cards/body.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse } from '#discord/reply.ts';
import { hiddenCharacters } from '#discord/text.ts';
import { wholeText } from '#discord/whole-text.ts';
import { words } from '#discord/words/words.ts';
import { taskId } from '#kernel/ids.ts';
import { showPrompt } from '#tasks/read-task.ts';
import type { Button } from './press.ts';

function wholePrompt(number: number, prompt: string): Reply {
  const hidden = hiddenCharacters(prompt);
  const said = words().ask.prompt;
  const lead = hidden > 0 ? said.hidden(number, prompt.length, hidden) : said.whole(number, prompt.length);
  const body = wholeText(lead, prompt);
  return { kind: 'message', ephemeral: true, body: { ...body, allowed_mentions: allow(NOBODY) } };
}

export const prompt: Button<'prompt'> = {
  operation: 'task.read',
  async run({ rpc, actor }, { target }) {
    const outcome = await showPrompt(rpc, actor, taskId(target));
    if (outcome.kind === 'prompt') return wholePrompt(outcome.number, outcome.prompt);
    if (outcome.kind === 'unknown_task') return refuse(outcome.kind, words().ask.unknownTask);
    return refusedByGate(outcome);
  },
};
