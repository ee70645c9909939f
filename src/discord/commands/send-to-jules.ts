import { openAskDialog } from '#discord/ask-dialog.ts';
import type { MessageCommand } from '#discord/command.ts';
import { refuse } from '#discord/reply.ts';
import { promptFrom } from '#discord/said-message.ts';
import { words } from '#discord/words/words.ts';

export const sendToJules: MessageCommand = {
  name: 'Send to Jules',
  description: 'In the menu of a message: opens the dialog for a task, with the message quoted in it',
  operation: 'task.create',
  async run(context, message) {
    const prompt = promptFrom(message, context.actor.guild);
    if (prompt !== null) return openAskDialog(context, { prompt });
    return refuse('no_text', words().door.noText);
  },
};
