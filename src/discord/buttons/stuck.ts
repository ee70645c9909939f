import { isLink, linkButton, rowsOf } from '#discord/cards/body.ts';
import { FOR_JULES } from '#discord/for-jules.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse, tell } from '#discord/reply.ts';
import { words } from '#discord/words/words.ts';
import { taskId } from '#kernel/ids.ts';
import { type SalvageOutcome, salvagePatch } from '#tasks/salvage-patch.ts';
import type { TaskView } from '#tasks/task.ts';
import type { Button } from './press.ts';
import { instruct, split } from './steer.ts';

const telling = <Verb extends 'nudge' | 'publish'>(kind: Verb, text: string): Button<Verb> => ({
  operation: 'task.steer',
  run: (context, { target }) => {
    const { task, about } = split(target);
    return instruct(context, { taskId: task, kind, text, about });
  },
});

export const nudge = telling('nudge', FOR_JULES.nudge);
export const publish = telling('publish', FOR_JULES.publish);

const toJules = ({ session }: TaskView) =>
  isLink(session?.url) ? rowsOf([linkButton(words().buttons.openInJules, session.url)]) : [];

function salvaged(outcome: SalvageOutcome): Reply {
  switch (outcome.kind) {
    case 'posted':
      return tell(words().steer.patch.posted(outcome.task.number));
    case 'too_large':
      return tell(words().steer.patch.tooLarge(outcome.task.number, outcome.chars), toJules(outcome.task));
    case 'no_patch':
      return refuse(outcome.kind, words().steer.patch.none);
    case 'unknown_task':
      return refuse(outcome.kind, words().ask.unknownTask);
    default:
      return refusedByGate(outcome);
  }
}

export const getPatch: Button<'get_patch'> = {
  operation: 'task.read',
  run: async ({ rpc, actor }, { target }) => salvaged(await salvagePatch(rpc, actor, taskId(target))),
};
